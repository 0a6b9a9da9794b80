package io.nvmf.spec;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The status codes of the NVMe documents in one table: type, code, command set, whether a retry can help, and a text.
 *
 * <p>Command specific codes from 80h on mean one thing for Fabrics commands and another for I/O commands, hence the command set.
 */
public enum StatusCode {
    /** Generic 00h. */
    SUCCESS(0, 0x00, CommandSet.GENERIC, Retry.NEVER, "The command completed without error."),
    /** Generic 01h. */
    INVALID_COMMAND_OPCODE(0, 0x01, CommandSet.GENERIC, Retry.NEVER, "The controller does not support this opcode."),
    /** Generic 02h. */
    INVALID_FIELD(
            0, 0x02, CommandSet.GENERIC, Retry.NEVER, "A field of the command has a reserved or unsupported value."),
    /** Generic 03h. */
    COMMAND_ID_CONFLICT(
            0, 0x03, CommandSet.GENERIC, Retry.NEVER, "The command identifier is already in use on this queue."),
    /** Generic 04h. */
    DATA_TRANSFER_ERROR(0, 0x04, CommandSet.GENERIC, Retry.AMBIGUOUS, "Moving data or metadata of the command failed."),
    /** Generic 05h. */
    ABORTED_POWER_LOSS(
            0,
            0x05,
            CommandSet.GENERIC,
            Retry.OTHER_PATH,
            "The command was aborted because power is about to be lost."),
    /** Generic 06h. */
    INTERNAL_ERROR(0, 0x06, CommandSet.GENERIC, Retry.SAME_PATH, "The controller failed internally."),
    /** Generic 07h. */
    ABORT_REQUESTED(0, 0x07, CommandSet.GENERIC, Retry.AMBIGUOUS, "The command was aborted on request."),
    /** Generic 08h. */
    ABORTED_SQ_DELETION(
            0,
            0x08,
            CommandSet.GENERIC,
            Retry.OTHER_PATH,
            "The command was aborted because its submission queue was deleted."),
    /** Generic 09h. */
    ABORTED_FAILED_FUSED(
            0, 0x09, CommandSet.GENERIC, Retry.NEVER, "The command was aborted because its fused partner failed."),
    /** Generic 0Ah. */
    ABORTED_MISSING_FUSED(
            0, 0x0A, CommandSet.GENERIC, Retry.NEVER, "The command was aborted because its fused partner is missing."),
    /** Generic 0Bh. */
    INVALID_NAMESPACE_OR_FORMAT(0, 0x0B, CommandSet.GENERIC, Retry.NEVER, "The namespace or its format is invalid."),
    /** Generic 0Ch. */
    COMMAND_SEQUENCE_ERROR(
            0, 0x0C, CommandSet.GENERIC, Retry.NEVER, "The command is not allowed in this order or state."),
    /** Generic 0Dh. */
    INVALID_SGL_SEGMENT_DESCRIPTOR(0, 0x0D, CommandSet.GENERIC, Retry.NEVER, "An SGL segment descriptor is invalid."),
    /** Generic 0Eh. */
    INVALID_NUMBER_OF_SGL_DESCRIPTORS(
            0, 0x0E, CommandSet.GENERIC, Retry.NEVER, "The number of SGL descriptors is invalid."),
    /** Generic 0Fh. */
    DATA_SGL_LENGTH_INVALID(
            0, 0x0F, CommandSet.GENERIC, Retry.NEVER, "The length of the data SGL does not fit the command."),
    /** Generic 10h. */
    METADATA_SGL_LENGTH_INVALID(
            0, 0x10, CommandSet.GENERIC, Retry.NEVER, "The length of the metadata SGL does not fit the command."),
    /** Generic 11h. */
    SGL_DESCRIPTOR_TYPE_INVALID(
            0, 0x11, CommandSet.GENERIC, Retry.NEVER, "The type of an SGL descriptor is not supported here."),
    /** Generic 12h. */
    INVALID_USE_OF_CMB(
            0, 0x12, CommandSet.GENERIC, Retry.NEVER, "The controller memory buffer may not be used this way."),
    /** Generic 13h. */
    PRP_OFFSET_INVALID(0, 0x13, CommandSet.GENERIC, Retry.NEVER, "The offset of a PRP entry is invalid."),
    /** Generic 14h. */
    ATOMIC_WRITE_UNIT_EXCEEDED(
            0, 0x14, CommandSet.GENERIC, Retry.NEVER, "The write is larger than the atomic write unit."),
    /** Generic 15h. */
    OPERATION_DENIED(0, 0x15, CommandSet.GENERIC, Retry.NEVER, "The host lacks the rights for this operation."),
    /** Generic 16h. */
    SGL_OFFSET_INVALID(0, 0x16, CommandSet.GENERIC, Retry.NEVER, "The offset of an SGL descriptor is invalid."),
    /** Generic 18h. */
    HOST_ID_INCONSISTENT_FORMAT(
            0, 0x18, CommandSet.GENERIC, Retry.NEVER, "64-bit and 128-bit host identifiers were mixed."),
    /** Generic 19h. */
    KEEP_ALIVE_TIMER_EXPIRED(0, 0x19, CommandSet.GENERIC, Retry.OTHER_PATH, "The keep alive timer expired."),
    /** Generic 1Ah. */
    KEEP_ALIVE_TIMEOUT_INVALID(
            0, 0x1A, CommandSet.GENERIC, Retry.NEVER, "The keep alive timeout value is not acceptable."),
    /** Generic 1Bh. */
    ABORTED_PREEMPT_AND_ABORT(
            0, 0x1B, CommandSet.GENERIC, Retry.NEVER, "The command was aborted by a reservation preempt and abort."),
    /** Generic 1Ch. */
    SANITIZE_FAILED(
            0, 0x1C, CommandSet.GENERIC, Retry.NEVER, "The last sanitize operation failed and blocks this command."),
    /** Generic 1Dh. */
    SANITIZE_IN_PROGRESS(
            0, 0x1D, CommandSet.GENERIC, Retry.SAME_PATH, "A running sanitize operation blocks this command."),
    /** Generic 1Eh. */
    SGL_DATA_BLOCK_GRANULARITY_INVALID(
            0, 0x1E, CommandSet.GENERIC, Retry.NEVER, "The granularity of an SGL data block is invalid."),
    /** Generic 1Fh. */
    COMMAND_NOT_SUPPORTED_IN_CMB_QUEUE(
            0,
            0x1F,
            CommandSet.GENERIC,
            Retry.NEVER,
            "The command is not supported on a queue in the controller memory buffer."),
    /** Generic 20h. */
    NAMESPACE_WRITE_PROTECTED(0, 0x20, CommandSet.GENERIC, Retry.NEVER, "The namespace is write protected."),
    /** Generic 21h. */
    COMMAND_INTERRUPTED(
            0,
            0x21,
            CommandSet.GENERIC,
            Retry.SAME_PATH,
            "Processing was interrupted and the command can be sent again."),
    /** Generic 22h. */
    TRANSIENT_TRANSPORT_ERROR(
            0, 0x22, CommandSet.GENERIC, Retry.OTHER_PATH, "A transport error that may pass disturbed the command."),
    /** Generic 23h. */
    PROHIBITED_BY_LOCKDOWN(
            0, 0x23, CommandSet.GENERIC, Retry.NEVER, "Command and feature lockdown prohibits the command."),
    /** Generic 24h. */
    ADMIN_MEDIA_NOT_READY(
            0, 0x24, CommandSet.ADMIN, Retry.SAME_PATH, "The media that the admin command needs is not ready."),
    /** Generic 25h. */
    INVALID_KEY_TAG(0, 0x25, CommandSet.GENERIC, Retry.NEVER, "The key tag is invalid."),
    /** Generic 26h. */
    HOST_DISPERSED_NAMESPACE_NOT_ENABLED(
            0, 0x26, CommandSet.GENERIC, Retry.NEVER, "The host did not enable dispersed namespace support."),
    /** Generic 27h. */
    HOST_ID_NOT_INITIALIZED(0, 0x27, CommandSet.GENERIC, Retry.NEVER, "The host identifier was not set."),
    /** Generic 28h. */
    INCORRECT_KEY(0, 0x28, CommandSet.GENERIC, Retry.NEVER, "The key is not the right one."),
    /** Generic 29h. */
    FDP_DISABLED(
            0, 0x29, CommandSet.GENERIC, Retry.NEVER, "Flexible data placement is disabled in the endurance group."),
    /** Generic 2Ah. */
    INVALID_PLACEMENT_HANDLE_LIST(
            0, 0x2A, CommandSet.GENERIC, Retry.NEVER, "The list of placement handles is invalid."),
    /** Generic 80h. */
    LBA_OUT_OF_RANGE(0, 0x80, CommandSet.GENERIC, Retry.NEVER, "The command reaches beyond the size of the namespace."),
    /** Generic 81h. */
    CAPACITY_EXCEEDED(
            0, 0x81, CommandSet.GENERIC, Retry.NEVER, "The command would use more than the capacity of the namespace."),
    /** Generic 82h. */
    NAMESPACE_NOT_READY(0, 0x82, CommandSet.GENERIC, Retry.SAME_PATH, "The namespace is not ready yet."),
    /** Generic 83h. */
    RESERVATION_CONFLICT(
            0, 0x83, CommandSet.GENERIC, Retry.NEVER, "A reservation of another host forbids the command."),
    /** Generic 84h. */
    FORMAT_IN_PROGRESS(0, 0x84, CommandSet.GENERIC, Retry.SAME_PATH, "The namespace is being formatted."),
    /** Generic 85h. */
    KV_INVALID_VALUE_SIZE(0, 0x85, CommandSet.KV, Retry.NEVER, "The size of the value is invalid."),
    /** Generic 86h. */
    KV_INVALID_KEY_SIZE(0, 0x86, CommandSet.KV, Retry.NEVER, "The size of the key is invalid."),
    /** Generic 87h. */
    KV_KEY_DOES_NOT_EXIST(0, 0x87, CommandSet.KV, Retry.NEVER, "The key does not exist."),
    /** Generic 88h. */
    KV_UNRECOVERED_ERROR(0, 0x88, CommandSet.KV, Retry.NEVER, "The key value pair could not be recovered."),
    /** Generic 89h. */
    KV_KEY_EXISTS(0, 0x89, CommandSet.KV, Retry.NEVER, "The key exists already."),
    /** Command specific 00h. */
    COMPLETION_QUEUE_INVALID(1, 0x00, CommandSet.ADMIN, Retry.NEVER, "The completion queue does not exist."),
    /** Command specific 01h. */
    INVALID_QUEUE_ID(1, 0x01, CommandSet.ADMIN, Retry.NEVER, "The queue identifier is invalid."),
    /** Command specific 02h. */
    INVALID_QUEUE_SIZE(1, 0x02, CommandSet.ADMIN, Retry.NEVER, "The queue size is invalid."),
    /** Command specific 03h. */
    ABORT_COMMAND_LIMIT_EXCEEDED(
            1,
            0x03,
            CommandSet.ADMIN,
            Retry.SAME_PATH,
            "More Abort commands are outstanding than the controller takes."),
    /** Command specific 05h. */
    ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED(
            1,
            0x05,
            CommandSet.ADMIN,
            Retry.NEVER,
            "More asynchronous event requests are outstanding than the controller takes."),
    /** Command specific 06h. */
    INVALID_FIRMWARE_SLOT(1, 0x06, CommandSet.ADMIN, Retry.NEVER, "The firmware slot does not exist or is read only."),
    /** Command specific 07h. */
    INVALID_FIRMWARE_IMAGE(1, 0x07, CommandSet.ADMIN, Retry.NEVER, "The firmware image is invalid."),
    /** Command specific 08h. */
    INVALID_INTERRUPT_VECTOR(1, 0x08, CommandSet.ADMIN, Retry.NEVER, "The interrupt vector is invalid."),
    /** Command specific 09h. */
    INVALID_LOG_PAGE(1, 0x09, CommandSet.ADMIN, Retry.NEVER, "The log page is invalid or not supported."),
    /** Command specific 0Ah. */
    INVALID_FORMAT(1, 0x0A, CommandSet.ADMIN, Retry.NEVER, "The LBA format is invalid or not supported."),
    /** Command specific 0Bh. */
    FIRMWARE_NEEDS_CONVENTIONAL_RESET(
            1, 0x0B, CommandSet.ADMIN, Retry.NEVER, "The firmware becomes active with a conventional reset."),
    /** Command specific 0Ch. */
    INVALID_QUEUE_DELETION(1, 0x0C, CommandSet.ADMIN, Retry.NEVER, "The queue may not be deleted now."),
    /** Command specific 0Dh. */
    FEATURE_NOT_SAVEABLE(1, 0x0D, CommandSet.ADMIN, Retry.NEVER, "The feature cannot be saved."),
    /** Command specific 0Eh. */
    FEATURE_NOT_CHANGEABLE(1, 0x0E, CommandSet.ADMIN, Retry.NEVER, "The feature cannot be changed."),
    /** Command specific 0Fh. */
    FEATURE_NOT_NAMESPACE_SPECIFIC(
            1, 0x0F, CommandSet.ADMIN, Retry.NEVER, "The feature is not specific to a namespace."),
    /** Command specific 10h. */
    FIRMWARE_NEEDS_SUBSYSTEM_RESET(
            1, 0x10, CommandSet.ADMIN, Retry.NEVER, "The firmware becomes active with a subsystem reset."),
    /** Command specific 11h. */
    FIRMWARE_NEEDS_CONTROLLER_RESET(
            1, 0x11, CommandSet.ADMIN, Retry.NEVER, "The firmware becomes active with a controller reset."),
    /** Command specific 12h. */
    FIRMWARE_NEEDS_MAX_TIME(
            1,
            0x12,
            CommandSet.ADMIN,
            Retry.NEVER,
            "Activating the firmware takes longer than the controller promises."),
    /** Command specific 13h. */
    FIRMWARE_ACTIVATION_PROHIBITED(1, 0x13, CommandSet.ADMIN, Retry.NEVER, "Activating this firmware is prohibited."),
    /** Command specific 14h. */
    OVERLAPPING_RANGE(1, 0x14, CommandSet.ADMIN, Retry.NEVER, "Ranges overlap."),
    /** Command specific 15h. */
    NAMESPACE_INSUFFICIENT_CAPACITY(
            1, 0x15, CommandSet.ADMIN, Retry.NEVER, "There is not enough free capacity for the namespace."),
    /** Command specific 16h. */
    NAMESPACE_ID_UNAVAILABLE(1, 0x16, CommandSet.ADMIN, Retry.NEVER, "No namespace identifier is free."),
    /** Command specific 18h. */
    NAMESPACE_ALREADY_ATTACHED(
            1, 0x18, CommandSet.ADMIN, Retry.NEVER, "The namespace is attached to the controller already."),
    /** Command specific 19h. */
    NAMESPACE_IS_PRIVATE(1, 0x19, CommandSet.ADMIN, Retry.NEVER, "The namespace is private to another controller."),
    /** Command specific 1Ah. */
    NAMESPACE_NOT_ATTACHED(1, 0x1A, CommandSet.ADMIN, Retry.NEVER, "The namespace is not attached to the controller."),
    /** Command specific 1Bh. */
    THIN_PROVISIONING_NOT_SUPPORTED(1, 0x1B, CommandSet.ADMIN, Retry.NEVER, "Thin provisioning is not supported."),
    /** Command specific 1Ch. */
    CONTROLLER_LIST_INVALID(1, 0x1C, CommandSet.ADMIN, Retry.NEVER, "The controller list is invalid."),
    /** Command specific 1Dh. */
    SELF_TEST_IN_PROGRESS(1, 0x1D, CommandSet.ADMIN, Retry.SAME_PATH, "A device self-test is running."),
    /** Command specific 1Eh. */
    BOOT_PARTITION_WRITE_PROHIBITED(1, 0x1E, CommandSet.ADMIN, Retry.NEVER, "The boot partition is write protected."),
    /** Command specific 1Fh. */
    INVALID_CONTROLLER_ID(1, 0x1F, CommandSet.ADMIN, Retry.NEVER, "The controller identifier is invalid."),
    /** Command specific 20h. */
    INVALID_SECONDARY_CONTROLLER_STATE(
            1, 0x20, CommandSet.ADMIN, Retry.NEVER, "The secondary controller is in the wrong state."),
    /** Command specific 21h. */
    INVALID_NUMBER_OF_CONTROLLER_RESOURCES(
            1, 0x21, CommandSet.ADMIN, Retry.NEVER, "The number of controller resources is invalid."),
    /** Command specific 22h. */
    INVALID_RESOURCE_ID(1, 0x22, CommandSet.ADMIN, Retry.NEVER, "The resource identifier is invalid."),
    /** Command specific 23h. */
    SANITIZE_PROHIBITED_WITH_PMR(
            1,
            0x23,
            CommandSet.ADMIN,
            Retry.NEVER,
            "Sanitize is prohibited while the persistent memory region is enabled."),
    /** Command specific 24h. */
    ANA_GROUP_ID_INVALID(1, 0x24, CommandSet.ADMIN, Retry.NEVER, "The ANA group identifier is invalid."),
    /** Command specific 25h. */
    ANA_ATTACH_FAILED(1, 0x25, CommandSet.ADMIN, Retry.NEVER, "The ANA state does not allow attaching the namespace."),
    /** Command specific 26h. */
    INSUFFICIENT_CAPACITY(1, 0x26, CommandSet.ADMIN, Retry.NEVER, "There is not enough capacity."),
    /** Command specific 27h. */
    NAMESPACE_ATTACHMENT_LIMIT_EXCEEDED(
            1, 0x27, CommandSet.ADMIN, Retry.NEVER, "More namespaces would be attached than allowed."),
    /** Command specific 28h. */
    PROHIBIT_EXECUTION_NOT_SUPPORTED(
            1, 0x28, CommandSet.ADMIN, Retry.NEVER, "Prohibiting this command is not supported."),
    /** Command specific 29h. */
    IO_COMMAND_SET_NOT_SUPPORTED(1, 0x29, CommandSet.ADMIN, Retry.NEVER, "The I/O command set is not supported."),
    /** Command specific 2Ah. */
    IO_COMMAND_SET_NOT_ENABLED(1, 0x2A, CommandSet.ADMIN, Retry.NEVER, "The I/O command set is not enabled."),
    /** Command specific 2Bh. */
    IO_COMMAND_SET_COMBINATION_REJECTED(
            1, 0x2B, CommandSet.ADMIN, Retry.NEVER, "The combination of I/O command sets was rejected."),
    /** Command specific 2Ch. */
    INVALID_IO_COMMAND_SET(1, 0x2C, CommandSet.ADMIN, Retry.NEVER, "The I/O command set is invalid."),
    /** Command specific 2Dh. */
    IDENTIFIER_UNAVAILABLE(1, 0x2D, CommandSet.ADMIN, Retry.NEVER, "No identifier is free."),
    /** Command specific 2Fh. */
    INVALID_DISCOVERY_INFORMATION(1, 0x2F, CommandSet.ADMIN, Retry.NEVER, "The discovery information is invalid."),
    /** Command specific 30h. */
    ZONING_DATA_STRUCTURE_LOCKED(1, 0x30, CommandSet.ADMIN, Retry.SAME_PATH, "The zoning data structure is locked."),
    /** Command specific 31h. */
    ZONING_DATA_STRUCTURE_NOT_FOUND(1, 0x31, CommandSet.ADMIN, Retry.NEVER, "The zoning data structure was not found."),
    /** Command specific 32h. */
    INSUFFICIENT_DISCOVERY_RESOURCES(
            1, 0x32, CommandSet.ADMIN, Retry.NEVER, "The discovery controller has no resources left."),
    /** Command specific 33h. */
    REQUESTED_FUNCTION_DISABLED(1, 0x33, CommandSet.ADMIN, Retry.NEVER, "The requested function is disabled."),
    /** Command specific 34h. */
    ZONE_GROUP_ORIGINATOR_INVALID(
            1, 0x34, CommandSet.ADMIN, Retry.NEVER, "The originator of the zone group is invalid."),
    /** Command specific 37h. */
    INVALID_CONTROLLER_DATA_QUEUE(1, 0x37, CommandSet.ADMIN, Retry.NEVER, "The controller data queue is invalid."),
    /** Command specific 38h. */
    NOT_ENOUGH_RESOURCES(1, 0x38, CommandSet.ADMIN, Retry.NEVER, "The controller has not enough resources."),
    /** Command specific 39h. */
    CONTROLLER_SUSPENDED(1, 0x39, CommandSet.ADMIN, Retry.NEVER, "The controller is suspended."),
    /** Command specific 3Ah. */
    CONTROLLER_NOT_SUSPENDED(1, 0x3A, CommandSet.ADMIN, Retry.NEVER, "The controller is not suspended."),
    /** Command specific 3Bh. */
    CONTROLLER_DATA_QUEUE_FULL(1, 0x3B, CommandSet.ADMIN, Retry.SAME_PATH, "The controller data queue is full."),
    /** Command specific 7Fh. */
    STREAM_RESOURCE_ALLOCATION_FAILED(
            1, 0x7F, CommandSet.ADMIN, Retry.NEVER, "No stream resources could be allocated."),
    /** Command specific 80h. */
    CONFLICTING_ATTRIBUTES(1, 0x80, CommandSet.NVM, Retry.NEVER, "Attributes of the command contradict each other."),
    /** Command specific 81h. */
    INVALID_PROTECTION_INFORMATION(
            1, 0x81, CommandSet.NVM, Retry.NEVER, "The protection information settings do not fit the namespace."),
    /** Command specific 82h. */
    WRITE_TO_READ_ONLY_RANGE(1, 0x82, CommandSet.NVM, Retry.NEVER, "The write touches a range that is read only."),
    /** Command specific 83h. */
    COMMAND_SIZE_LIMIT_EXCEEDED(
            1, 0x83, CommandSet.NVM, Retry.NEVER, "The command exceeds a size limit of the controller."),
    /** Command specific 85h. */
    INCOMPATIBLE_NAMESPACE(
            1, 0x85, CommandSet.NVM, Retry.NEVER, "Source and destination of the copy are incompatible namespaces."),
    /** Command specific 86h. */
    FAST_COPY_NOT_POSSIBLE(1, 0x86, CommandSet.NVM, Retry.NEVER, "A fast copy is not possible."),
    /** Command specific 87h. */
    OVERLAPPING_IO_RANGE(1, 0x87, CommandSet.NVM, Retry.NEVER, "Source and destination ranges overlap."),
    /** Command specific 89h. */
    INSUFFICIENT_RESOURCES(
            1, 0x89, CommandSet.NVM, Retry.SAME_PATH, "The controller has no resources for the command."),
    /** Command specific B6h. */
    ZONE_INVALID_OPERATION(1, 0xB6, CommandSet.ZNS, Retry.NEVER, "The operation on the zone is invalid."),
    /** Command specific B7h. */
    ZONE_ZRWA_RESOURCES_UNAVAILABLE(
            1, 0xB7, CommandSet.ZNS, Retry.SAME_PATH, "No zone random write area resources are left."),
    /** Command specific B8h. */
    ZONE_BOUNDARY_ERROR(1, 0xB8, CommandSet.ZNS, Retry.NEVER, "The command crosses a zone boundary."),
    /** Command specific B9h. */
    ZONE_FULL(1, 0xB9, CommandSet.ZNS, Retry.NEVER, "The zone is full."),
    /** Command specific BAh. */
    ZONE_READ_ONLY(1, 0xBA, CommandSet.ZNS, Retry.NEVER, "The zone is read only."),
    /** Command specific BBh. */
    ZONE_OFFLINE(1, 0xBB, CommandSet.ZNS, Retry.NEVER, "The zone is offline."),
    /** Command specific BCh. */
    ZONE_INVALID_WRITE(1, 0xBC, CommandSet.ZNS, Retry.NEVER, "The write does not start at the write pointer."),
    /** Command specific BDh. */
    TOO_MANY_ACTIVE_ZONES(1, 0xBD, CommandSet.ZNS, Retry.NEVER, "More zones would be active than allowed."),
    /** Command specific BEh. */
    TOO_MANY_OPEN_ZONES(1, 0xBE, CommandSet.ZNS, Retry.NEVER, "More zones would be open than allowed."),
    /** Command specific BFh. */
    ZONE_INVALID_STATE_TRANSITION(1, 0xBF, CommandSet.ZNS, Retry.NEVER, "The zone cannot change to this state."),
    /** Command specific 80h. */
    CONNECT_INCOMPATIBLE_FORMAT(
            1, 0x80, CommandSet.FABRICS, Retry.NEVER, "The controller does not support this format of Connect."),
    /** Command specific 81h. */
    CONNECT_CONTROLLER_BUSY(
            1,
            0x81,
            CommandSet.FABRICS,
            Retry.SAME_PATH,
            "The controller is associated with a host already, or none is free."),
    /** Command specific 82h. */
    CONNECT_INVALID_PARAMETERS(1, 0x82, CommandSet.FABRICS, Retry.NEVER, "A parameter of Connect is invalid."),
    /** Command specific 83h. */
    CONNECT_RESTART_DISCOVERY(
            1, 0x83, CommandSet.FABRICS, Retry.NEVER, "The host should read the discovery log page again."),
    /** Command specific 84h. */
    CONNECT_INVALID_HOST(1, 0x84, CommandSet.FABRICS, Retry.NEVER, "The host may not connect to this subsystem."),
    /** Command specific 85h. */
    INVALID_QUEUE_TYPE(
            1, 0x85, CommandSet.FABRICS, Retry.NEVER, "Disconnect was sent on a queue that does not allow it."),
    /** Command specific 90h. */
    DISCOVER_RESTART(1, 0x90, CommandSet.GENERIC, Retry.SAME_PATH, "The discovery log page changed while it was read."),
    /** Command specific 91h. */
    AUTHENTICATION_REQUIRED(1, 0x91, CommandSet.GENERIC, Retry.NEVER, "The queue has to be authenticated first."),
    /** Media 80h. */
    WRITE_FAULT(2, 0x80, CommandSet.GENERIC, Retry.NEVER, "The data could not be committed to the media."),
    /** Media 81h. */
    UNRECOVERED_READ_ERROR(2, 0x81, CommandSet.GENERIC, Retry.NEVER, "The data could not be recovered from the media."),
    /** Media 82h. */
    GUARD_CHECK_ERROR(2, 0x82, CommandSet.GENERIC, Retry.NEVER, "The end-to-end guard check failed."),
    /** Media 83h. */
    APPLICATION_TAG_CHECK_ERROR(
            2, 0x83, CommandSet.GENERIC, Retry.NEVER, "The end-to-end application tag check failed."),
    /** Media 84h. */
    REFERENCE_TAG_CHECK_ERROR(2, 0x84, CommandSet.GENERIC, Retry.NEVER, "The end-to-end reference tag check failed."),
    /** Media 85h. */
    COMPARE_FAILURE(2, 0x85, CommandSet.GENERIC, Retry.NEVER, "The data compared differs."),
    /** Media 86h. */
    ACCESS_DENIED(2, 0x86, CommandSet.GENERIC, Retry.NEVER, "Access to the namespace or range is denied."),
    /** Media 87h. */
    DEALLOCATED_OR_UNWRITTEN_BLOCK(
            2, 0x87, CommandSet.GENERIC, Retry.NEVER, "A block that was deallocated or never written was read."),
    /** Media 88h. */
    STORAGE_TAG_CHECK_ERROR(2, 0x88, CommandSet.GENERIC, Retry.NEVER, "The end-to-end storage tag check failed."),
    /** Path 00h. */
    INTERNAL_PATH_ERROR(3, 0x00, CommandSet.GENERIC, Retry.OTHER_PATH, "The controller failed because of the path."),
    /** Path 01h. */
    ANA_PERSISTENT_LOSS(
            3,
            0x01,
            CommandSet.GENERIC,
            Retry.REFRESH_ANA,
            "The namespace is permanently lost through this controller."),
    /** Path 02h. */
    ANA_INACCESSIBLE(
            3,
            0x02,
            CommandSet.GENERIC,
            Retry.REFRESH_ANA,
            "The namespace is not accessible through this controller now."),
    /** Path 03h. */
    ANA_TRANSITION(
            3, 0x03, CommandSet.GENERIC, Retry.REFRESH_ANA, "Access through this controller is changing its state."),
    /** Path 60h. */
    CONTROLLER_PATHING_ERROR(
            3, 0x60, CommandSet.GENERIC, Retry.OTHER_PATH, "The controller found an error of the path."),
    /** Path 70h. */
    HOST_PATHING_ERROR(3, 0x70, CommandSet.GENERIC, Retry.OTHER_PATH, "The host found an error of the path."),
    /** Path 71h. */
    ABORTED_BY_HOST(3, 0x71, CommandSet.GENERIC, Retry.AMBIGUOUS, "The host gave the command up.");

    /** One slot per type (0..3), code and whether the command is a Fabrics command. */
    private static final @Nullable StatusCode[] TABLE = new StatusCode[4 * 256 * 2];

    static {
        for (StatusCode code : values()) {
            if (code.set != CommandSet.FABRICS) {
                TABLE[slot(code.type, code.code, false)] = code;
            }
            if (code.set == CommandSet.FABRICS || code.set == CommandSet.GENERIC || code.set == CommandSet.ADMIN) {
                TABLE[slot(code.type, code.code, true)] = code;
            }
        }
    }

    private final int type;
    private final int code;
    private final CommandSet set;
    private final Retry retry;
    private final String text;

    StatusCode(int type, int code, CommandSet set, Retry retry, String text) {
        this.type = type;
        this.code = code;
        this.set = set;
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
        return type;
    }

    /** {@return the status code (SC), 0..255} */
    public int code() {
        return code;
    }

    /** {@return the command set in which the code has this meaning} */
    public CommandSet commandSet() {
        return set;
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
