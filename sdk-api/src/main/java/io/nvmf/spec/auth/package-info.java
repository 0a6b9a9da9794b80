/**
 * In-band authentication as the NVMe documents define it, byte for byte: the two Fabrics commands and the messages that
 * they carry, with the numbers of hashes, groups and failures. Unknown numbers stay readable, so that each can be
 * answered with the failure that is specified for it. Nothing here computes, keeps secrets or does I/O.
 */
@NullMarked
package io.nvmf.spec.auth;

import org.jspecify.annotations.NullMarked;
