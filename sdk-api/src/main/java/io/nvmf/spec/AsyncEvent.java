package io.nvmf.spec;

/**
 * The result of an Asynchronous Event Request (NVMe Base Specification, "Asynchronous Event Request command").
 *
 * @param type event type, {@link #TYPE_ERROR} and so on, 0..7
 * @param information event information, 0..255; its meaning depends on the type
 * @param logPage log page that clears the event, 0..255
 * @param specific dword 1, event specific
 */
public record AsyncEvent(int type, int information, int logPage, int specific) {
    /** Type: error, see log page 01h. */
    public static final int TYPE_ERROR = 0;
    /** Type: SMART / health, see log page 02h. */
    public static final int TYPE_SMART_HEALTH = 1;
    /** Type: notice, see {@code INFO_NOTICE_*}. */
    public static final int TYPE_NOTICE = 2;
    /** Type: immediate, the controller needs a reset. */
    public static final int TYPE_IMMEDIATE = 3;
    /** Type: one-shot. */
    public static final int TYPE_ONE_SHOT = 4;
    /** Type: specific to an I/O command set. */
    public static final int TYPE_IO_COMMAND_SET = 6;
    /** Type: vendor specific. */
    public static final int TYPE_VENDOR = 7;
    /** Error: persistent internal error, the controller needs a reset. */
    public static final int INFO_ERROR_PERSISTENT_INTERNAL = 3;
    /** Notice: a namespace attribute changed. */
    public static final int INFO_NOTICE_NAMESPACE_CHANGED = 0;
    /** Notice: firmware activation starts. */
    public static final int INFO_NOTICE_FIRMWARE_ACTIVATION = 1;
    /** Notice: the telemetry log changed. */
    public static final int INFO_NOTICE_TELEMETRY = 2;
    /** Notice: asymmetric namespace access changed. */
    public static final int INFO_NOTICE_ANA_CHANGED = 3;
    /** Notice: the discovery log page changed. */
    public static final int INFO_NOTICE_DISCOVERY_CHANGED = 0xF0;

    /**
     * Reads a completion.
     *
     * @param dw0 dword 0 of the completion
     * @param dw1 dword 1 of the completion
     * @return the event
     */
    public static AsyncEvent decode(int dw0, int dw1) {
        return new AsyncEvent(Wire.bits(dw0, 0, 3), Wire.bits(dw0, 8, 8), Wire.bits(dw0, 16, 8), dw1);
    }

    /** {@return dword 0 of the completion; {@link #specific} is dword 1} */
    public int encode() {
        return (type & 7) | (information & 0xFF) << 8 | (logPage & 0xFF) << 16;
    }

    /** {@return whether this event says that the controller needs a reset} */
    public boolean needsReset() {
        return type == TYPE_IMMEDIATE || (type == TYPE_ERROR && information == INFO_ERROR_PERSISTENT_INTERNAL);
    }
}
