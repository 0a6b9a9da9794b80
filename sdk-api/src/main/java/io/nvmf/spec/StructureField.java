package io.nvmf.spec;

/**
 * Where a little-endian number lies in a {@link Structure}; implemented by the enums that list the fields of each
 * structure.
 */
public interface StructureField {
    /** {@return the byte offset in the structure} */
    int offset();

    /** {@return the size in bytes: 1, 2, 4, 8 or 16} */
    int size();

    /** {@return the name in the specification's words} */
    String name();
}
