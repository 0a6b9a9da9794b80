package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaRejectedException;
import java.io.IOException;
import java.util.function.Consumer;

/** Asks for a connection: sends the request in one write, because siw loses pieces, and waits for the reply. */
final class MpaInitiator extends MpaHandler {

    private final RdmaConnectRequest request;
    private final Consumer<RdmaConnection> connected;
    private final Consumer<Throwable> failed;

    private boolean checked;

    /**
     * Nothing is sent before {@link #start}.
     *
     * @param channel connected
     * @param request of the user
     * @param connected gets the connection
     * @param failed gets why there is none
     */
    MpaInitiator(
            Channel channel,
            RdmaConnectRequest request,
            Consumer<RdmaConnection> connected,
            Consumer<Throwable> failed) {
        super(channel, request.options(), true);
        this.request = request;
        this.connected = connected;
        this.failed = failed;
    }

    private boolean isPeerToPeer() {
        return options.require(IwarpOptions.PEER_TO_PEER);
    }

    private int readsOut() {
        // A read is one of the ways to say that this side is ready.
        return Math.max(request.limits().readsOut(), isPeerToPeer() ? 1 : 0);
    }

    /** Sends the request. */
    void start() {
        boolean peerToPeer = isPeerToPeer();
        int flags = MpaFrame.ENHANCED | (options.require(IwarpOptions.CRC) ? MpaFrame.CRC : 0);
        int in = request.limits().readsIn() | (peerToPeer ? MpaFrame.PEER_TO_PEER : 0);
        int out = readsOut() | (peerToPeer ? MpaFrame.READY_WRITE | MpaFrame.READY_READ : 0);
        write(
                new MpaFrame(false, flags, MpaFrame.LATEST_REVISION, in, out, bytes(request.privateData())),
                channel.newPromise());
        channel.read();
    }

    @Override
    void arrived(MpaFrame reply) throws IwarpViolation {
        if (reply.has(MpaFrame.REJECTED)) {
            fail(new RdmaRejectedException(request.address() + " rejects the connection", reply.privateData()));
            return;
        }
        if (reply.has(MpaFrame.MARKERS)) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, "the peer wants markers");
        }
        checked = options.require(IwarpOptions.CRC) || reply.has(MpaFrame.CRC);
        RdmaLimits wanted = request.limits();
        int readsIn = wanted.readsIn();
        int readsOut = reply.agreesOnReads()
                ? Math.min(wanted.readsOut(), reply.readsIn() & MpaFrame.READS)
                : Math.min(wanted.readsOut(), unnegotiated());
        if (reply.agreesOnReads()) {
            int asked = reply.readsOut() & MpaFrame.READS;
            if (asked > readsIn) {
                throw new IwarpViolation(
                        TerminateError.MPA_READS, "the peer wants to issue " + asked + " reads, not " + readsIn);
            }
            readsIn = asked;
        }
        RdmaLimits agreed = new RdmaLimits(wanted.sends(), wanted.receives(), wanted.receiveSize(), readsIn, readsOut);
        connected.accept(connected(true, reply, agreed, checked, ready(reply)));
    }

    private ConnectionTerms.Ready ready(MpaFrame reply) throws IwarpViolation {
        boolean granted =
                isPeerToPeer() && reply.has(MpaFrame.ENHANCED) && (reply.readsIn() & MpaFrame.PEER_TO_PEER) != 0;
        if (!granted) {
            return ConnectionTerms.Ready.NONE;
        }
        if ((reply.readsOut() & MpaFrame.READY_WRITE) != 0) {
            return ConnectionTerms.Ready.WRITE;
        }
        if ((reply.readsOut() & MpaFrame.READY_READ) != 0) {
            return ConnectionTerms.Ready.READ;
        }
        throw new IwarpViolation(TerminateError.MPA_READY, "the peer wants neither an empty write nor an empty read");
    }

    /** What the peer replied is right, and cannot be agreed to: it is told, in the first FPDU and the last. */
    @Override
    void violated(ChannelHandlerContext context, IwarpViolation violation) {
        TerminateError error = violation.error();
        if (error != TerminateError.MPA_READS && error != TerminateError.MPA_READY) {
            super.violated(context, violation);
            return;
        }
        failOpen(new IOException(violation.getMessage()));
        FpduEncoder encoder = new FpduEncoder(context, checked, Fpdu.LEAST_ULPDU);
        encoder.terminate(error, null, null);
        encoder.flush();
        encoder.tell(context.newPromise().addListener(told -> channel.close()));
        encoder.release();
    }

    @Override
    void failed(Throwable cause) {
        failed.accept(cause);
    }
}
