package io.nvmf.spec;

import java.time.Duration;

/**
 * The CAP property (NVMe Base Specification, "Controller Capabilities").
 *
 * @param raw all 64 bits, reserved ones included
 */
public record ControllerCapabilities(long raw) {
    /** CSS bit: the NVM command set is supported. */
    public static final int CSS_NVM = 1;
    /** CSS bit: one or more I/O command sets are supported, see Identify CNS 1Ch. */
    public static final int CSS_IO_COMMAND_SETS = 1 << 6;
    /** CSS bit: no I/O command set is supported. */
    public static final int CSS_ADMIN_ONLY = 1 << 7;

    /**
     * Reads the property.
     *
     * @param value value of the property
     * @return the capabilities
     */
    public static ControllerCapabilities decode(long value) {
        return new ControllerCapabilities(value);
    }

    /**
     * What a fabrics controller with 4 KiB memory pages reports; CQR is always 1 over fabrics.
     *
     * @param mqes entries of the largest queue minus one, 1..65535
     * @param timeout longest time to become ready or to stop, at most 127.5 s; rounded up to 500 ms
     * @param css bits of CSS
     * @return the capabilities
     */
    public static ControllerCapabilities fabrics(int mqes, Duration timeout, int css) {
        long to = (timeout.toMillis() + 499) / 500;
        Require.range("MQES", mqes, 1, 0xFFFF);
        Require.range("TO", to, 0, 0xFF);
        Require.range("CSS", css, 0, 0xFF);
        return new ControllerCapabilities(mqes | 1L << 16 | to << 24 | (long) css << 37);
    }

    /** {@return the value of the property} */
    public long encode() {
        return raw;
    }

    /** {@return MQES as on the wire: entries of the largest queue minus one} */
    public int mqes() {
        return Wire.bits(raw, 0, 16);
    }

    /** {@return CQR: whether queues have to be physically contiguous} */
    public boolean cqr() {
        return Wire.bits(raw, 16, 1) != 0;
    }

    /** {@return AMS: arbitration mechanisms beyond round robin} */
    public int ams() {
        return Wire.bits(raw, 17, 2);
    }

    /** {@return TO in units of 500 ms} */
    public int to() {
        return Wire.bits(raw, 24, 8);
    }

    /** {@return TO: the longest time CSTS.RDY takes to follow CC.EN} */
    public Duration timeout() {
        return Duration.ofMillis(500L * to());
    }

    /** {@return DSTRD: doorbell stride, meaningless over fabrics} */
    public int dstrd() {
        return Wire.bits(raw, 32, 4);
    }

    /** {@return NSSRS: whether a subsystem reset is supported} */
    public boolean nssrs() {
        return Wire.bits(raw, 36, 1) != 0;
    }

    /** {@return CSS: command sets supported, {@link #CSS_NVM} and so on} */
    public int css() {
        return Wire.bits(raw, 37, 8);
    }

    /** {@return MPSMIN: the smallest memory page is 2^(12 + MPSMIN) bytes, which is also the unit of MDTS} */
    public int mpsmin() {
        return Wire.bits(raw, 48, 4);
    }

    /** {@return MPSMAX: the largest memory page is 2^(12 + MPSMAX) bytes} */
    public int mpsmax() {
        return Wire.bits(raw, 52, 4);
    }

    /** {@return NSSS: whether a subsystem shutdown is supported} */
    public boolean nsss() {
        return Wire.bits(raw, 58, 1) != 0;
    }

    /** {@return CRMS: controller ready modes supported} */
    public int crms() {
        return Wire.bits(raw, 59, 2);
    }
}
