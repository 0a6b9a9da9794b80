/**
 * The protocol data units of NVMe/TCP (NVMe/TCP Transport Specification 1.1, "PDUs"): one class for each, which knows
 * its layout and what a receiver checks. There are no objects for PDUs: everything is read and written in place, in the
 * buffer and at the index that the caller names. Nothing here knows connections, transfers or options. Internal.
 */
@NullMarked
package io.nvmf.tcp.pdu;

import org.jspecify.annotations.NullMarked;
