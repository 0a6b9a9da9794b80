package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.abort;

import io.nvmf.tcp.capture.CaptureReader.Packet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Wireshark as judge of captures: its dissector of NVMe/TCP finds in them every PDU that there is, and nothing to
 * complain about. Needs {@code tshark}, of Debian's package of that name; without it these tests are skipped.
 */
class WiresharkIT {

    private static final List<String> FIELDS = List.of(
            "frame.number",
            "nvme-tcp.type",
            "nvme.cmd.opc",
            "nvme.cmd.cid",
            "nvme.fabrics.cmd.opc",
            "nvme.fabrics.cmd.fctype",
            "nvme.fabrics.cmd.cid",
            "nvme.cqe.cid",
            "nvme-tcp.cmd.cid",
            "nvme-tcp.plen",
            "nvme-tcp.hdgst.status",
            "nvme-tcp.ddgst.status",
            "nvme.fabrics.cmd.connect.data.subnqn",
            "_ws.malformed",
            "_ws.unreassembled",
            "_ws.short",
            "tcp.analysis.flags",
            "tcp.segment",
            "frame.comment");

    private static final int CAPSULE_CMD = 4;
    private static final int CAPSULE_RESP = 5;
    private static final int H2C_DATA = 6;
    private static final int C2H_DATA = 7;
    private static final int R2T = 9;
    private static final String GOOD = "1";

    @TempDir
    private Path directory;

    /** What Wireshark says of one packet, by the name of the field; without those that are empty. */
    private List<Map<String, String>> dissect(Path file, int port) {
        List<String> command = new ArrayList<>(List.of(
                "tshark",
                "-r",
                file.toString(),
                "-d",
                "tcp.port==" + port + ",nvme-tcp",
                "-o",
                "nvme-tcp.check_hdgst:TRUE",
                "-o",
                "nvme-tcp.check_ddgst:TRUE",
                "-Y",
                "nvme-tcp",
                "-T",
                "fields",
                "-E",
                "separator=|"));
        FIELDS.forEach(field -> command.addAll(List.of("-e", field)));
        return run(command).stream().map(WiresharkIT::fields).toList();
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new HashMap<>();
        String[] values = line.split("\\|", -1);
        for (int i = 0; i < FIELDS.size(); i++) {
            if (!values[i].isEmpty()) {
                fields.put(FIELDS.get(i), values[i]);
            }
        }
        return fields;
    }

    private List<String> run(List<String> command) {
        return run(command, Duration.ofSeconds(60));
    }

    /** The lines that it prints; what it prints goes to a file, so that the limit holds also for one that hangs. */
    private List<String> run(List<String> command, Duration limit) {
        Path output = directory.resolve("tshark.out");
        Path errors = directory.resolve("tshark.err");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException missing) {
            return abort("no tshark: apt-get install --no-install-recommends tshark");
        }
        try {
            assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
                    .as("%s has ended within %s", command.get(0), limit)
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
            return Files.readAllLines(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static int number(Map<String, String> fields, String name) {
        assertThat(fields).containsKey(name);
        return Integer.decode(fields.get(name));
    }

    private static int little(byte[] bytes, int index) {
        return bytes[index] & 0xFF | (bytes[index + 1] & 0xFF) << 8;
    }

    /** Compares what Wireshark says with the bytes of the packets. */
    private static void compare(List<Map<String, String>> dissected, List<Packet> packets) {
        List<Packet> pdus =
                packets.stream().filter(packet -> packet.length() > 0).toList();
        assertThat(dissected).hasSameSizeAs(pdus);
        for (int i = 0; i < pdus.size(); i++) {
            Packet pdu = pdus.get(i);
            Map<String, String> fields = dissected.get(i);
            byte[] bytes = pdu.payload();
            assertThat(fields)
                    .doesNotContainKeys("_ws.malformed", "_ws.unreassembled", "tcp.analysis.flags", "tcp.segment");
            assertThat(number(fields, "nvme-tcp.type")).isEqualTo(bytes[0]);
            assertThat(number(fields, "nvme-tcp.plen")).isEqualTo((int) pdu.length());
            if (fields.containsKey("nvme-tcp.hdgst.status")) {
                assertThat(fields).containsEntry("nvme-tcp.hdgst.status", GOOD);
            }
            switch (bytes[0]) {
                case CAPSULE_CMD -> compareCommand(fields, bytes);
                case CAPSULE_RESP -> assertThat(number(fields, "nvme.cqe.cid")).isEqualTo(little(bytes, 20));
                case R2T -> assertThat(number(fields, "nvme-tcp.cmd.cid")).isEqualTo(little(bytes, 8));
                case H2C_DATA, C2H_DATA -> {
                    String comment = fields.get("frame.comment");
                    if (comment != null && comment.contains("command")) {
                        // Cut off before its digest: the comment tells instead.
                        assertThat(comment).contains(String.format("command 0x%04x", little(bytes, 8)));
                        assertThat(fields).containsKey("_ws.short");
                    } else {
                        assertThat(number(fields, "nvme-tcp.cmd.cid")).isEqualTo(little(bytes, 8));
                    }
                }
                default -> assertThat(fields).doesNotContainKey("_ws.short");
            }
        }
    }

    private static void compareCommand(Map<String, String> fields, byte[] bytes) {
        int opcode = bytes[8] & 0xFF;
        assertThat(fields).doesNotContainKey("_ws.short");
        if (opcode == 0x7F) {
            assertThat(fields).containsEntry("nvme.fabrics.cmd.opc", "7f");
            assertThat(number(fields, "nvme.fabrics.cmd.cid")).isEqualTo(little(bytes, 10));
            assertThat(number(fields, "nvme.fabrics.cmd.fctype")).isEqualTo(bytes[12]);
        } else {
            assertThat(number(fields, "nvme.cmd.opc")).isEqualTo(opcode);
            assertThat(number(fields, "nvme.cmd.cid")).isEqualTo(little(bytes, 10));
        }
    }

    private static long count(List<Map<String, String>> dissected, String field, String value) {
        return dissected.stream()
                .filter(fields -> value.equals(fields.get(field)))
                .count();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, false, false, 0",
        "127.0.0.1, true, false, 0",
        "127.0.0.1, false, true, 0",
        "127.0.0.1, true, true, 0",
        "127.0.0.1, true, true, 131072",
        "127.0.0.1, false, false, 1000",
        "::1, true, true, 0",
        "::1, false, false, 131072"
    })
    void everyCommandAndCompletionIsDissected(String address, boolean headerDigest, boolean dataDigest, int dataBytes)
            throws IOException {
        CapturedWorkload workload = CapturedWorkload.run(directory, address, headerDigest, dataDigest, dataBytes);

        for (String side : List.of("host.pcapng", "controller.pcapng")) {
            Path file = directory.resolve(side);
            List<Map<String, String>> dissected = dissect(file, workload.port());
            compare(dissected, CaptureReader.packets(file));
            assertThat(count(dissected, "nvme.fabrics.cmd.connect.data.subnqn", CapturedWorkload.NQN))
                    .as("Connects")
                    .isEqualTo(3);
            assertThat(count(dissected, "nvme-tcp.type", "9")).as("R2Ts").isEqualTo(2);
            // Write, Read and Flush have the numbers of admin commands, too, on the other queue.
            assertThat(count(dissected, "nvme.cmd.opc", "0x01")).as("Writes").isEqualTo(2);
            assertThat(count(dissected, "nvme.cmd.opc", "0x00")).as("Flushes").isEqualTo(1);
            if (dataBytes == CaptureSettings.MAX_DATA) {
                assertThat(count(dissected, "nvme-tcp.ddgst.status", GOOD) > 0).isEqualTo(dataDigest);
                assertThat(dissected).noneMatch(fields -> fields.containsKey("_ws.short"));
            }
        }
    }

    @Test
    void sectionsOfOneFileAreReadTogether() throws IOException {
        CapturedWorkload.run(directory, "127.0.0.1", false, false, 0);
        CapturedWorkload.run(directory, "127.0.0.1", false, false, 0);

        List<String> frames =
                run(List.of("tshark", "-r", directory.resolve("host.pcapng").toString()));
        assertThat(frames).hasSameSizeAs(CaptureReader.packets(directory.resolve("host.pcapng")));
    }

    @Test
    void aProgramThatHangsEndsWithItsLimit() {
        List<String> waitsForInput = List.of("cat");

        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertThatThrownBy(() -> run(waitsForInput, Duration.ofMillis(50)))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("cat has ended within"));
        assertThat(ProcessHandle.current().children().filter(WiresharkIT::isCat))
                .allSatisfy(cat -> assertThat(cat.onExit()).succeedsWithin(Duration.ofSeconds(30)));
    }

    private static boolean isCat(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/cat");
    }
}
