package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.testing.PatientPublisherVerification;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.BytePattern;
import io.nvmf.transport.testkit.ConnectedPair;
import io.nvmf.transport.testkit.RecordingCapsule;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** A fetched range of the host's data under the Reactive Streams TCK. */
public class LoopReceiveVerification extends PatientPublisherVerification<ByteBuf> {

    private static final int LENGTH = 10_000;

    /** The TCK does not release what it receives. */
    private final UnpooledByteBufAllocator unwatched = new UnpooledByteBufAllocator(false, true);

    private ConnectedPair pair;
    private ReceivedCommand command;

    @BeforeClass
    public void connect() {
        LoopTransport transport =
                new LoopTransport(LoopTransportOptions.defaults().withAllocator(unwatched));
        pair = ConnectedPair.open(transport, TransportAddress.of("local", 0), ConnectedPair.Settings.defaults());
        command = pair.deliver(RecordingCapsule.send(1, BytePattern.buffer(unwatched, 1, LENGTH)));
    }

    @AfterClass
    public void close() {
        pair.release(command);
        pair.close();
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        return command.receive(0, LENGTH);
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        return null; // what can fail is found out when there is demand
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1;
    }
}
