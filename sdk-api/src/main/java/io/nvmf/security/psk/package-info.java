/**
 * From a configured or generated PSK to what the TLS handshake needs: identities and TLS PSKs. Pure functions of the
 * NVMe/TCP transport specification over the JCA's HMAC, without input or output. They know no TLS library.
 */
@NullMarked
package io.nvmf.security.psk;

import org.jspecify.annotations.NullMarked;
