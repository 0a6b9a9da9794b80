package io.nvmf.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.testing.ForwardingHostQueuePair;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import io.nvmf.transport.testkit.TransportTestKit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The kit holds for a transport whose host does not know how much of a transfer has moved, as where a device moves the
 * data.
 */
class UncountedKitTest extends TransportTestKit {

    private LoopTransport loop;

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        loop = new LoopTransport(LoopTransportOptions.defaults().withAllocator(buffers));
        return new Uncounted(loop);
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("local", 0);
    }

    @Override
    protected boolean knowsBytesMoved() {
        return false;
    }

    @Override
    protected Optional<TransportOption<Integer>> receiveLimit() {
        return Optional.of(LoopTransportOptions.MAX_RECEIVES);
    }

    @Override
    protected void alterNextCommand(HostQueuePair host, Consumer<ByteBuf> alteration) {
        HostQueuePair inner = ((UncountedQueuePair) host).inner;
        loop.connections().stream()
                .filter(connection -> connection.host() == inner)
                .findFirst()
                .orElseThrow()
                .alterNextCommand(alteration);
    }

    private record Uncounted(TransportProvider inner) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return inner.connect(parameters)
                    .map(queuePair -> new UncountedQueuePair(queuePair, parameters.maxInCapsuleData()));
        }
    }

    /** Tells the end of a transfer with the response to its command, and takes the number of bytes from the status. */
    private static final class UncountedQueuePair extends ForwardingHostQueuePair {

        private final int maxInCapsuleData;

        /** Between submission and the end of their transfer. */
        private final Map<CommandCapsule, UncountedCapsule> underWay = new ConcurrentHashMap<>();

        UncountedQueuePair(HostQueuePair inner, int maxInCapsuleData) {
            super(inner);
            this.maxInCapsuleData = maxInCapsuleData;
        }

        @Override
        public Flux<ResponseCapsule> responses() {
            return inner.responses().doOnNext(this::answered).doOnComplete(this::abortAll);
        }

        private void answered(ResponseCapsule response) {
            for (UncountedCapsule capsule : List.copyOf(underWay.values())) {
                if (capsule.commandId() == response.commandId()) {
                    capsule.answered(response.isSuccess());
                }
            }
        }

        private void abortAll() {
            List.copyOf(underWay.values()).forEach(UncountedCapsule::abort);
        }

        private UncountedCapsule wrap(CommandCapsule capsule) {
            boolean inCapsule =
                    capsule.transfer() == CommandCapsule.Transfer.SEND && capsule.dataLength() <= maxInCapsuleData;
            return new UncountedCapsule(capsule, inCapsule, underWay);
        }

        @Override
        public void submit(CommandCapsule capsule) {
            inner.submit(wrap(capsule));
        }

        @Override
        public Mono<Void> transmit(CommandCapsule capsule) {
            return Mono.defer(() -> inner.transmit(wrap(capsule)));
        }

        @Override
        public boolean withdraw(CommandCapsule capsule) {
            UncountedCapsule wrapped = underWay.get(capsule);
            return wrapped != null && inner.withdraw(wrapped);
        }
    }

    private static final class UncountedCapsule extends CommandCapsule {

        private final CommandCapsule capsule;
        private final boolean inCapsule;
        private final Map<CommandCapsule, UncountedCapsule> underWay;

        UncountedCapsule(CommandCapsule capsule, boolean inCapsule, Map<CommandCapsule, UncountedCapsule> underWay) {
            this.capsule = capsule;
            this.inCapsule = inCapsule;
            this.underWay = underWay;
            commandId(capsule.commandId());
            ByteBuf data = capsule.data();
            if (data != null) {
                attachData(capsule.transfer(), data, capsule.dataLength());
                underWay.put(capsule, this);
            }
        }

        @Override
        public void encode(ByteBuf target, int index) {
            capsule.encode(target, index);
        }

        @Override
        public boolean wanted() {
            return capsule.wanted();
        }

        @Override
        public void withdrawn() {
            capsule.withdrawn();
        }

        @Override
        public void transmitted() {
            capsule.transmitted();
        }

        @Override
        public void transferComplete(long bytes, @Nullable TransferException error) {
            if (error != null) {
                abort();
            } else if (inCapsule) {
                end(bytes, null);
            }
        }

        void answered(boolean success) {
            end(success ? dataLength() : 0, null);
        }

        void abort() {
            end(0, new TransferException(TransferException.Kind.ABORTED, 0, "aborted"));
        }

        private void end(long bytes, @Nullable TransferException error) {
            if (underWay.remove(capsule, this)) {
                capsule.transferComplete(bytes, error);
            }
        }
    }
}
