/**
 * The transport test kit: what every transport has to prove. A transport extends
 * {@link io.nvmf.transport.testkit.TransportTestKit} and says how to connect; the behaviours are tested here. The
 * helpers (recording capsules, byte patterns, a connected pair) serve tests of the layers above as well. It is an
 * artifact of its own: {@code nvmf-sdk-api} with the classifier {@code testkit}.
 */
@NullMarked
package io.nvmf.transport.testkit;

import org.jspecify.annotations.NullMarked;
