package io.nvmf.spec;

/**
 * The SMART / Health Information log page, 02h (NVMe Base Specification, "SMART / Health Information").
 *
 * <p>The 16-byte counters are read with {@link #getBig}.
 */
public final class SmartHealthLog extends Structure<SmartHealthLog.Field, SmartHealthLog> {
    /** Bytes of the page. */
    public static final int LENGTH = 512;

    /** The numbers of the page. */
    public enum Field implements StructureField {
        /** Critical warnings: 0 spare, 1 temperature, 2 reliability, 3 read only, 4 backup. */
        CRITICAL_WARNING(0, 1),
        /** Composite temperature, kelvin. */
        COMPOSITE_TEMPERATURE(1, 2),
        /** Available spare, percent. */
        AVAILABLE_SPARE(3, 1),
        /** Available spare threshold, percent. */
        AVAILABLE_SPARE_THRESHOLD(4, 1),
        /** Percentage used, may exceed 100. */
        PERCENTAGE_USED(5, 1),
        /** Critical warnings of all endurance groups. */
        ENDURANCE_GROUP_CRITICAL_WARNING(6, 1),
        /** Data read, units of 1000 times 512 bytes. */
        DATA_UNITS_READ(32, 16),
        /** Data written, units of 1000 times 512 bytes. */
        DATA_UNITS_WRITTEN(48, 16),
        /** Read commands completed. */
        HOST_READ_COMMANDS(64, 16),
        /** Write commands completed. */
        HOST_WRITE_COMMANDS(80, 16),
        /** Controller busy time, minutes. */
        CONTROLLER_BUSY_TIME(96, 16),
        /** Power cycles. */
        POWER_CYCLES(112, 16),
        /** Power on hours. */
        POWER_ON_HOURS(128, 16),
        /** Unsafe shutdowns. */
        UNSAFE_SHUTDOWNS(144, 16),
        /** Media and data integrity errors. */
        MEDIA_ERRORS(160, 16),
        /** Error information log entries. */
        ERROR_LOG_ENTRIES(176, 16),
        /** Time above the warning temperature, minutes. */
        WARNING_TEMPERATURE_TIME(192, 4),
        /** Time above the critical temperature, minutes. */
        CRITICAL_TEMPERATURE_TIME(196, 4),
        /** Temperature sensor 1, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_1(200, 2),
        /** Temperature sensor 2, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_2(202, 2),
        /** Temperature sensor 3, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_3(204, 2),
        /** Temperature sensor 4, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_4(206, 2),
        /** Temperature sensor 5, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_5(208, 2),
        /** Temperature sensor 6, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_6(210, 2),
        /** Temperature sensor 7, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_7(212, 2),
        /** Temperature sensor 8, kelvin, 0 if absent. */
        TEMPERATURE_SENSOR_8(214, 2);

        private final int offset;
        private final int size;

        Field(int offset, int size) {
            this.offset = offset;
            this.size = size;
        }

        @Override
        public int offset() {
            return offset;
        }

        @Override
        public int size() {
            return size;
        }
    }

    /** Creates a view that has to be {@linkplain #wrap wrapped} around bytes before use. */
    public SmartHealthLog() {
        super(LENGTH);
    }

    @Override
    SmartHealthLog self() {
        return this;
    }
}
