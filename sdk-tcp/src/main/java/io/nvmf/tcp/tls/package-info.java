/**
 * TLS 1.3 with pre-shared keys, as a handler in front of a connection. Only what is in here knows BouncyCastle, which is
 * an optional dependency: without TLS none of this is loaded or in a pipeline. It knows nothing of NVMe but the keys it
 * is given.
 */
@NullMarked
package io.nvmf.tcp.tls;

import org.jspecify.annotations.NullMarked;
