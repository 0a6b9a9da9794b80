package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * Feature 16h: what the host can cope with, 512 bytes of data.
 *
 * @param advancedCommandRetry ACRE: the host honours command retry delays
 * @param extendedTelemetry ETDAS: the host reads telemetry data area 4
 * @param lbaFormatExtension LBAFEE: the host understands extended LBA formats
 * @param hostDispersedNamespaces HDISNS: the host supports dispersed namespaces
 * @param copyDescriptorFormats CDFE: bits 2..4 enable copy descriptor formats 2h..4h
 */
public record HostBehavior(
        boolean advancedCommandRetry,
        boolean extendedTelemetry,
        boolean lbaFormatExtension,
        boolean hostDispersedNamespaces,
        int copyDescriptorFormats) {
    /** Bytes of the structure. */
    public static final int LENGTH = 512;

    /**
     * Reads the structure.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @return the fields
     * @throws SpecificationViolationException if the data is short
     */
    public static HostBehavior decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Host Behavior Support");
        return new HostBehavior(
                buffer.getByte(index) == 1,
                buffer.getByte(index + 1) == 1,
                buffer.getByte(index + 2) == 1,
                buffer.getByte(index + 3) == 1,
                buffer.getUnsignedShortLE(index + 4));
    }

    /**
     * Writes all 512 bytes.
     *
     * @param buffer receives the data
     * @param index absolute index of the data
     */
    public void encode(ByteBuf buffer, int index) {
        buffer.setZero(index, LENGTH);
        buffer.setBoolean(index, advancedCommandRetry);
        buffer.setBoolean(index + 1, extendedTelemetry);
        buffer.setBoolean(index + 2, lbaFormatExtension);
        buffer.setBoolean(index + 3, hostDispersedNamespaces);
        buffer.setShortLE(index + 4, copyDescriptorFormats);
    }
}
