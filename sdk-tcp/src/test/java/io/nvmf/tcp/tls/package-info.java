/**
 * Tests of TLS: both sides in embedded channels, where every byte can be cut, changed and held up, and OpenSSL's
 * programs as peers, where they are installed.
 */
@NullMarked
package io.nvmf.tcp.tls;

import org.jspecify.annotations.NullMarked;
