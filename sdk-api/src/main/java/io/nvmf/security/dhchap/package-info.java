/**
 * DH-HMAC-CHAP: its mathematics, and a transaction as host and controller see it. Messages go in and messages come out;
 * nothing here does I/O, knows a timer or a reactive type. Whatever is secret is overwritten when a transaction ends.
 */
@NullMarked
package io.nvmf.security.dhchap;

import org.jspecify.annotations.NullMarked;
