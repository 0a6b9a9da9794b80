package io.nvmf.spec;

/**
 * The VS property, and VER of the Identify Controller structure (NVMe Base Specification, "Version").
 *
 * @param major MJR, 0..65535
 * @param minor MNR, 0..255
 * @param tertiary TER, 0..255
 */
public record Version(int major, int minor, int tertiary) implements Comparable<Version> {
    /**
     * Reads the property.
     *
     * @param value value of the property
     * @return the version
     */
    public static Version decode(int value) {
        return new Version(value >>> 16, Wire.bits(value, 8, 8), Wire.bits(value, 0, 8));
    }

    /** {@return the value of the property} */
    public int encode() {
        return major << 16 | (minor & 0xFF) << 8 | (tertiary & 0xFF);
    }

    @Override
    public int compareTo(Version other) {
        return Integer.compareUnsigned(encode(), other.encode());
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + tertiary;
    }
}
