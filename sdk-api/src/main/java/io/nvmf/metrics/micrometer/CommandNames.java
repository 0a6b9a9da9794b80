package io.nvmf.metrics.micrometer;

import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.NvmOpcode;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Commands as values of a tag: an opcode means another command on the admin queue than on others. */
enum CommandNames {

    /** Of the admin queue. */
    ADMIN(
            Map.ofEntries(
                    Map.entry(AdminOpcode.GET_LOG_PAGE, "get_log_page"),
                    Map.entry(AdminOpcode.IDENTIFY, "identify"),
                    Map.entry(AdminOpcode.ABORT, "abort"),
                    Map.entry(AdminOpcode.SET_FEATURES, "set_features"),
                    Map.entry(AdminOpcode.GET_FEATURES, "get_features"),
                    Map.entry(AdminOpcode.NAMESPACE_MANAGEMENT, "namespace_management"),
                    Map.entry(AdminOpcode.FIRMWARE_COMMIT, "firmware_commit"),
                    Map.entry(AdminOpcode.FIRMWARE_IMAGE_DOWNLOAD, "firmware_image_download"),
                    Map.entry(AdminOpcode.DEVICE_SELF_TEST, "device_self_test"),
                    Map.entry(AdminOpcode.NAMESPACE_ATTACHMENT, "namespace_attachment"),
                    Map.entry(AdminOpcode.KEEP_ALIVE, "keep_alive"),
                    Map.entry(AdminOpcode.FABRICS, "fabrics"),
                    Map.entry(AdminOpcode.FORMAT_NVM, "format_nvm"),
                    Map.entry(AdminOpcode.SECURITY_SEND, "security_send"),
                    Map.entry(AdminOpcode.SECURITY_RECEIVE, "security_receive"),
                    Map.entry(AdminOpcode.SANITIZE, "sanitize"),
                    Map.entry(AdminOpcode.GET_LBA_STATUS, "get_lba_status")),
            AdminOpcode.KEEP_ALIVE),

    /** Of I/O queues. */
    IO(
            Map.ofEntries(
                    Map.entry(NvmOpcode.FLUSH, "flush"),
                    Map.entry(NvmOpcode.WRITE, "write"),
                    Map.entry(NvmOpcode.READ, "read"),
                    Map.entry(NvmOpcode.WRITE_UNCORRECTABLE, "write_uncorrectable"),
                    Map.entry(NvmOpcode.COMPARE, "compare"),
                    Map.entry(NvmOpcode.WRITE_ZEROES, "write_zeroes"),
                    Map.entry(NvmOpcode.DATASET_MANAGEMENT, "dataset_management"),
                    Map.entry(NvmOpcode.VERIFY, "verify"),
                    Map.entry(NvmOpcode.RESERVATION_REGISTER, "reservation_register"),
                    Map.entry(NvmOpcode.RESERVATION_REPORT, "reservation_report"),
                    Map.entry(NvmOpcode.RESERVATION_ACQUIRE, "reservation_acquire"),
                    Map.entry(NvmOpcode.RESERVATION_RELEASE, "reservation_release"),
                    Map.entry(NvmOpcode.CANCEL, "cancel"),
                    Map.entry(NvmOpcode.COPY, "copy"),
                    Map.entry(NvmOpcode.ZONE_MANAGEMENT_SEND, "zone_management_send"),
                    Map.entry(NvmOpcode.ZONE_MANAGEMENT_RECEIVE, "zone_management_receive"),
                    Map.entry(NvmOpcode.ZONE_APPEND, "zone_append"),
                    Map.entry(AdminOpcode.FABRICS, "fabrics")),
            NvmOpcode.READ,
            NvmOpcode.WRITE,
            NvmOpcode.FLUSH);

    /** Immutable. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final Map<Integer, String> names;

    /** Never handed out. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final int[] common;

    CommandNames(Map<Integer, String> names, int... common) {
        this.names = names;
        this.common = common;
    }

    /** Opcodes that every user of such a queue has. */
    int[] common() {
        return common.clone();
    }

    /** The name of a command, or its opcode in hexadecimal. */
    String name(int opcode) {
        @Nullable String name = names.get(opcode);
        return name == null ? String.format(Locale.ROOT, "%02xh", opcode) : name;
    }
}
