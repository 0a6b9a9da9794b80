package io.nvmf.spec;

/** Log page identifiers (NVMe Base Specification, "Log Page Identifiers"). */
public final class LogPage {
    /** Supported Log Pages. */
    public static final int SUPPORTED_LOG_PAGES = 0x00;
    /** Error Information, {@link ErrorInformationEntry}. */
    public static final int ERROR_INFORMATION = 0x01;
    /** SMART / Health Information, {@link SmartHealthLog}. */
    public static final int SMART_HEALTH = 0x02;
    /** Firmware Slot Information, {@link FirmwareSlotLog}. */
    public static final int FIRMWARE_SLOT = 0x03;
    /** Changed Attached Namespace List, {@link ChangedNamespaceList}. */
    public static final int CHANGED_NAMESPACES = 0x04;
    /** Commands Supported and Effects, {@link CommandsSupportedAndEffects}. */
    public static final int COMMANDS_SUPPORTED_AND_EFFECTS = 0x05;
    /** Device Self-test. */
    public static final int DEVICE_SELF_TEST = 0x06;
    /** Telemetry Host-Initiated. */
    public static final int TELEMETRY_HOST_INITIATED = 0x07;
    /** Telemetry Controller-Initiated. */
    public static final int TELEMETRY_CONTROLLER_INITIATED = 0x08;
    /** Endurance Group Information. */
    public static final int ENDURANCE_GROUP = 0x09;
    /** Asymmetric Namespace Access, {@link AnaLog}. */
    public static final int ANA = 0x0C;
    /** Persistent Event Log. */
    public static final int PERSISTENT_EVENT = 0x0D;
    /** LBA Status Information. */
    public static final int LBA_STATUS = 0x0E;
    /** Feature Identifiers Supported and Effects. */
    public static final int FEATURE_EFFECTS = 0x12;
    /** Discovery, {@link DiscoveryLogHeader} and {@link DiscoveryLogEntry}. */
    public static final int DISCOVERY = 0x70;
    /** Reservation Notification. */
    public static final int RESERVATION_NOTIFICATION = 0x80;
    /** Sanitize Status. */
    public static final int SANITIZE_STATUS = 0x81;
    /** Changed Zone List. */
    public static final int CHANGED_ZONE_LIST = 0xBF;

    private LogPage() {}
}
