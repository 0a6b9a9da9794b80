/**
 * What a user configures to keep a fabric safe: secrets and keys as the NVMe documents define them, and which algorithms
 * are allowed. Secrets belong to whoever made them, are closed after use, which wipes them, and never show in text, exceptions
 * or logs unless asked for. All computation is that of the Java Cryptography Architecture.
 */
@NullMarked
package io.nvmf.security;

import org.jspecify.annotations.NullMarked;
