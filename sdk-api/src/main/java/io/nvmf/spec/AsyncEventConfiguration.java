package io.nvmf.spec;

/**
 * Feature 0Bh: the events a host wants; OAES of the Identify Controller structure uses the same bits from 8 up.
 *
 * @param value CDW11, or OAES
 */
public record AsyncEventConfiguration(int value) {
    /** Bits of the SMART / health critical warnings. */
    public static final int SMART_WARNINGS = 0xFF;
    /** Bit: namespace attribute notices. */
    public static final int NAMESPACE_ATTRIBUTE = 1 << 8;
    /** Bit: firmware activation notices. */
    public static final int FIRMWARE_ACTIVATION = 1 << 9;
    /** Bit: telemetry log notices. */
    public static final int TELEMETRY = 1 << 10;
    /** Bit: asymmetric namespace access change notices. */
    public static final int ANA_CHANGE = 1 << 11;
    /** Bit: predictable latency event aggregate notices. */
    public static final int PREDICTABLE_LATENCY = 1 << 12;
    /** Bit: LBA status information notices. */
    public static final int LBA_STATUS = 1 << 13;
    /** Bit: endurance group event aggregate notices. */
    public static final int ENDURANCE_GROUP = 1 << 14;
    /** Bit: discovery log page change notices. */
    public static final int DISCOVERY_LOG_CHANGE = 1 << 31;

    /**
     * Whether all of the given bits are set.
     *
     * @param bits bits to look at
     * @return true if they are
     */
    public boolean has(int bits) {
        return (value & bits) == bits;
    }

    /**
     * What of this a controller supports.
     *
     * @param oaes OAES of the Identify Controller structure
     * @return the SMART warnings and those notices that the controller can send
     */
    public AsyncEventConfiguration supportedBy(int oaes) {
        return new AsyncEventConfiguration(value & (oaes | SMART_WARNINGS));
    }
}
