package io.nvmf.spec;

import static io.nvmf.spec.Retry.AMBIGUOUS;
import static io.nvmf.spec.Retry.OTHER_PATH;
import static io.nvmf.spec.Retry.REFRESH_ANA;
import static io.nvmf.spec.Retry.SAME_PATH;
import static io.nvmf.spec.StatusCodeGroup.ADMIN_COMMAND;
import static io.nvmf.spec.StatusCodeGroup.ANY_COMMAND;
import static io.nvmf.spec.StatusCodeGroup.FABRICS_COMMAND;
import static io.nvmf.spec.StatusCodeGroup.GENERIC;
import static io.nvmf.spec.StatusCodeGroup.GENERIC_ADMIN;
import static io.nvmf.spec.StatusCodeGroup.GENERIC_KV;
import static io.nvmf.spec.StatusCodeGroup.MEDIA;
import static io.nvmf.spec.StatusCodeGroup.NVM_COMMAND;
import static io.nvmf.spec.StatusCodeGroup.PATH;
import static io.nvmf.spec.StatusCodeGroup.ZNS_COMMAND;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The status codes of the NVMe documents in one table: group, code, what kind of retry can help if any can, and a text.
 *
 * <p>Command specific codes from 80h on mean one thing for Fabrics commands and another for I/O commands; this is why
 * the group has a command set besides the type.
 */
public enum StatusCode {
    /** Generic 00h. */
    SUCCESS(GENERIC, 0x00, "The command completed without error."),
    /** Generic 01h. */
    INVALID_COMMAND_OPCODE(GENERIC, 0x01, "The controller does not support this opcode."),
    /** Generic 02h. */
    INVALID_FIELD(GENERIC, 0x02, "A field of the command has a reserved or unsupported value."),
    /** Generic 03h. */
    COMMAND_ID_CONFLICT(GENERIC, 0x03, "The command identifier is already in use on this queue."),
    /** Generic 04h. */
    DATA_TRANSFER_ERROR(GENERIC, 0x04, AMBIGUOUS, "Moving data or metadata of the command failed."),
    /** Generic 05h. */
    ABORTED_POWER_LOSS(GENERIC, 0x05, OTHER_PATH, "The command was aborted because power is about to be lost."),
    /** Generic 06h. */
    INTERNAL_ERROR(GENERIC, 0x06, SAME_PATH, "The controller failed internally."),
    /** Generic 07h. */
    ABORT_REQUESTED(GENERIC, 0x07, AMBIGUOUS, "The command was aborted on request."),
    /** Generic 08h. */
    ABORTED_SQ_DELETION(GENERIC, 0x08, OTHER_PATH, "The command was aborted because its submission queue was deleted."),
    /** Generic 09h. */
    ABORTED_FAILED_FUSED(GENERIC, 0x09, "The command was aborted because its fused partner failed."),
    /** Generic 0Ah. */
    ABORTED_MISSING_FUSED(GENERIC, 0x0A, "The command was aborted because its fused partner is missing."),
    /** Generic 0Bh. */
    INVALID_NAMESPACE_OR_FORMAT(GENERIC, 0x0B, "The namespace or its format is invalid."),
    /** Generic 0Ch. */
    COMMAND_SEQUENCE_ERROR(GENERIC, 0x0C, "The command is not allowed in this order or state."),
    /** Generic 0Dh. */
    INVALID_SGL_SEGMENT_DESCRIPTOR(GENERIC, 0x0D, "An SGL segment descriptor is invalid."),
    /** Generic 0Eh. */
    INVALID_NUMBER_OF_SGL_DESCRIPTORS(GENERIC, 0x0E, "The number of SGL descriptors is invalid."),
    /** Generic 0Fh. */
    DATA_SGL_LENGTH_INVALID(GENERIC, 0x0F, "The length of the data SGL does not fit the command."),
    /** Generic 10h. */
    METADATA_SGL_LENGTH_INVALID(GENERIC, 0x10, "The length of the metadata SGL does not fit the command."),
    /** Generic 11h. */
    SGL_DESCRIPTOR_TYPE_INVALID(GENERIC, 0x11, "The type of an SGL descriptor is not supported here."),
    /** Generic 12h. */
    INVALID_USE_OF_CMB(GENERIC, 0x12, "The controller memory buffer may not be used this way."),
    /** Generic 13h. */
    PRP_OFFSET_INVALID(GENERIC, 0x13, "The offset of a PRP entry is invalid."),
    /** Generic 14h. */
    ATOMIC_WRITE_UNIT_EXCEEDED(GENERIC, 0x14, "The write is larger than the atomic write unit."),
    /** Generic 15h. */
    OPERATION_DENIED(GENERIC, 0x15, "The host lacks the rights for this operation."),
    /** Generic 16h. */
    SGL_OFFSET_INVALID(GENERIC, 0x16, "The offset of an SGL descriptor is invalid."),
    /** Generic 18h. */
    HOST_ID_INCONSISTENT_FORMAT(GENERIC, 0x18, "64-bit and 128-bit host identifiers were mixed."),
    /** Generic 19h. */
    KEEP_ALIVE_TIMER_EXPIRED(GENERIC, 0x19, OTHER_PATH, "The keep alive timer expired."),
    /** Generic 1Ah. */
    KEEP_ALIVE_TIMEOUT_INVALID(GENERIC, 0x1A, "The keep alive timeout value is not acceptable."),
    /** Generic 1Bh. */
    ABORTED_PREEMPT_AND_ABORT(GENERIC, 0x1B, "The command was aborted by a reservation preempt and abort."),
    /** Generic 1Ch. */
    SANITIZE_FAILED(GENERIC, 0x1C, "The last sanitize operation failed and blocks this command."),
    /** Generic 1Dh. */
    SANITIZE_IN_PROGRESS(GENERIC, 0x1D, SAME_PATH, "A running sanitize operation blocks this command."),
    /** Generic 1Eh. */
    SGL_DATA_BLOCK_GRANULARITY_INVALID(GENERIC, 0x1E, "The granularity of an SGL data block is invalid."),
    /** Generic 1Fh. */
    COMMAND_NOT_SUPPORTED_IN_CMB_QUEUE(
            GENERIC, 0x1F, "The command is not supported on a queue in the controller memory buffer."),
    /** Generic 20h. */
    NAMESPACE_WRITE_PROTECTED(GENERIC, 0x20, "The namespace is write protected."),
    /** Generic 21h. */
    COMMAND_INTERRUPTED(GENERIC, 0x21, SAME_PATH, "Processing was interrupted and the command can be sent again."),
    /** Generic 22h. */
    TRANSIENT_TRANSPORT_ERROR(GENERIC, 0x22, OTHER_PATH, "A transport error that may pass disturbed the command."),
    /** Generic 23h. */
    PROHIBITED_BY_LOCKDOWN(GENERIC, 0x23, "Command and feature lockdown prohibits the command."),
    /** Generic 24h. */
    ADMIN_MEDIA_NOT_READY(GENERIC_ADMIN, 0x24, SAME_PATH, "The media that the admin command needs is not ready."),
    /** Generic 25h. */
    INVALID_KEY_TAG(GENERIC, 0x25, "The key tag is invalid."),
    /** Generic 26h. */
    HOST_DISPERSED_NAMESPACE_NOT_ENABLED(GENERIC, 0x26, "The host did not enable dispersed namespace support."),
    /** Generic 27h. */
    HOST_ID_NOT_INITIALIZED(GENERIC, 0x27, "The host identifier was not set."),
    /** Generic 28h. */
    INCORRECT_KEY(GENERIC, 0x28, "The key is not the right one."),
    /** Generic 29h. */
    FDP_DISABLED(GENERIC, 0x29, "Flexible data placement is disabled in the endurance group."),
    /** Generic 2Ah. */
    INVALID_PLACEMENT_HANDLE_LIST(GENERIC, 0x2A, "The list of placement handles is invalid."),
    /** Generic 80h. */
    LBA_OUT_OF_RANGE(GENERIC, 0x80, "The command reaches beyond the size of the namespace."),
    /** Generic 81h. */
    CAPACITY_EXCEEDED(GENERIC, 0x81, "The command would use more than the capacity of the namespace."),
    /** Generic 82h. */
    NAMESPACE_NOT_READY(GENERIC, 0x82, SAME_PATH, "The namespace is not ready yet."),
    /** Generic 83h. */
    RESERVATION_CONFLICT(GENERIC, 0x83, "A reservation of another host forbids the command."),
    /** Generic 84h. */
    FORMAT_IN_PROGRESS(GENERIC, 0x84, SAME_PATH, "The namespace is being formatted."),
    /** Generic 85h. */
    KV_INVALID_VALUE_SIZE(GENERIC_KV, 0x85, "The size of the value is invalid."),
    /** Generic 86h. */
    KV_INVALID_KEY_SIZE(GENERIC_KV, 0x86, "The size of the key is invalid."),
    /** Generic 87h. */
    KV_KEY_DOES_NOT_EXIST(GENERIC_KV, 0x87, "The key does not exist."),
    /** Generic 88h. */
    KV_UNRECOVERED_ERROR(GENERIC_KV, 0x88, "The key value pair could not be recovered."),
    /** Generic 89h. */
    KV_KEY_EXISTS(GENERIC_KV, 0x89, "The key exists already."),
    /** Command specific 00h. */
    COMPLETION_QUEUE_INVALID(ADMIN_COMMAND, 0x00, "The completion queue does not exist."),
    /** Command specific 01h. */
    INVALID_QUEUE_ID(ADMIN_COMMAND, 0x01, "The queue identifier is invalid."),
    /** Command specific 02h. */
    INVALID_QUEUE_SIZE(ADMIN_COMMAND, 0x02, "The queue size is invalid."),
    /** Command specific 03h. */
    ABORT_COMMAND_LIMIT_EXCEEDED(
            ADMIN_COMMAND, 0x03, SAME_PATH, "More Abort commands are outstanding than the controller takes."),
    /** Command specific 05h. */
    ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED(
            ADMIN_COMMAND, 0x05, "More asynchronous event requests are outstanding than the controller takes."),
    /** Command specific 06h. */
    INVALID_FIRMWARE_SLOT(ADMIN_COMMAND, 0x06, "The firmware slot does not exist or is read only."),
    /** Command specific 07h. */
    INVALID_FIRMWARE_IMAGE(ADMIN_COMMAND, 0x07, "The firmware image is invalid."),
    /** Command specific 08h. */
    INVALID_INTERRUPT_VECTOR(ADMIN_COMMAND, 0x08, "The interrupt vector is invalid."),
    /** Command specific 09h. */
    INVALID_LOG_PAGE(ADMIN_COMMAND, 0x09, "The log page is invalid or not supported."),
    /** Command specific 0Ah. */
    INVALID_FORMAT(ADMIN_COMMAND, 0x0A, "The LBA format is invalid or not supported."),
    /** Command specific 0Bh. */
    FIRMWARE_NEEDS_CONVENTIONAL_RESET(ADMIN_COMMAND, 0x0B, "The firmware becomes active with a conventional reset."),
    /** Command specific 0Ch. */
    INVALID_QUEUE_DELETION(ADMIN_COMMAND, 0x0C, "The queue may not be deleted now."),
    /** Command specific 0Dh. */
    FEATURE_NOT_SAVEABLE(ADMIN_COMMAND, 0x0D, "The feature cannot be saved."),
    /** Command specific 0Eh. */
    FEATURE_NOT_CHANGEABLE(ADMIN_COMMAND, 0x0E, "The feature cannot be changed."),
    /** Command specific 0Fh. */
    FEATURE_NOT_NAMESPACE_SPECIFIC(ADMIN_COMMAND, 0x0F, "The feature is not specific to a namespace."),
    /** Command specific 10h. */
    FIRMWARE_NEEDS_SUBSYSTEM_RESET(ADMIN_COMMAND, 0x10, "The firmware becomes active with a subsystem reset."),
    /** Command specific 11h. */
    FIRMWARE_NEEDS_CONTROLLER_RESET(ADMIN_COMMAND, 0x11, "The firmware becomes active with a controller reset."),
    /** Command specific 12h. */
    FIRMWARE_NEEDS_MAX_TIME(ADMIN_COMMAND, 0x12, "Activating the firmware takes longer than the controller promises."),
    /** Command specific 13h. */
    FIRMWARE_ACTIVATION_PROHIBITED(ADMIN_COMMAND, 0x13, "Activating this firmware is prohibited."),
    /** Command specific 14h. */
    OVERLAPPING_RANGE(ADMIN_COMMAND, 0x14, "Ranges overlap."),
    /** Command specific 15h. */
    NAMESPACE_INSUFFICIENT_CAPACITY(ADMIN_COMMAND, 0x15, "There is not enough free capacity for the namespace."),
    /** Command specific 16h. */
    NAMESPACE_ID_UNAVAILABLE(ADMIN_COMMAND, 0x16, "No namespace identifier is free."),
    /** Command specific 18h. */
    NAMESPACE_ALREADY_ATTACHED(ADMIN_COMMAND, 0x18, "The namespace is attached to the controller already."),
    /** Command specific 19h. */
    NAMESPACE_IS_PRIVATE(ADMIN_COMMAND, 0x19, "The namespace is private to another controller."),
    /** Command specific 1Ah. */
    NAMESPACE_NOT_ATTACHED(ADMIN_COMMAND, 0x1A, "The namespace is not attached to the controller."),
    /** Command specific 1Bh. */
    THIN_PROVISIONING_NOT_SUPPORTED(ADMIN_COMMAND, 0x1B, "Thin provisioning is not supported."),
    /** Command specific 1Ch. */
    CONTROLLER_LIST_INVALID(ADMIN_COMMAND, 0x1C, "The controller list is invalid."),
    /** Command specific 1Dh. */
    SELF_TEST_IN_PROGRESS(ADMIN_COMMAND, 0x1D, SAME_PATH, "A device self-test is running."),
    /** Command specific 1Eh. */
    BOOT_PARTITION_WRITE_PROHIBITED(ADMIN_COMMAND, 0x1E, "The boot partition is write protected."),
    /** Command specific 1Fh. */
    INVALID_CONTROLLER_ID(ADMIN_COMMAND, 0x1F, "The controller identifier is invalid."),
    /** Command specific 20h. */
    INVALID_SECONDARY_CONTROLLER_STATE(ADMIN_COMMAND, 0x20, "The secondary controller is in the wrong state."),
    /** Command specific 21h. */
    INVALID_NUMBER_OF_CONTROLLER_RESOURCES(ADMIN_COMMAND, 0x21, "The number of controller resources is invalid."),
    /** Command specific 22h. */
    INVALID_RESOURCE_ID(ADMIN_COMMAND, 0x22, "The resource identifier is invalid."),
    /** Command specific 23h. */
    SANITIZE_PROHIBITED_WITH_PMR(
            ADMIN_COMMAND, 0x23, "Sanitize is prohibited while the persistent memory region is enabled."),
    /** Command specific 24h. */
    ANA_GROUP_ID_INVALID(ADMIN_COMMAND, 0x24, "The ANA group identifier is invalid."),
    /** Command specific 25h. */
    ANA_ATTACH_FAILED(ADMIN_COMMAND, 0x25, "The ANA state does not allow attaching the namespace."),
    /** Command specific 26h. */
    INSUFFICIENT_CAPACITY(ADMIN_COMMAND, 0x26, "There is not enough capacity."),
    /** Command specific 27h. */
    NAMESPACE_ATTACHMENT_LIMIT_EXCEEDED(ADMIN_COMMAND, 0x27, "More namespaces would be attached than allowed."),
    /** Command specific 28h. */
    PROHIBIT_EXECUTION_NOT_SUPPORTED(ADMIN_COMMAND, 0x28, "Prohibiting this command is not supported."),
    /** Command specific 29h. */
    IO_COMMAND_SET_NOT_SUPPORTED(ADMIN_COMMAND, 0x29, "The I/O command set is not supported."),
    /** Command specific 2Ah. */
    IO_COMMAND_SET_NOT_ENABLED(ADMIN_COMMAND, 0x2A, "The I/O command set is not enabled."),
    /** Command specific 2Bh. */
    IO_COMMAND_SET_COMBINATION_REJECTED(ADMIN_COMMAND, 0x2B, "The combination of I/O command sets was rejected."),
    /** Command specific 2Ch. */
    INVALID_IO_COMMAND_SET(ADMIN_COMMAND, 0x2C, "The I/O command set is invalid."),
    /** Command specific 2Dh. */
    IDENTIFIER_UNAVAILABLE(ADMIN_COMMAND, 0x2D, "No identifier is free."),
    /** Command specific 2Fh. */
    INVALID_DISCOVERY_INFORMATION(ADMIN_COMMAND, 0x2F, "The discovery information is invalid."),
    /** Command specific 30h. */
    ZONING_DATA_STRUCTURE_LOCKED(ADMIN_COMMAND, 0x30, SAME_PATH, "The zoning data structure is locked."),
    /** Command specific 31h. */
    ZONING_DATA_STRUCTURE_NOT_FOUND(ADMIN_COMMAND, 0x31, "The zoning data structure was not found."),
    /** Command specific 32h. */
    INSUFFICIENT_DISCOVERY_RESOURCES(ADMIN_COMMAND, 0x32, "The discovery controller has no resources left."),
    /** Command specific 33h. */
    REQUESTED_FUNCTION_DISABLED(ADMIN_COMMAND, 0x33, "The requested function is disabled."),
    /** Command specific 34h. */
    ZONE_GROUP_ORIGINATOR_INVALID(ADMIN_COMMAND, 0x34, "The originator of the zone group is invalid."),
    /** Command specific 37h. */
    INVALID_CONTROLLER_DATA_QUEUE(ADMIN_COMMAND, 0x37, "The controller data queue is invalid."),
    /** Command specific 38h. */
    NOT_ENOUGH_RESOURCES(ADMIN_COMMAND, 0x38, "The controller has not enough resources."),
    /** Command specific 39h. */
    CONTROLLER_SUSPENDED(ADMIN_COMMAND, 0x39, "The controller is suspended."),
    /** Command specific 3Ah. */
    CONTROLLER_NOT_SUSPENDED(ADMIN_COMMAND, 0x3A, "The controller is not suspended."),
    /** Command specific 3Bh. */
    CONTROLLER_DATA_QUEUE_FULL(ADMIN_COMMAND, 0x3B, SAME_PATH, "The controller data queue is full."),
    /** Command specific 7Fh. */
    STREAM_RESOURCE_ALLOCATION_FAILED(ADMIN_COMMAND, 0x7F, "No stream resources could be allocated."),
    /** Command specific 80h. */
    CONFLICTING_ATTRIBUTES(NVM_COMMAND, 0x80, "Attributes of the command contradict each other."),
    /** Command specific 81h. */
    INVALID_PROTECTION_INFORMATION(NVM_COMMAND, 0x81, "The protection information settings do not fit the namespace."),
    /** Command specific 82h. */
    WRITE_TO_READ_ONLY_RANGE(NVM_COMMAND, 0x82, "The write touches a range that is read only."),
    /** Command specific 83h. */
    COMMAND_SIZE_LIMIT_EXCEEDED(NVM_COMMAND, 0x83, "The command exceeds a size limit of the controller."),
    /** Command specific 85h. */
    INCOMPATIBLE_NAMESPACE(NVM_COMMAND, 0x85, "Source and destination of the copy are incompatible namespaces."),
    /** Command specific 86h. */
    FAST_COPY_NOT_POSSIBLE(NVM_COMMAND, 0x86, "A fast copy is not possible."),
    /** Command specific 87h. */
    OVERLAPPING_IO_RANGE(NVM_COMMAND, 0x87, "Source and destination ranges overlap."),
    /** Command specific 89h. */
    INSUFFICIENT_RESOURCES(NVM_COMMAND, 0x89, SAME_PATH, "The controller has no resources for the command."),
    /** Command specific B6h. */
    ZONE_INVALID_OPERATION(ZNS_COMMAND, 0xB6, "The operation on the zone is invalid."),
    /** Command specific B7h. */
    ZONE_ZRWA_RESOURCES_UNAVAILABLE(ZNS_COMMAND, 0xB7, SAME_PATH, "No zone random write area resources are left."),
    /** Command specific B8h. */
    ZONE_BOUNDARY_ERROR(ZNS_COMMAND, 0xB8, "The command crosses a zone boundary."),
    /** Command specific B9h. */
    ZONE_FULL(ZNS_COMMAND, 0xB9, "The zone is full."),
    /** Command specific BAh. */
    ZONE_READ_ONLY(ZNS_COMMAND, 0xBA, "The zone is read only."),
    /** Command specific BBh. */
    ZONE_OFFLINE(ZNS_COMMAND, 0xBB, "The zone is offline."),
    /** Command specific BCh. */
    ZONE_INVALID_WRITE(ZNS_COMMAND, 0xBC, "The write does not start at the write pointer."),
    /** Command specific BDh. */
    TOO_MANY_ACTIVE_ZONES(ZNS_COMMAND, 0xBD, "More zones would be active than allowed."),
    /** Command specific BEh. */
    TOO_MANY_OPEN_ZONES(ZNS_COMMAND, 0xBE, "More zones would be open than allowed."),
    /** Command specific BFh. */
    ZONE_INVALID_STATE_TRANSITION(ZNS_COMMAND, 0xBF, "The zone cannot change to this state."),
    /** Command specific 80h. */
    CONNECT_INCOMPATIBLE_FORMAT(FABRICS_COMMAND, 0x80, "The controller does not support this format of Connect."),
    /** Command specific 81h. */
    CONNECT_CONTROLLER_BUSY(
            FABRICS_COMMAND, 0x81, SAME_PATH, "The controller is associated with a host already, or none is free."),
    /** Command specific 82h. */
    CONNECT_INVALID_PARAMETERS(FABRICS_COMMAND, 0x82, "A parameter of Connect is invalid."),
    /** Command specific 83h. */
    CONNECT_RESTART_DISCOVERY(FABRICS_COMMAND, 0x83, "The host should read the discovery log page again."),
    /** Command specific 84h. */
    CONNECT_INVALID_HOST(FABRICS_COMMAND, 0x84, "The host may not connect to this subsystem."),
    /** Command specific 85h. */
    INVALID_QUEUE_TYPE(FABRICS_COMMAND, 0x85, "Disconnect was sent on a queue that does not allow it."),
    /** Command specific 90h. */
    DISCOVER_RESTART(ANY_COMMAND, 0x90, SAME_PATH, "The discovery log page changed while it was read."),
    /** Command specific 91h. */
    AUTHENTICATION_REQUIRED(ANY_COMMAND, 0x91, "The queue has to be authenticated first."),
    /** Media 80h. */
    WRITE_FAULT(MEDIA, 0x80, "The data could not be committed to the media."),
    /** Media 81h. */
    UNRECOVERED_READ_ERROR(MEDIA, 0x81, "The data could not be recovered from the media."),
    /** Media 82h. */
    GUARD_CHECK_ERROR(MEDIA, 0x82, "The end-to-end guard check failed."),
    /** Media 83h. */
    APPLICATION_TAG_CHECK_ERROR(MEDIA, 0x83, "The end-to-end application tag check failed."),
    /** Media 84h. */
    REFERENCE_TAG_CHECK_ERROR(MEDIA, 0x84, "The end-to-end reference tag check failed."),
    /** Media 85h. */
    COMPARE_FAILURE(MEDIA, 0x85, "The data compared differs."),
    /** Media 86h. */
    ACCESS_DENIED(MEDIA, 0x86, "Access to the namespace or range is denied."),
    /** Media 87h. */
    DEALLOCATED_OR_UNWRITTEN_BLOCK(MEDIA, 0x87, "A block that was deallocated or never written was read."),
    /** Media 88h. */
    STORAGE_TAG_CHECK_ERROR(MEDIA, 0x88, "The end-to-end storage tag check failed."),
    /** Path 00h. */
    INTERNAL_PATH_ERROR(PATH, 0x00, OTHER_PATH, "The controller failed because of the path."),
    /** Path 01h. */
    ANA_PERSISTENT_LOSS(PATH, 0x01, REFRESH_ANA, "The namespace is permanently lost through this controller."),
    /** Path 02h. */
    ANA_INACCESSIBLE(PATH, 0x02, REFRESH_ANA, "The namespace is not accessible through this controller now."),
    /** Path 03h. */
    ANA_TRANSITION(PATH, 0x03, REFRESH_ANA, "Access through this controller is changing its state."),
    /** Path 60h. */
    CONTROLLER_PATHING_ERROR(PATH, 0x60, OTHER_PATH, "The controller found an error of the path."),
    /** Path 70h. */
    HOST_PATHING_ERROR(PATH, 0x70, OTHER_PATH, "The host found an error of the path."),
    /** Path 71h. */
    ABORTED_BY_HOST(PATH, 0x71, AMBIGUOUS, "The host gave the command up.");

    /** One slot per type (0..3), code and whether the command is a Fabrics command. */
    private static final @Nullable StatusCode[] TABLE = new StatusCode[4 * 256 * 2];

    static {
        for (StatusCode code : values()) {
            CommandSet set = code.commandSet();
            if (set != CommandSet.FABRICS) {
                TABLE[slot(code.type(), code.code, false)] = code;
            }
            if (set == CommandSet.FABRICS || set == CommandSet.GENERIC || set == CommandSet.ADMIN) {
                TABLE[slot(code.type(), code.code, true)] = code;
            }
        }
    }

    private final StatusCodeGroup group;
    private final int code;
    private final Retry retry;
    private final String text;

    /** A code after which a retry cannot help. */
    StatusCode(StatusCodeGroup group, int code, String text) {
        this(group, code, Retry.NEVER, text);
    }

    StatusCode(StatusCodeGroup group, int code, Retry retry, String text) {
        this.group = group;
        this.code = code;
        this.retry = retry;
        this.text = text;
    }

    private static int slot(int type, int code, boolean fabrics) {
        return (type << 8 | code) << 1 | (fabrics ? 1 : 0);
    }

    /**
     * Looks a code up.
     *
     * @param type status code type
     * @param code status code
     * @param set command set of the command that was answered; decides between the two meanings of 80h..91h
     * @return the entry, empty for codes that the table does not list
     */
    public static Optional<StatusCode> find(int type, int code, CommandSet set) {
        if (type < 0 || type > Status.TYPE_PATH || code < 0 || code > 0xFF) {
            return Optional.empty();
        }
        return Optional.ofNullable(TABLE[slot(type, code, set == CommandSet.FABRICS)]);
    }

    /** {@return the status code type (SCT), 0..3} */
    public int type() {
        return group.type();
    }

    /** {@return the status code (SC), 0..255} */
    public int code() {
        return code;
    }

    /** {@return the command set in which the code has this meaning} */
    public CommandSet commandSet() {
        return group.set();
    }

    /** {@return whether a retry can help when DNR is 0 and no retry delay is given} */
    public Retry retry() {
        return retry;
    }

    /** {@return one sentence for a person} */
    public String text() {
        return text;
    }
}
