package io.nvmf.spec;

/**
 * Feature 06h: the volatile write cache.
 *
 * @param enabled WCE
 */
public record VolatileWriteCache(boolean enabled) {
    /**
     * Reads CDW11 of Set Features or dword 0 of the Get Features response.
     *
     * @param dword the dword
     * @return the setting
     */
    public static VolatileWriteCache decode(int dword) {
        return new VolatileWriteCache((dword & 1) != 0);
    }

    /** {@return CDW11 of Set Features or dword 0 of the Get Features response} */
    public int encode() {
        return enabled ? 1 : 0;
    }
}
