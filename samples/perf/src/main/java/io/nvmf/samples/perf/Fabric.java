package io.nvmf.samples.perf;

import io.nvmf.NvmeClient;
import io.nvmf.rdma.iwarp.IwarpOptions;
import io.nvmf.spec.TransportType;
import io.nvmf.tcp.TcpOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.netty.resources.LoopResources;

/** The options about the transport, those of the client and those of the embedded target. */
final class Fabric {

    /** What --transport can be. */
    enum Transport {
        TCP(TransportType.TCP),
        RDMA(TransportType.RDMA);

        private final TransportType type;

        Transport(TransportType type) {
            this.type = type;
        }
    }

    @Option(
            names = "--transport",
            paramLabel = "TRANSPORT",
            description = "of the embedded target: tcp, which is the default, or rdma, which is iWARP in software; an"
                    + " address names its own")
    @Nullable
    private Transport transport;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "for the client, what the query of an address can say, such as crc=false; as often as needed")
    private List<String> options = List.of();

    @Option(
            names = "--target-option",
            paramLabel = "NAME=VALUE",
            description = "for the embedded target, an option of its transport, such as crc=false; as often as needed")
    private List<String> targetOptions = List.of();

    @Option(names = "-H", description = "header digests, of NVMe/TCP")
    private boolean headerDigest;

    @Option(names = "-I", description = "data digests, of NVMe/TCP")
    private boolean dataDigest;

    @Option(
            names = "--capture",
            paramLabel = "FILE",
            description = "write the headers of what the client sends and receives over NVMe/TCP to a pcapng file, for"
                    + " Wireshark; packets are dropped where the disk is too slow, and it costs time that is measured,"
                    + " too")
    @Nullable
    private Path capture;

    @Mixin
    private final Protection protection = new Protection();

    /** What protects the connections. */
    Protection protection() {
        return protection;
    }

    /** What the embedded target listens with. */
    TargetTransport ofTarget() {
        return new TargetTransport((transport == null ? Transport.TCP : transport).type, List.copyOf(targetOptions));
    }

    /**
     * Checks that nothing is asked for that the transport of this run does not have.
     *
     * @param address null for the embedded target
     * @throws IllegalArgumentException if there is; the message names the option
     */
    void check(@Nullable TargetAddress address, Tuning tuning) {
        if (address != null) {
            refuse(transport != null, "--transport", "goes with --target embedded: an address names its own");
            refuse(!targetOptions.isEmpty(), "--target-option", "goes with --target embedded");
            address.with(options);
        } else {
            ofTarget().check();
        }
        TransportType type = address == null ? ofTarget().type() : address.transport();
        protection.check(address == null, type);
        if (type != TransportType.TCP) {
            String reason = "goes with NVMe/TCP, not with " + type.name().toLowerCase(Locale.ROOT);
            refuse(headerDigest, "-H", reason);
            refuse(dataDigest, "-I", reason);
            refuse(capture != null, "--capture", reason);
            refuse(tuning.polls(), "--poll", reason);
            refuse(tuning.adaptivePoll() != null, "--adaptive-poll", reason);
            refuse(!tuning.targetPoll().isZero(), "--target-poll", reason);
        }
    }

    private static void refuse(boolean given, String option, String reason) {
        if (given) {
            throw new IllegalArgumentException(option + ' ' + reason);
        }
    }

    /**
     * A client with what was asked for and nothing else, as the address may have options, too.
     *
     * @param eventLoops null for those that it has of its own
     */
    NvmeClient client(TargetAddress address, Tuning tuning, @Nullable LoopResources eventLoops) {
        NvmeClient client =
                protection.applyTo(NvmeClient.from(address.with(options).uri()));
        if (headerDigest) {
            client = client.option(TcpOptions.HEADER_DIGEST, true);
        }
        if (dataDigest) {
            client = client.option(TcpOptions.DATA_DIGEST, true);
        }
        if (tuning.polls()) {
            client = client.option(TcpOptions.BUSY_POLL, tuning.poll());
        }
        Duration adaptivePoll = tuning.adaptivePoll();
        if (adaptivePoll != null) {
            client = client.option(TcpOptions.ADAPTIVE_POLL, adaptivePoll);
        }
        if (capture != null) {
            client = client.option(TcpOptions.CAPTURE, capture);
        }
        if (eventLoops != null) {
            client = client.option(
                    address.transport() == TransportType.RDMA ? IwarpOptions.LOOP_RESOURCES : TcpOptions.LOOP_RESOURCES,
                    eventLoops);
        }
        return client;
    }
}
