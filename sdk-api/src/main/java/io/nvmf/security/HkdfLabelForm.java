package io.nvmf.security;

/**
 * How the label of HKDF-Expand-Label is written when keys are derived. Both sides have to use the same, or each finds
 * the other's identity or key wrong.
 */
public enum HkdfLabelForm {
    /** As RFC 8446 section 7.1 has it, and the NVMe/TCP specification asks for. */
    RFC_8446,
    /**
     * As libnvme up to 1.14 wrote it: without the lengths of label and context, and with the length of the output in
     * little-endian order. Only for peers whose keys were installed with such a version.
     */
    LIBNVME_1_14
}
