package io.nvmf.host.association;

import io.nvmf.host.queue.HostQueue;
import io.nvmf.transport.TransportAddress;

/**
 * A queue whose Connect command has succeeded.
 *
 * @param queue takes commands
 * @param address where it leads, as far as the transport can tell; a name may lead elsewhere a moment later
 * @param controllerId CNTLID, as the controller answered
 * @param sqFlowControl whether the controller has SQ flow control on, asked for or not
 */
record ConnectedQueue(HostQueue queue, TransportAddress address, int controllerId, boolean sqFlowControl) {}
