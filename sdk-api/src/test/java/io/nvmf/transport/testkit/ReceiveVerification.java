package io.nvmf.transport.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterMethod;
import reactor.core.publisher.Mono;

/** {@code receive} of a range of the host's data under the Reactive Streams TCK; extend it with a transport. */
public abstract class ReceiveVerification extends QueuePairVerification<Integer> {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private final List<ReceivedCommand> commands = new CopyOnWriteArrayList<>();
    private final int length;

    /**
     * @param length bytes of the data: in the capsule if it is small enough, else fetched from the host
     */
    protected ReceiveVerification(TransportProvider provider, TransportAddress address, int length) {
        super(provider, address);
        this.length = length;
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        // Not every transport fetches data outside the capsule twice. And the TCK does not release what it receives.
        return Mono.defer(() -> {
            ReceivedCommand command =
                    open().deliver(RecordingCapsule.send(nextId(), BytePattern.buffer(allocator, 1, length)));
            commands.add(command);
            return command.receive(0, length).map(ReceiveVerification::sizeOf);
        });
    }

    private static Integer sizeOf(ByteBuf bytes) {
        int size = bytes.readableBytes();
        bytes.release();
        return size;
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        return null; // what can fail is found out when there is demand
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1;
    }

    @AfterMethod
    public void release() {
        commands.forEach(open()::release);
        commands.clear();
    }
}
