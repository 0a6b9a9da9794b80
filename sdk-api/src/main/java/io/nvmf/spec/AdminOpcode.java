package io.nvmf.spec;

/** Opcodes of the Admin command set (NVMe Base Specification, "Admin Command Set"). */
public final class AdminOpcode {
    /** Get Log Page. */
    public static final int GET_LOG_PAGE = 0x02;
    /** Identify. */
    public static final int IDENTIFY = 0x06;
    /** Abort. */
    public static final int ABORT = 0x08;
    /** Set Features. */
    public static final int SET_FEATURES = 0x09;
    /** Get Features. */
    public static final int GET_FEATURES = 0x0A;
    /** Asynchronous Event Request. */
    public static final int ASYNC_EVENT_REQUEST = 0x0C;
    /** Namespace Management. */
    public static final int NAMESPACE_MANAGEMENT = 0x0D;
    /** Firmware Commit. */
    public static final int FIRMWARE_COMMIT = 0x10;
    /** Firmware Image Download. */
    public static final int FIRMWARE_IMAGE_DOWNLOAD = 0x11;
    /** Device Self-test. */
    public static final int DEVICE_SELF_TEST = 0x14;
    /** Namespace Attachment. */
    public static final int NAMESPACE_ATTACHMENT = 0x15;
    /** Keep Alive. */
    public static final int KEEP_ALIVE = 0x18;
    /** Directive Send. */
    public static final int DIRECTIVE_SEND = 0x19;
    /** Directive Receive. */
    public static final int DIRECTIVE_RECEIVE = 0x1A;
    /** Virtualization Management. */
    public static final int VIRTUALIZATION_MANAGEMENT = 0x1C;
    /** NVMe-MI Send. */
    public static final int NVME_MI_SEND = 0x1D;
    /** NVMe-MI Receive. */
    public static final int NVME_MI_RECEIVE = 0x1E;
    /** Capacity Management. */
    public static final int CAPACITY_MANAGEMENT = 0x20;
    /** Discovery Information Management. */
    public static final int DISCOVERY_INFORMATION_MANAGEMENT = 0x21;
    /** Lockdown. */
    public static final int LOCKDOWN = 0x24;
    /** Fabrics commands, told apart by {@link FabricsCommandType}. */
    public static final int FABRICS = 0x7F;
    /** Format NVM. */
    public static final int FORMAT_NVM = 0x80;
    /** Security Send. */
    public static final int SECURITY_SEND = 0x81;
    /** Security Receive. */
    public static final int SECURITY_RECEIVE = 0x82;
    /** Sanitize. */
    public static final int SANITIZE = 0x84;
    /** Get LBA Status. */
    public static final int GET_LBA_STATUS = 0x86;

    private AdminOpcode() {}
}
