/**
 * HMAC as all derivations of keys and responses here use it. It leaves no copy of a key behind. Nothing here keeps
 * state.
 */
@NullMarked
package io.nvmf.security.mac;

import org.jspecify.annotations.NullMarked;
