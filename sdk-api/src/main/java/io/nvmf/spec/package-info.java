/**
 * What the NVMe documents define, byte for byte: queue entries, SGL descriptors, status codes, Fabrics commands,
 * properties, Identify structures, log pages, features and the NVM command set. Hot structures are flyweights over a
 * {@code ByteBuf}, small ones are records, and every decoder bounds itself by the bytes it was given and keeps unknown
 * codes representable. Nothing here does I/O, keeps state between calls or knows a reactive type.
 */
@NullMarked
package io.nvmf.spec;

import org.jspecify.annotations.NullMarked;
