package io.nvmf.samples.inspect;

import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.NvmOpcode;
import java.util.Map;

/** Names of commands. */
final class CommandText {

    private static final Map<Integer, String> ADMIN = Map.ofEntries(
            Map.entry(AdminOpcode.GET_LOG_PAGE, "Get Log Page"),
            Map.entry(AdminOpcode.IDENTIFY, "Identify"),
            Map.entry(AdminOpcode.ABORT, "Abort"),
            Map.entry(AdminOpcode.SET_FEATURES, "Set Features"),
            Map.entry(AdminOpcode.GET_FEATURES, "Get Features"),
            Map.entry(AdminOpcode.ASYNC_EVENT_REQUEST, "Asynchronous Event Request"),
            Map.entry(AdminOpcode.NAMESPACE_MANAGEMENT, "Namespace Management"),
            Map.entry(AdminOpcode.FIRMWARE_COMMIT, "Firmware Commit"),
            Map.entry(AdminOpcode.FIRMWARE_IMAGE_DOWNLOAD, "Firmware Image Download"),
            Map.entry(AdminOpcode.DEVICE_SELF_TEST, "Device Self-test"),
            Map.entry(AdminOpcode.NAMESPACE_ATTACHMENT, "Namespace Attachment"),
            Map.entry(AdminOpcode.KEEP_ALIVE, "Keep Alive"),
            Map.entry(AdminOpcode.DIRECTIVE_SEND, "Directive Send"),
            Map.entry(AdminOpcode.DIRECTIVE_RECEIVE, "Directive Receive"),
            Map.entry(AdminOpcode.VIRTUALIZATION_MANAGEMENT, "Virtualization Management"),
            Map.entry(AdminOpcode.NVME_MI_SEND, "NVMe-MI Send"),
            Map.entry(AdminOpcode.NVME_MI_RECEIVE, "NVMe-MI Receive"),
            Map.entry(AdminOpcode.CAPACITY_MANAGEMENT, "Capacity Management"),
            Map.entry(AdminOpcode.DISCOVERY_INFORMATION_MANAGEMENT, "Discovery Information Management"),
            Map.entry(AdminOpcode.LOCKDOWN, "Lockdown"),
            Map.entry(AdminOpcode.FABRICS, "Fabrics"),
            Map.entry(AdminOpcode.FORMAT_NVM, "Format NVM"),
            Map.entry(AdminOpcode.SECURITY_SEND, "Security Send"),
            Map.entry(AdminOpcode.SECURITY_RECEIVE, "Security Receive"),
            Map.entry(AdminOpcode.SANITIZE, "Sanitize"),
            Map.entry(AdminOpcode.GET_LBA_STATUS, "Get LBA Status"));

    private static final Map<Integer, String> NVM = Map.ofEntries(
            Map.entry(NvmOpcode.FLUSH, "Flush"),
            Map.entry(NvmOpcode.WRITE, "Write"),
            Map.entry(NvmOpcode.READ, "Read"),
            Map.entry(NvmOpcode.WRITE_UNCORRECTABLE, "Write Uncorrectable"),
            Map.entry(NvmOpcode.COMPARE, "Compare"),
            Map.entry(NvmOpcode.WRITE_ZEROES, "Write Zeroes"),
            Map.entry(NvmOpcode.DATASET_MANAGEMENT, "Dataset Management"),
            Map.entry(NvmOpcode.VERIFY, "Verify"),
            Map.entry(NvmOpcode.RESERVATION_REGISTER, "Reservation Register"),
            Map.entry(NvmOpcode.RESERVATION_REPORT, "Reservation Report"),
            Map.entry(NvmOpcode.RESERVATION_ACQUIRE, "Reservation Acquire"),
            Map.entry(NvmOpcode.IO_MANAGEMENT_RECEIVE, "I/O Management Receive"),
            Map.entry(NvmOpcode.RESERVATION_RELEASE, "Reservation Release"),
            Map.entry(NvmOpcode.CANCEL, "Cancel"),
            Map.entry(NvmOpcode.COPY, "Copy"),
            Map.entry(NvmOpcode.IO_MANAGEMENT_SEND, "I/O Management Send"),
            Map.entry(NvmOpcode.ZONE_MANAGEMENT_SEND, "Zone Management Send"),
            Map.entry(NvmOpcode.ZONE_MANAGEMENT_RECEIVE, "Zone Management Receive"),
            Map.entry(NvmOpcode.ZONE_APPEND, "Zone Append"));

    private CommandText() {}

    /** {@return the name, or the opcode as it is} */
    static String name(boolean admin, int opcode) {
        return (admin ? ADMIN : NVM).getOrDefault(opcode, Field.hex(opcode, 1));
    }
}
