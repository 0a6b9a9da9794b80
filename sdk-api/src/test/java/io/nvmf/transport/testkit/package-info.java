/**
 * The transport test kit: what every transport has to prove. A transport extends
 * {@link io.nvmf.transport.testkit.TransportTestKit} and says how to connect; the behaviours are tested here. The helpers
 * (recording capsules, byte patterns, a connected pair) serve tests of the layers above as well.
 */
@NullMarked
package io.nvmf.transport.testkit;

import org.jspecify.annotations.NullMarked;
