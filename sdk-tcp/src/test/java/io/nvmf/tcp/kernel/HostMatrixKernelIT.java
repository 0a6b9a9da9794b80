package io.nvmf.tcp.kernel;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.command.Command;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.tcp.TcpOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/**
 * Our host against the kernel's controller, in every combination: what is written through one I/O queue comes back through another
 * one, and for some combinations the guest finds it on its disk.
 */
class HostMatrixKernelIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LARGEST = 4 << 20;
    private static final long REGION = 8L << 20;
    private static final long SEED = 0x6E766D65;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();

    enum Port {
        TCP,
        R2T;

        InetSocketAddress address(KernelLab lab) {
            return this == TCP ? lab.tcp() : lab.r2t();
        }
    }

    enum Digests {
        OFF(false, false),
        HEADER(true, false),
        DATA(false, true),
        BOTH(true, true);

        private final boolean header;
        private final boolean data;

        Digests(boolean header, boolean data) {
            this.header = header;
            this.data = data;
        }
    }

    /** One combination; {@code largest}: one of its commands moves 4 MiB; {@code guest}: the guest looks at its disk, too. */
    record Row(
            int number,
            Port port,
            Digests digests,
            boolean flowControl,
            int blockSize,
            int depth,
            boolean largest,
            boolean guest) {

        @Override
        public String toString() {
            return "%s, digests %s, flow control %s, %d B blocks, depth %d"
                    .formatted(
                            port == Port.TCP ? "in capsule up to 16 KiB" : "R2T",
                            digests.name().toLowerCase(Locale.ROOT),
                            flowControl ? "on" : "off",
                            blockSize,
                            depth);
        }

        /** Namespaces of {@link KernelLab#MAIN}. */
        int nsid() {
            return blockSize == 512 ? 1 : 2;
        }

        /** Combinations must not find each other's data. */
        long offset() {
            return number * REGION % (192 << 20);
        }

        int commands() {
            return depth == 1 ? 8 : depth * 3 / 2;
        }

        int mostBytes() {
            return depth == 1 ? 512 << 10 : depth == 32 ? 64 << 10 : 16 << 10;
        }
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Port port : Port.values()) {
            for (Digests digests : Digests.values()) {
                for (boolean flowControl : new boolean[] {true, false}) {
                    for (int blockSize : new int[] {512, 4096}) {
                        for (int depth : new int[] {1, 32, 128}) {
                            boolean largest = flowControl && (digests == Digests.OFF || digests == Digests.BOTH);
                            boolean guest = depth == 32 && largest;
                            rows.add(
                                    new Row(rows.size(), port, digests, flowControl, blockSize, depth, largest, guest));
                        }
                    }
                }
            }
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void whatIsWrittenThroughOneQueueComesBackThroughAnother(Row row) {
        InetSocketAddress address = row.port.address(lab);
        NvmeController controller = NvmeClient.create()
                .remoteAddress(address.getHostString(), address.getPort())
                .subsystem(KernelLab.MAIN)
                .ioQueues(2)
                .queueSize(row.depth + 1)
                .sqFlowControl(row.flowControl)
                .option(TcpOptions.HEADER_DIGEST, row.digests.header)
                .option(TcpOptions.DATA_DIGEST, row.digests.data)
                .connect()
                .block(LIMIT);
        assertThat(controller).isNotNull();
        try {
            assertThat(controller.sqFlowControl()).isEqualTo(row.flowControl);
            NvmeNamespace namespace = controller.namespace(row.nsid()).block(LIMIT);
            assertThat(namespace).isNotNull();
            assertThat(namespace.blockSize()).isEqualTo(row.blockSize);
            List<NvmeQueue> queues = controller.ioQueues();
            assertThat(queues)
                    .hasSize(2)
                    .allSatisfy(queue -> assertThat(queue.depth())
                            .isEqualTo(row.port == Port.R2T ? Math.min(row.depth, 15) : row.depth));

            Random random = new Random(SEED + row.number);
            List<Extent> extents = extents(row, random);
            byte[] content = new byte[extents.stream().mapToInt(Extent::length).sum()];
            random.nextBytes(content);
            Collections.shuffle(extents, random);
            NvmeQueue writer = queues.get(row.number % 2);
            NvmeQueue reader = queues.get(1 - row.number % 2);
            long began = System.nanoTime();
            run(writer, extents, extent -> write(row, extent, content), (extent, data) -> {});
            long written = System.nanoTime();
            Collections.shuffle(extents, random);
            AtomicInteger compared = new AtomicInteger();
            run(reader, extents, extent -> read(row, extent), (extent, data) -> {
                compare(extent, data, content);
                compared.addAndGet(extent.length);
            });
            long read = System.nanoTime();

            assertThat(compared).as("bytes compared").hasValue(content.length);
            REPORT.note(extents.size() + " × 2 commands, " + content.length / 1024 + " KiB, write "
                    + (written - began) / 1_000_000 + " ms, read " + (read - written) / 1_000_000 + " ms");
            if (row.guest) {
                assertThat(lab.succeed(
                                "dd if=/dev/main-" + row.nsid() + " bs=64k iflag=direct,skip_bytes,count_bytes skip="
                                        + row.offset() + " count=" + content.length + " 2>/dev/null | sha256sum",
                                LIMIT))
                        .startsWith(Sha256.of(content));
                REPORT.note("SHA-256 equal on the guest's disk");
            }
        } finally {
            controller.close().block(LIMIT);
        }
    }

    /** Pieces of the combination's region, without a gap between them: sizes from one block on, small ones as likely as large ones. */
    private static List<Extent> extents(Row row, Random random) {
        List<Extent> extents = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < row.commands(); i++) {
            int blocks = (int) Math.pow((double) row.mostBytes() / row.blockSize, random.nextDouble());
            int length = i == 0 ? row.blockSize : i == 1 && row.largest ? LARGEST : blocks * row.blockSize;
            extents.add(new Extent(start, length));
            start += length;
        }
        return extents;
    }

    private record Extent(int start, int length) {}

    private static Command.Builder command(Row row, int opcode, Extent extent) {
        long lba = (row.offset() + extent.start) / row.blockSize;
        return Command.nvm(opcode, row.nsid()).range(lba, extent.length / row.blockSize);
    }

    private static Command write(Row row, Extent extent, byte[] content) {
        return command(row, NvmOpcode.WRITE, extent)
                .send(Unpooled.directBuffer(extent.length).writeBytes(content, extent.start, extent.length));
    }

    private static Command read(Row row, Extent extent) {
        return command(row, NvmOpcode.READ, extent).receive(extent.length);
    }

    private static void compare(Extent extent, @Nullable ByteBuf data, byte[] content) {
        assertThat(data).isNotNull();
        byte[] bytes = new byte[data.readableBytes()];
        data.readBytes(bytes);
        assertThat(bytes).hasSize(extent.length);
        assertThat(Arrays.mismatch(bytes, 0, bytes.length, content, extent.start, extent.start + extent.length))
                .as("first difference in %s", extent)
                .isEqualTo(-1);
    }

    /** Runs commands as one stream and checks on the way that the queue is as busy as it can be, and not busier. */
    private static void run(
            NvmeQueue queue,
            List<Extent> extents,
            Function<Extent, Command> command,
            BiConsumer<Extent, @Nullable ByteBuf> check) {
        IdentityHashMap<Command, Extent> extentOf = new IdentityHashMap<>();
        List<Command> commands = new ArrayList<>();
        for (Extent extent : extents) {
            Command next = command.apply(extent);
            commands.add(next);
            extentOf.put(next, extent);
        }
        AtomicInteger outstanding = new AtomicInteger();
        AtomicInteger peak = new AtomicInteger();
        List<Throwable> wrong = Collections.synchronizedList(new ArrayList<>());
        Flux<Command> source = Flux.fromIterable(commands)
                .doOnNext(next -> peak.accumulateAndGet(outstanding.incrementAndGet(), Math::max));
        Long completed = queue.execute(source)
                .doOnNext(completion -> {
                    outstanding.decrementAndGet();
                    try {
                        assertThat(completion.isSuccess()).as("%s", completion).isTrue();
                        check.accept(requireNonNull(extentOf.get(completion.command())), completion.data());
                    } catch (Throwable e) {
                        wrong.add(e);
                    } finally {
                        completion.release();
                    }
                })
                .count()
                .block(LIMIT);
        assertThat(wrong).isEmpty();
        assertThat(completed).isEqualTo(commands.size());
        assertThat(peak).as("most commands under way").hasValue(Math.min(queue.depth(), commands.size()));
    }
}
