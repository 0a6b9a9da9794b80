/**
 * What tests of a byte-level protocol are made of: PDUs written down independently of the code under test, ways to cut
 * a byte stream into pieces, and a scripted peer on a loopback socket. Nothing here uses a class of the transport.
 */
@NullMarked
package io.nvmf.tcp.testing;

import org.jspecify.annotations.NullMarked;
