/**
 * What a user configures to keep a fabric safe: secrets and keys as the NVMe documents define them. They are closed
 * after use, which wipes them, and never show themselves as text unless asked for it. What is derived from them is made
 * in {@code io.nvmf.security.psk}.
 */
@NullMarked
package io.nvmf.security;

import org.jspecify.annotations.NullMarked;
