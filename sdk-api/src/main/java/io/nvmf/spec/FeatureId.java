package io.nvmf.spec;

/** Feature identifiers (NVMe Base Specification, "Feature Identifiers"). */
public final class FeatureId {
    /** Arbitration. */
    public static final int ARBITRATION = 0x01;
    /** Power Management. */
    public static final int POWER_MANAGEMENT = 0x02;
    /** LBA Range Type. */
    public static final int LBA_RANGE_TYPE = 0x03;
    /** Temperature Threshold. */
    public static final int TEMPERATURE_THRESHOLD = 0x04;
    /** Error Recovery. */
    public static final int ERROR_RECOVERY = 0x05;
    /** Volatile Write Cache, {@link VolatileWriteCache}. */
    public static final int VOLATILE_WRITE_CACHE = 0x06;
    /** Number of Queues, {@link NumberOfQueues}. */
    public static final int NUMBER_OF_QUEUES = 0x07;
    /** Asynchronous Event Configuration, {@link AsyncEventConfiguration}. */
    public static final int ASYNC_EVENT_CONFIGURATION = 0x0B;
    /** Timestamp. */
    public static final int TIMESTAMP = 0x0E;
    /** Keep Alive Timer, {@link KeepAliveTimer}. */
    public static final int KEEP_ALIVE_TIMER = 0x0F;
    /** Non-Operational Power State Configuration. */
    public static final int NON_OPERATIONAL_POWER_STATE = 0x11;
    /** Host Behavior Support, {@link HostBehavior}. */
    public static final int HOST_BEHAVIOR_SUPPORT = 0x16;
    /** Sanitize Config. */
    public static final int SANITIZE_CONFIG = 0x17;
    /** I/O Command Set Profile. */
    public static final int IO_COMMAND_SET_PROFILE = 0x19;
    /** Flexible Data Placement. */
    public static final int FLEXIBLE_DATA_PLACEMENT = 0x1D;
    /** Flexible Data Placement Events. */
    public static final int FLEXIBLE_DATA_PLACEMENT_EVENTS = 0x1E;
    /** Software Progress Marker. */
    public static final int SOFTWARE_PROGRESS_MARKER = 0x80;
    /** Host Identifier; comes from Connect over fabrics and cannot be set. */
    public static final int HOST_IDENTIFIER = 0x81;
    /** Reservation Notification Mask. */
    public static final int RESERVATION_NOTIFICATION_MASK = 0x82;
    /** Reservation Persistence. */
    public static final int RESERVATION_PERSISTENCE = 0x83;
    /** Namespace Write Protection Config. */
    public static final int NAMESPACE_WRITE_PROTECTION = 0x84;

    private FeatureId() {}
}
