package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Limits;
import io.netty.channel.unix.UnixChannelUtil;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.CommandCapsule.Transfer;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the channel gets to write is the memory of the command's data, unless that is small. The proof is the same for
 * every kind of buffer: bytes that are changed after the channel has got its messages are seen in the messages.
 */
class SentMemoryTest {

    @TempDir
    static Path directory;

    private static final int HEAD = 5;

    /** Not copied, and whole dwords. */
    private static final int LARGE = PduWriter.MOST_COPIED + 4;

    /** How the data lies in memory, and whether Netty copies it into direct memory before it writes it to a socket. */
    enum Kind {
        DIRECT(false),
        COMPOSITE(false),
        READ_ONLY(false),
        MAPPED(false),
        HEAP(true),
        COMPOSITE_WITH_HEAP(true);

        final boolean copiedByNetty;

        Kind(boolean copiedByNetty) {
            this.copiedByNetty = copiedByNetty;
        }
    }

    private final List<ByteBuf> memory = new ArrayList<>();

    private ByteBuf data(Kind kind, int size) {
        return switch (kind) {
            case DIRECT -> remembered(Unpooled.directBuffer(size).writeZero(size));
            case HEAP -> remembered(Unpooled.buffer(size).writeZero(size));
            case READ_ONLY ->
                remembered(Unpooled.directBuffer(size).writeZero(size)).asReadOnly();
            case MAPPED -> mapped(size);
            case COMPOSITE -> composite(Kind.DIRECT, size);
            case COMPOSITE_WITH_HEAP -> composite(Kind.HEAP, size);
        };
    }

    private ByteBuf composite(Kind second, int size) {
        return Unpooled.compositeBuffer()
                .addComponent(true, data(Kind.DIRECT, 1000))
                .addComponent(true, data(second, size - 1000));
    }

    private ByteBuf remembered(ByteBuf buffer) {
        memory.add(buffer.duplicate());
        return buffer;
    }

    private ByteBuf mapped(int size) {
        try {
            Path file = Files.createTempFile(directory, "mapped", null);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                memory.add(Unpooled.wrappedBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, size)));
                return Unpooled.wrappedBuffer(channel.map(FileChannel.MapMode.READ_ONLY, 0, size));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void changeMemory() {
        for (ByteBuf part : memory) {
            for (int i = 0; i < part.readableBytes(); i++) {
                part.setByte(i, 0x5A);
            }
        }
    }

    /** The messages of the channel that are data, told by their lengths, which no headers have. */
    private static List<ByteBuf> dataMessages(EmbeddedChannel channel, int... lengths) {
        List<ByteBuf> data = new ArrayList<>();
        int next = 0;
        for (Object message : channel.outboundMessages()) {
            ByteBuf buffer = (ByteBuf) message;
            if (next < lengths.length && buffer.readableBytes() == lengths[next]) {
                data.add(buffer);
                next++;
            }
        }
        assertThat(data).hasSize(lengths.length);
        return data;
    }

    private static Capsule write(int commandId, ByteBuf data, int length) {
        Capsule capsule = new Capsule(0x01, commandId);
        capsule.attachData(Transfer.SEND, data.readerIndex(HEAD), length);
        return capsule;
    }

    static Stream<Arguments> kinds() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Stream.of(Agreed.PLAIN, Agreed.DIGESTS).map(agreed -> Arguments.of(kind, agreed)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void inCapsuleDataIsASliceOfTheCommandsData(Kind kind, Agreed agreed) {
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.MESSAGES, LARGE)) {
            host.handshake();
            host.submit(write(1, data(kind, LARGE + HEAD), LARGE));

            assertShared(kind, dataMessages(host.channel, LARGE));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void h2cDataIsSlicesOfTheCommandsData(Kind kind, Agreed agreed) {
        int length = 3 * LARGE;
        int most = LARGE + 4;
        try (EmbeddedHost host = new EmbeddedHost(agreed.withMaxData(most), Fragmentation.MESSAGES)) {
            host.submit(write(1, data(kind, length + HEAD), length));
            host.sent();
            host.receive(TestPdu.r2t(1, 7, 0, length));

            // The rest is too small for a slice of its own.
            assertShared(kind, dataMessages(host.channel, most, most));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void c2hDataIsSlicesOfWhatIsSent(Kind kind, Agreed agreed) {
        Agreed large = agreed.withMaxData(LARGE);
        try (EmbeddedController controller = new EmbeddedController(large, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x02, 1, 2 * LARGE);
            ByteBuf data = data(kind, 2 * LARGE + HEAD).readerIndex(HEAD);
            controller.run(() -> assertThat(command.send(0, data)).isEqualTo(SendOutcome.COMPLETE));

            assertShared(kind, dataMessages(controller.channel, LARGE, LARGE));
        }
    }

    private void assertShared(Kind kind, List<ByteBuf> messages) {
        changeMemory();
        for (ByteBuf message : messages) {
            assertThat(ByteBufUtil.getBytes(message)).containsOnly(0x5A);
            if (Epoll.isAvailable()) {
                assertThat(UnixChannelUtil.isBufferCopyNeededForWrite(message)).isEqualTo(kind.copiedByNetty);
            }
            // This is what the NIO transport goes by.
            assertThat(message.isDirect()).isEqualTo(!kind.copiedByNetty);
        }
    }

    @Test
    void compositeOfMorePartsThanOneCallTakesIsCopiedByNetty() {
        assumeTrue(Epoll.isAvailable());
        CompositeByteBuf composite = Unpooled.compositeBuffer(Integer.MAX_VALUE);
        for (int i = 0; i < Limits.IOV_MAX; i++) {
            composite.addComponent(true, Unpooled.directBuffer(8).writeLong(i));
        }
        assertThat(UnixChannelUtil.isBufferCopyNeededForWrite(composite)).isFalse();
        composite.addComponent(true, Unpooled.directBuffer(8).writeLong(0));
        assertThat(UnixChannelUtil.isBufferCopyNeededForWrite(composite)).isTrue();
        // A slice is judged by all the parts of what it is a slice of.
        assertThat(UnixChannelUtil.isBufferCopyNeededForWrite(composite.slice(0, 8)))
                .isTrue();
        composite.release();
    }
}
