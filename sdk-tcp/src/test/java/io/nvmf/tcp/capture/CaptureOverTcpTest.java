package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.NvmeClient;
import io.nvmf.command.NvmeException;
import io.nvmf.tcp.TcpOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients and targets capture what they say to each other, over sockets. */
class CaptureOverTcpTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CAPSULE_CMD = 4;
    private static final int CAPSULE_RESP = 5;
    private static final int H2C_DATA = 6;
    private static final int C2H_DATA = 7;
    private static final int R2T = 9;
    private static final int SYN = 2;
    private static final int FIN = 1;

    @TempDir
    private Path directory;

    private Path host() {
        return directory.resolve("host.pcapng");
    }

    private Path controller() {
        return directory.resolve("controller.pcapng");
    }

    /** The packets of one connection, by the port of the host. */
    private static Map<Integer, List<CaptureReader.Packet>> connections(Path file, int port) throws IOException {
        Map<Integer, List<CaptureReader.Packet>> connections = new HashMap<>();
        for (CaptureReader.Packet packet : CaptureReader.packets(file)) {
            int hostPort = packet.sourcePort() == port ? packet.targetPort() : packet.sourcePort();
            connections.computeIfAbsent(hostPort, first -> new ArrayList<>()).add(packet);
        }
        return connections;
    }

    private static long count(List<CaptureReader.Packet> packets, int type) {
        return packets.stream().filter(packet -> packet.pduType() == type).count();
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void bothSidesSeeTheSameConnectionsWithoutTheirData(boolean headerDigest, boolean dataDigest) throws IOException {
        CapturedWorkload workload = CapturedWorkload.run(directory, "127.0.0.1", headerDigest, dataDigest, 0);

        Map<Integer, List<CaptureReader.Packet>> atHost = connections(host(), workload.port());
        Map<Integer, List<CaptureReader.Packet>> atController = connections(controller(), workload.port());
        assertThat(atHost).hasSize(3);
        assertThat(atController.keySet()).isEqualTo(atHost.keySet());
        for (Map.Entry<Integer, List<CaptureReader.Packet>> connection : atHost.entrySet()) {
            List<CaptureReader.Packet> seenByHost = connection.getValue();
            checkNumbers(seenByHost);
            List<CaptureReader.Packet> seenByController = atController.get(connection.getKey());
            checkNumbers(seenByController);
            assertThat(said(seenByController, true)).isEqualTo(said(seenByHost, false));
            assertThat(said(seenByController, false)).isEqualTo(said(seenByHost, true));
        }
        List<CaptureReader.Packet> all =
                atHost.values().stream().flatMap(List::stream).toList();
        assertThat(count(all, CAPSULE_CMD)).isGreaterThan(count(all, CAPSULE_RESP) - 1);
        assertThat(count(all, H2C_DATA)).isEqualTo(2);
        assertThat(count(all, R2T)).isEqualTo(2);
        assertThat(count(all, C2H_DATA)).isGreaterThan(3);
        assertThat(CapturedWorkload.hasPayload(host())).isFalse();
        assertThat(CapturedWorkload.hasPayload(controller())).isFalse();
    }

    /** What one side says, byte for byte. */
    private static List<String> said(List<CaptureReader.Packet> packets, boolean inbound) {
        return packets.stream()
                .filter(packet -> packet.inbound() == inbound && packet.length() > 0)
                .map(packet -> packet.length() + " " + HexFormat.of().formatHex(packet.payload()))
                .toList();
    }

    private static void checkNumbers(List<CaptureReader.Packet> packets) {
        long[] next = {packets.get(0).sequence(), packets.get(1).sequence()};
        int opens = packets.get(0).inbound() ? 1 : 0;
        long nanos = 0;
        assertThat(packets.get(0).flags()).isEqualTo(SYN);
        for (CaptureReader.Packet packet : packets) {
            int from = (packet.inbound() ? 1 : 0) ^ opens;
            assertThat(packet.sequence()).isEqualTo(next[from]);
            if (packet.flags() != SYN) {
                assertThat(packet.acknowledged()).isEqualTo(next[1 - from]);
            }
            next[from] += packet.length() + ((packet.flags() & (SYN | FIN)) != 0 ? 1 : 0);
            next[from] &= 0xFFFFFFFFL;
            assertThat(packet.nanos()).isGreaterThanOrEqualTo(nanos);
            nanos = packet.nanos();
        }
        assertThat(packets.get(packets.size() - 1).flags() & FIN).isEqualTo(FIN);
    }

    @Test
    void dataIsThereWhereItWasAskedFor() throws IOException {
        CapturedWorkload.run(directory, "127.0.0.1", true, true, CaptureSettings.MAX_DATA);

        assertThat(CapturedWorkload.hasPayload(host())).isTrue();
        assertThat(CapturedWorkload.hasPayload(controller())).isTrue();
        for (CaptureReader.Packet packet : CaptureReader.packets(host())) {
            assertThat(packet.payload()).as("the whole packet").hasSize((int) packet.length());
        }
    }

    @Test
    void connectionsOfIpv6AreCaptured() throws IOException {
        CapturedWorkload workload = CapturedWorkload.run(directory, "::1", false, false, 0);

        connections(host(), workload.port()).values().forEach(CaptureOverTcpTest::checkNumbers);
    }

    @Test
    void anotherAssociationGoesOnInTheSameFile() throws IOException {
        CapturedWorkload.run(directory, "127.0.0.1", false, false, 0);
        int first = CaptureReader.packets(host()).size();
        CapturedWorkload.run(directory, "127.0.0.1", false, false, 0);

        assertThat(CaptureReader.packets(host())).hasSizeGreaterThan(first + first / 2);
    }

    @Test
    void aProcessThatEndsWithoutClosingCompletesItsFile() throws IOException, InterruptedException {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CapturedExit.class.getName(),
                        host().toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        try {
            assertThat(java.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            java.destroyForcibly();
        }

        List<CaptureReader.Block> blocks = CaptureReader.blocks(CapturedWorkload.bytes(host()));
        assertThat(blocks.get(blocks.size() - 1).type()).as("statistics").isEqualTo(5);
        assertThat(CaptureReader.packets(host()))
                .filteredOn(packet -> packet.flags() == SYN)
                .hasSizeGreaterThan(1);
    }

    @Test
    void aPeerThatResetsTheConnectionIsSeenToDoSo() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread peer = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().readNBytes(128);
                    socket.setSoLinger(true, 0);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            peer.start();
            assertThatThrownBy(() -> NvmeClient.from(
                                    "nvme+tcp://127.0.0.1:" + server.getLocalPort() + "/nqn.2024-01.io.nvmf:none")
                            .option(TcpOptions.CAPTURE, host())
                            .connect()
                            .block(PATIENCE))
                    .isInstanceOf(NvmeException.class);
        }

        CaptureReader.awaitFile(() -> assertThat(CaptureReader.packets(host()))
                .extracting(CaptureReader.Packet::flags)
                .endsWith(4 | 16));
        assertThat(CaptureReader.packets(host()))
                .filteredOn(packet -> packet.pduType() == 0)
                .hasSize(1);
    }

    @Test
    void theOptionsAreThoseOfAUri() {
        NvmeClient client = NvmeClient.from("nvme+tcp://a/nqn.2024-01.io.nvmf:x?capture=/tmp/a%20b.pcapng"
                + "&capture-size=2000000&capture-files=7&capture-data=512");

        assertThat(NvmeClient.from(client.uri()).uri()).isEqualTo(client.uri());
        assertThat(client.uri().toString()).contains("capture-files=7", "capture-data=512", "capture-size=2000000");
    }
}
