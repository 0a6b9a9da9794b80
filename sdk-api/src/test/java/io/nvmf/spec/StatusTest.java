package io.nvmf.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.testing.Covers;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTest {
    /** Status field of the entry, opcode, type, code, name. */
    private static final String TABLE = """
            0000 02 0 00 SUCCESS
            0002 02 0 01 INVALID_COMMAND_OPCODE
            0004 02 0 02 INVALID_FIELD
            0006 02 0 03 COMMAND_ID_CONFLICT
            0008 02 0 04 DATA_TRANSFER_ERROR
            000A 02 0 05 ABORTED_POWER_LOSS
            000C 02 0 06 INTERNAL_ERROR
            000E 02 0 07 ABORT_REQUESTED
            0010 02 0 08 ABORTED_SQ_DELETION
            0012 02 0 09 ABORTED_FAILED_FUSED
            0014 02 0 0A ABORTED_MISSING_FUSED
            0016 02 0 0B INVALID_NAMESPACE_OR_FORMAT
            0018 02 0 0C COMMAND_SEQUENCE_ERROR
            001A 02 0 0D INVALID_SGL_SEGMENT_DESCRIPTOR
            001C 02 0 0E INVALID_NUMBER_OF_SGL_DESCRIPTORS
            001E 02 0 0F DATA_SGL_LENGTH_INVALID
            0020 02 0 10 METADATA_SGL_LENGTH_INVALID
            0022 02 0 11 SGL_DESCRIPTOR_TYPE_INVALID
            0024 02 0 12 INVALID_USE_OF_CMB
            0026 02 0 13 PRP_OFFSET_INVALID
            0028 02 0 14 ATOMIC_WRITE_UNIT_EXCEEDED
            002A 02 0 15 OPERATION_DENIED
            002C 02 0 16 SGL_OFFSET_INVALID
            0030 02 0 18 HOST_ID_INCONSISTENT_FORMAT
            0032 02 0 19 KEEP_ALIVE_TIMER_EXPIRED
            0034 02 0 1A KEEP_ALIVE_TIMEOUT_INVALID
            0036 02 0 1B ABORTED_PREEMPT_AND_ABORT
            0038 02 0 1C SANITIZE_FAILED
            003A 02 0 1D SANITIZE_IN_PROGRESS
            003C 02 0 1E SGL_DATA_BLOCK_GRANULARITY_INVALID
            003E 02 0 1F COMMAND_NOT_SUPPORTED_IN_CMB_QUEUE
            0040 02 0 20 NAMESPACE_WRITE_PROTECTED
            0042 02 0 21 COMMAND_INTERRUPTED
            0044 02 0 22 TRANSIENT_TRANSPORT_ERROR
            0046 02 0 23 PROHIBITED_BY_LOCKDOWN
            0048 02 0 24 ADMIN_MEDIA_NOT_READY
            004A 02 0 25 INVALID_KEY_TAG
            004C 02 0 26 HOST_DISPERSED_NAMESPACE_NOT_ENABLED
            004E 02 0 27 HOST_ID_NOT_INITIALIZED
            0050 02 0 28 INCORRECT_KEY
            0052 02 0 29 FDP_DISABLED
            0054 02 0 2A INVALID_PLACEMENT_HANDLE_LIST
            0100 02 0 80 LBA_OUT_OF_RANGE
            0102 02 0 81 CAPACITY_EXCEEDED
            0104 02 0 82 NAMESPACE_NOT_READY
            0106 02 0 83 RESERVATION_CONFLICT
            0108 02 0 84 FORMAT_IN_PROGRESS
            010A 02 0 85 KV_INVALID_VALUE_SIZE
            010C 02 0 86 KV_INVALID_KEY_SIZE
            010E 02 0 87 KV_KEY_DOES_NOT_EXIST
            0110 02 0 88 KV_UNRECOVERED_ERROR
            0112 02 0 89 KV_KEY_EXISTS
            0200 09 1 00 COMPLETION_QUEUE_INVALID
            0202 09 1 01 INVALID_QUEUE_ID
            0204 09 1 02 INVALID_QUEUE_SIZE
            0206 09 1 03 ABORT_COMMAND_LIMIT_EXCEEDED
            020A 09 1 05 ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED
            020C 09 1 06 INVALID_FIRMWARE_SLOT
            020E 09 1 07 INVALID_FIRMWARE_IMAGE
            0210 09 1 08 INVALID_INTERRUPT_VECTOR
            0212 09 1 09 INVALID_LOG_PAGE
            0214 09 1 0A INVALID_FORMAT
            0216 09 1 0B FIRMWARE_NEEDS_CONVENTIONAL_RESET
            0218 09 1 0C INVALID_QUEUE_DELETION
            021A 09 1 0D FEATURE_NOT_SAVEABLE
            021C 09 1 0E FEATURE_NOT_CHANGEABLE
            021E 09 1 0F FEATURE_NOT_NAMESPACE_SPECIFIC
            0220 09 1 10 FIRMWARE_NEEDS_SUBSYSTEM_RESET
            0222 09 1 11 FIRMWARE_NEEDS_CONTROLLER_RESET
            0224 09 1 12 FIRMWARE_NEEDS_MAX_TIME
            0226 09 1 13 FIRMWARE_ACTIVATION_PROHIBITED
            0228 09 1 14 OVERLAPPING_RANGE
            022A 09 1 15 NAMESPACE_INSUFFICIENT_CAPACITY
            022C 09 1 16 NAMESPACE_ID_UNAVAILABLE
            0230 09 1 18 NAMESPACE_ALREADY_ATTACHED
            0232 09 1 19 NAMESPACE_IS_PRIVATE
            0234 09 1 1A NAMESPACE_NOT_ATTACHED
            0236 09 1 1B THIN_PROVISIONING_NOT_SUPPORTED
            0238 09 1 1C CONTROLLER_LIST_INVALID
            023A 09 1 1D SELF_TEST_IN_PROGRESS
            023C 09 1 1E BOOT_PARTITION_WRITE_PROHIBITED
            023E 09 1 1F INVALID_CONTROLLER_ID
            0240 09 1 20 INVALID_SECONDARY_CONTROLLER_STATE
            0242 09 1 21 INVALID_NUMBER_OF_CONTROLLER_RESOURCES
            0244 09 1 22 INVALID_RESOURCE_ID
            0246 09 1 23 SANITIZE_PROHIBITED_WITH_PMR
            0248 09 1 24 ANA_GROUP_ID_INVALID
            024A 09 1 25 ANA_ATTACH_FAILED
            024C 09 1 26 INSUFFICIENT_CAPACITY
            024E 09 1 27 NAMESPACE_ATTACHMENT_LIMIT_EXCEEDED
            0250 09 1 28 PROHIBIT_EXECUTION_NOT_SUPPORTED
            0252 09 1 29 IO_COMMAND_SET_NOT_SUPPORTED
            0254 09 1 2A IO_COMMAND_SET_NOT_ENABLED
            0256 09 1 2B IO_COMMAND_SET_COMBINATION_REJECTED
            0258 09 1 2C INVALID_IO_COMMAND_SET
            025A 09 1 2D IDENTIFIER_UNAVAILABLE
            025E 09 1 2F INVALID_DISCOVERY_INFORMATION
            0260 09 1 30 ZONING_DATA_STRUCTURE_LOCKED
            0262 09 1 31 ZONING_DATA_STRUCTURE_NOT_FOUND
            0264 09 1 32 INSUFFICIENT_DISCOVERY_RESOURCES
            0266 09 1 33 REQUESTED_FUNCTION_DISABLED
            0268 09 1 34 ZONE_GROUP_ORIGINATOR_INVALID
            026E 09 1 37 INVALID_CONTROLLER_DATA_QUEUE
            0270 09 1 38 NOT_ENOUGH_RESOURCES
            0272 09 1 39 CONTROLLER_SUSPENDED
            0274 09 1 3A CONTROLLER_NOT_SUSPENDED
            0276 09 1 3B CONTROLLER_DATA_QUEUE_FULL
            02FE 09 1 7F STREAM_RESOURCE_ALLOCATION_FAILED
            0300 01 1 80 CONFLICTING_ATTRIBUTES
            0302 01 1 81 INVALID_PROTECTION_INFORMATION
            0304 01 1 82 WRITE_TO_READ_ONLY_RANGE
            0306 01 1 83 COMMAND_SIZE_LIMIT_EXCEEDED
            030A 01 1 85 INCOMPATIBLE_NAMESPACE
            030C 01 1 86 FAST_COPY_NOT_POSSIBLE
            030E 01 1 87 OVERLAPPING_IO_RANGE
            0312 01 1 89 INSUFFICIENT_RESOURCES
            036C 01 1 B6 ZONE_INVALID_OPERATION
            036E 01 1 B7 ZONE_ZRWA_RESOURCES_UNAVAILABLE
            0370 01 1 B8 ZONE_BOUNDARY_ERROR
            0372 01 1 B9 ZONE_FULL
            0374 01 1 BA ZONE_READ_ONLY
            0376 01 1 BB ZONE_OFFLINE
            0378 01 1 BC ZONE_INVALID_WRITE
            037A 01 1 BD TOO_MANY_ACTIVE_ZONES
            037C 01 1 BE TOO_MANY_OPEN_ZONES
            037E 01 1 BF ZONE_INVALID_STATE_TRANSITION
            0300 7F 1 80 CONNECT_INCOMPATIBLE_FORMAT
            0302 7F 1 81 CONNECT_CONTROLLER_BUSY
            0304 7F 1 82 CONNECT_INVALID_PARAMETERS
            0306 7F 1 83 CONNECT_RESTART_DISCOVERY
            0308 7F 1 84 CONNECT_INVALID_HOST
            030A 7F 1 85 INVALID_QUEUE_TYPE
            0320 7F 1 90 DISCOVER_RESTART
            0322 7F 1 91 AUTHENTICATION_REQUIRED
            0500 02 2 80 WRITE_FAULT
            0502 02 2 81 UNRECOVERED_READ_ERROR
            0504 02 2 82 GUARD_CHECK_ERROR
            0506 02 2 83 APPLICATION_TAG_CHECK_ERROR
            0508 02 2 84 REFERENCE_TAG_CHECK_ERROR
            050A 02 2 85 COMPARE_FAILURE
            050C 02 2 86 ACCESS_DENIED
            050E 02 2 87 DEALLOCATED_OR_UNWRITTEN_BLOCK
            0510 02 2 88 STORAGE_TAG_CHECK_ERROR
            0600 02 3 00 INTERNAL_PATH_ERROR
            0602 02 3 01 ANA_PERSISTENT_LOSS
            0604 02 3 02 ANA_INACCESSIBLE
            0606 02 3 03 ANA_TRANSITION
            06C0 02 3 60 CONTROLLER_PATHING_ERROR
            06E0 02 3 70 HOST_PATHING_ERROR
            06E2 02 3 71 ABORTED_BY_HOST
            """;

    @ParameterizedTest
    @CsvSource(textBlock = TABLE, delimiter = ' ')
    void everyListedCodeIsFoundByItsStatusFieldAndOpcode(
            String raw, String opcode, int type, String code, StatusCode expected) {
        Status status = Status.of(Integer.parseInt(raw, 16));
        assertThat(status.code(Integer.parseInt(opcode, 16))).contains(expected);
        assertThat(status.statusCodeType()).isEqualTo(type);
        assertThat(status.statusCode()).isEqualTo(Integer.parseInt(code, 16));
        assertThat(Status.of(expected)).isEqualTo(status).hasSameHashCodeAs(status);
        assertThat(Status.of(expected).raw()).isEqualTo(Integer.parseInt(raw, 16));
        assertThat(status.is(expected)).isTrue();
        assertThat(expected.text()).endsWith(".").hasSizeGreaterThan(10);
    }

    @Test
    @Covers("Code, type, CRD, More and DNR")
    void tableAboveNamesEveryCode() {
        Set<StatusCode> named = EnumSet.noneOf(StatusCode.class);
        TABLE.lines().forEach(line -> named.add(StatusCode.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        assertThat(named).containsExactlyInAnyOrder(StatusCode.values());
    }

    @Test
    void codesAreUniqueWithinTheirCommandSet() {
        assertThat(Arrays.stream(StatusCode.values())
                        .map(code -> code.type() + "/" + code.code() + "/" + code.commandSet()))
                .doesNotHaveDuplicates();
        assertThat(Arrays.stream(StatusCode.values()).map(StatusCode::text)).doesNotHaveDuplicates();
    }

    @Test
    @Covers("Code, type, CRD, More and DNR")
    void flagsLieWhereTheSpecificationPutsThem() {
        assertThat(Status.of(0x8000).doNotRetry()).isTrue();
        assertThat(Status.of(0x4000).more()).isTrue();
        assertThat(Status.of(0x1000).crd()).isEqualTo(1);
        assertThat(Status.of(0x3000).crd()).isEqualTo(3);
        Status none = Status.of(0x0FFE);
        assertThat(none.doNotRetry() || none.more()).isFalse();
        assertThat(none.crd()).isZero();
        assertThat(none.statusCodeType()).isEqualTo(7);
        assertThat(none.statusCode()).isEqualTo(0xFF);
        assertThat(Status.of(StatusCode.INVALID_FIELD, true).raw()).isEqualTo(0x8004);
        assertThat(Status.of(1, 0x82, true).raw()).isEqualTo(0x8304);
    }

    @Test
    @Covers("16 bytes; the phase bit is of no meaning")
    void phaseBitIsDropped() {
        assertThat(Status.of(0x0001)).isSameAs(Status.SUCCESS);
        assertThat(Status.of(0x0005)).isEqualTo(Status.of(StatusCode.INVALID_FIELD));
        assertThat(Status.SUCCESS.isSuccess()).isTrue();
        assertThat(Status.of(0x4000).isSuccess()).isTrue();
        assertThat(Status.of(0x0200).isSuccess()).isFalse();
    }

    @Test
    void unlistedCodesStayRepresentable() {
        Status vendor = Status.of(7, 0xC0, false);
        assertThat(vendor.code(NvmOpcode.READ)).isEmpty();
        assertThat(vendor.retry(NvmOpcode.READ)).isEqualTo(Retry.NEVER);
        assertThat(vendor.describe(NvmOpcode.READ)).isEqualTo("7/C0h Code not listed by the specification");
        assertThat(Status.of(3, 0x61, false).retry(NvmOpcode.READ)).isEqualTo(Retry.OTHER_PATH);
        assertThat(StatusCode.find(-1, 0, CommandSet.NVM)).isEmpty();
        assertThat(StatusCode.find(0, 256, CommandSet.NVM)).isEmpty();
        for (int raw = 0; raw <= 0xFFFF; raw++) {
            Status status = Status.of(raw);
            assertThat(status.describe(NvmOpcode.READ)).isNotEmpty();
            assertThat(Status.of(status.statusCodeType(), status.statusCode(), status.doNotRetry())
                            .raw())
                    .isEqualTo(raw & 0x8FFE);
        }
    }

    @Test
    void codesFrom80hDependOnTheCommand() {
        Status status = Status.of(1, 0x80, false);
        assertThat(status.code(FabricsCommandType.FABRICS_OPCODE)).contains(StatusCode.CONNECT_INCOMPATIBLE_FORMAT);
        assertThat(status.code(NvmOpcode.WRITE)).contains(StatusCode.CONFLICTING_ATTRIBUTES);
        assertThat(Status.of(1, 0xB8, false).code(CommandSet.FABRICS)).isEmpty();
    }

    @Test
    void queuesWithoutAuthenticationAnswerAnyCommandWithTheSameCode() {
        assertThat(Status.of(1, 0x91, false).code(NvmOpcode.READ)).contains(StatusCode.AUTHENTICATION_REQUIRED);
        assertThat(Status.of(1, 0x90, false).code(AdminOpcode.GET_LOG_PAGE)).contains(StatusCode.DISCOVER_RESTART);
    }

    @ParameterizedTest
    @CsvSource({
        "ABORTED_BY_HOST, AMBIGUOUS",
        "DATA_TRANSFER_ERROR, AMBIGUOUS",
        "ABORT_REQUESTED, AMBIGUOUS",
        "INTERNAL_PATH_ERROR, OTHER_PATH",
        "HOST_PATHING_ERROR, OTHER_PATH",
        "TRANSIENT_TRANSPORT_ERROR, OTHER_PATH",
        "ANA_PERSISTENT_LOSS, REFRESH_ANA",
        "ANA_INACCESSIBLE, REFRESH_ANA",
        "ANA_TRANSITION, REFRESH_ANA",
        "COMMAND_INTERRUPTED, SAME_PATH",
        "NAMESPACE_NOT_READY, SAME_PATH",
        "ADMIN_MEDIA_NOT_READY, SAME_PATH",
        "SANITIZE_IN_PROGRESS, SAME_PATH",
        "INVALID_COMMAND_OPCODE, NEVER",
        "INVALID_FIELD, NEVER",
        "INVALID_NAMESPACE_OR_FORMAT, NEVER",
        "LBA_OUT_OF_RANGE, NEVER",
        "CAPACITY_EXCEEDED, NEVER",
        "RESERVATION_CONFLICT, NEVER",
        "UNRECOVERED_READ_ERROR, NEVER",
        "COMPARE_FAILURE, NEVER"
    })
    void retryClassFollowsTheCodeUnlessDnrForbids(StatusCode code, Retry retry) {
        assertThat(Status.of(code).retry(NvmOpcode.READ)).isEqualTo(retry);
        assertThat(Status.of(code, true).retry(NvmOpcode.READ)).isEqualTo(Retry.NEVER);
    }

    @Test
    @Covers("CRD selects a delay from CRDT1..3; they are asked for with ACRE")
    void commandRetryDelayMakesARetryWorthwhile() {
        int raw = Status.of(StatusCode.INVALID_FIELD).raw() | 0x2000;
        assertThat(Status.of(raw).retry(NvmOpcode.READ)).isEqualTo(Retry.SAME_PATH);
        assertThat(Status.of(raw | 0x8000).retry(NvmOpcode.READ)).isEqualTo(Retry.NEVER);
    }

    @Test
    void statusTellsTypeCodeTextAndFlags() {
        assertThat(Status.of(0xE016)).hasToString("0/0Bh CRD2 M DNR");
        assertThat(Status.of(StatusCode.LBA_OUT_OF_RANGE, true).describe(NvmOpcode.READ))
                .isEqualTo("0/80h DNR The command reaches beyond the size of the namespace.");
    }

    @Test
    void typesAndCodesOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Status.of(8, 0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> Status.of(0, 256, false));
    }
}
