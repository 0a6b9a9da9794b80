package io.nvmf.samples.perf;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.rdma.RdmaOptions;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.tcp.TcpOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A target in a JVM of its own, so that its processor time and its garbage are not the generator's. It says its address
 * on its first line, gets its key from the first line of its standard input, and goes when that ends, which it does
 * when the generator has gone, however that came about.
 */
final class EmbeddedTarget implements AutoCloseable {

    private static final String NQN = "nqn.2026-01.io.nvmf:perf";
    private static final int BLOCK_SIZE = 4096;
    private static final int SMALL_BLOCK_SIZE = 512;
    private static final long NULL_SIZE = 1L << 36;
    private static final int MEMORY_SIZE = 1 << 26;
    private static final int LEAST_MAX_TRANSFER = 1 << 20;
    private static final int LEAST_MAX_QUEUES = 64;

    private final Process process;
    private final TargetAddress address;

    private EmbeddedTarget(Process process, TargetAddress address) {
        this.process = process;
        this.address = address;
    }

    /** A null namespace; or one with a memory, where data is verified. */
    static NvmeTarget target(
            TargetTransport transport,
            boolean memory,
            int ioSize,
            int queueSize,
            int queuePairs,
            int associations,
            Duration poll) {
        int blockSize = ioSize % BLOCK_SIZE == 0 ? BLOCK_SIZE : SMALL_BLOCK_SIZE;
        // All from one address: an admin queue for each association, and its I/O queues.
        int connections = Math.max(TargetOptions.DEFAULT_CONNECTIONS, associations * (1 + queuePairs));
        NvmeTarget target = NvmeTarget.create();
        target = transport.type() == TransportType.RDMA
                ? target.option(RdmaOptions.MAX_QUEUE_SIZE, Math.max(RdmaOptions.DEFAULT_MAX_QUEUE_SIZE, queueSize))
                : target.option(TcpOptions.BUSY_POLL, poll);
        return transport
                .applyTo(target)
                .ioQueues(Math.max(LEAST_MAX_QUEUES, queuePairs))
                .controllers(Math.max(TargetOptions.DEFAULT_CONTROLLERS, associations))
                .options(options -> options.connections(connections).connectionsPerAddress(connections))
                .queueSize(queueSize)
                .maxTransfer(Math.max(LEAST_MAX_TRANSFER, Integer.highestOneBit(ioSize - 1) * 2L))
                .subsystem(
                        NQN,
                        subsystem -> subsystem.namespace(
                                1,
                                memory
                                        ? BlockStore.memory(MEMORY_SIZE, blockSize)
                                        : BlockStore.nullBlocks(NULL_SIZE, blockSize)));
    }

    static EmbeddedTarget launch(Workload workload, Tuning tuning, Fabric fabric) throws IOException {
        TargetTransport transport = fabric.ofTarget();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of("-classpath", System.getProperty("java.class.path"), EmbeddedTarget.class.getName()));
        command.add(Boolean.toString(workload.verify()));
        command.add(Integer.toString(workload.ioSize()));
        command.add(Integer.toString(workload.queueSize()));
        command.add(Integer.toString(workload.queuePairs()));
        command.add(Integer.toString(workload.associations()));
        command.add(tuning.targetPoll().toString());
        command.add(transport.type().name());
        command.addAll(transport.options());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        tell(process, fabric.protection().lineForTarget());
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String uri = output.readLine();
        if (uri == null) {
            process.destroy();
            throw new IOException("the embedded target did not start");
        }
        return new EmbeddedTarget(process, TargetAddress.parse(uri));
    }

    /** Over its standard input, which nobody else sees, as the command line is. */
    private static void tell(Process process, char[] line) throws IOException {
        byte[] bytes = new byte[line.length + 1];
        for (int i = 0; i < line.length; i++) {
            bytes[i] = (byte) line[i];
        }
        bytes[line.length] = '\n';
        try {
            process.getOutputStream().write(bytes);
            process.getOutputStream().flush();
        } finally {
            Arrays.fill(line, '\0');
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static String firstLine(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next >= 0 && next != '\n'; next = input.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    TargetAddress address() {
        return address;
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
    }

    /** The other JVM: {@code memory? ioSize queueSize queuePairs associations poll transport [option ...]}. */
    public static void main(String[] args) throws IOException {
        PerfCommand.noLeakDetection();
        List<String> options = List.of(args).subList(7, args.length);
        NvmeTarget plain = target(
                new TargetTransport(TransportType.valueOf(args[6]), options),
                Boolean.parseBoolean(args[0]),
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                Integer.parseInt(args[4]),
                Duration.parse(args[5]));
        BoundTarget target =
                Protection.applyTo(plain, firstLine(System.in)).bind().block();
        if (target == null) {
            throw new IllegalStateException("not bound");
        }
        System.out.println(target.uri(NQN));
        while (System.in.read() >= 0) {
            // Nothing to read but the end.
        }
        target.close().block();
    }
}
