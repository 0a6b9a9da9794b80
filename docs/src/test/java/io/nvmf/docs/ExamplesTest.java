package io.nvmf.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.channel.NamespaceStreams;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProviders;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.auth.DhChapHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Runs the code of the pages against an embedded target. */
class ExamplesTest {

    private static final String NQN = "nqn.2026-01.com.example:disk";
    private static final int BLOCK = 4096;

    private BoundTarget target;
    private NvmeController controller;
    private NvmeNamespace namespace;

    @BeforeEach
    void connect() {
        target = ReadmeExample.target().block();
        controller = NvmeClient.from(target.uri(NQN).toString()).connect().block();
        namespace = controller.namespace(1).block();
    }

    @AfterEach
    void close() {
        controller.close().block();
        target.close().block();
    }

    @Test
    void readme() {
        byte[] bytes = random(1 << 20);
        String uri = target.uri(NQN).toString();

        assertThat(joined(ReadmeExample.writeAndRead(uri, parts(bytes, 10_000), bytes.length)))
                .isEqualTo(bytes);
    }

    @Test
    void aControllerThatRecoversIsHealthy() {
        NvmeController connected =
                ConnectExamples.recovering("127.0.0.1", target.port()).connect().block();
        assertThat(ConnectExamples.healthy(connected).block()).isTrue();
        target.disconnectAll().block();
        assertThat(connected.namespaces().collectList().block()).isNotEmpty();
        connected.close().block();
        assertThat(ConnectExamples.healthy(connected).block()).isFalse();
    }

    @Test
    void aClientThatIsMeasuredHasMeters() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        NvmeController connected = MetricsExamples.measured("127.0.0.1:" + target.port(), registry)
                .connect()
                .block();
        connected.namespace(1).flatMap(opened -> opened.read(0, 1)).block().release();
        assertThat(registry.get("nvmf.client.commands").tags("command", "read", "status", "success").timers().stream()
                        .mapToLong(Timer::count)
                        .sum())
                .isEqualTo(1);
        connected.close().block();
    }

    @Test
    void clientFromSettersOrUri() {
        String authority = "127.0.0.1:" + target.port();
        for (NvmeClient client :
                new NvmeClient[] {ConnectExamples.fluent("127.0.0.1", target.port()), ConnectExamples.uri(authority)}) {
            NvmeController connected = ConnectExamples.connect(client).block();
            assertThat(connected.ioQueues()).hasSize(4);
            connected.close().block();
            assertThat(connected.termination()).isPresent();
            assertThat(ConnectExamples.once(client).block()).isEqualTo(64L << 20);
        }
    }

    @Test
    void discoveryAndNamespaces() {
        assertThat(ConnectExamples.discover("127.0.0.1", target.port())
                        .map(DiscoveryLogEntry::subsystemNqn)
                        .collectList()
                        .block())
                .contains(NQN);
        assertThat(ConnectExamples.capacity(controller).block()).isEqualTo(64L << 20);
        assertThat(ConnectExamples.temperature(controller).block()).isPositive();
        ConnectExamples.resized(controller).subscribe().dispose();
    }

    @Test
    void blocks() {
        ByteBuf zeros = DataExamples.blocks(namespace).block();
        assertThat(zeros.readableBytes()).isEqualTo(8 * BLOCK);
        zeros.release();

        byte[] bytes = random(2 * BLOCK);
        DataExamples.durable(namespace, Unpooled.copiedBuffer(bytes)).block();
        ByteBuf mine = Unpooled.buffer(2 * BLOCK, 2 * BLOCK);
        DataExamples.readInto(namespace, mine).block();
        DataExamples.urgent(namespace).block().release();
        assertThat(mine.array()).isEqualTo(bytes);
        mine.release();
    }

    @Test
    void streams(@TempDir Path directory) throws IOException {
        byte[] bytes = random(300_000);
        TransferProgress written = DataExamples.writeStream(namespace, parts(bytes, 7_777), bytes.length)
                .block();
        assertThat(written.bytesWritten()).isEqualTo(bytes.length);

        long whole = 74 * BLOCK;
        Path file = directory.resolve("copy");
        assertThat(DataExamples.toFile(namespace, whole, file).block()).isEqualTo(whole);
        byte[] copy = Files.readAllBytes(file);
        assertThat(copy).hasSize((int) whole);
        CRC32C checksum = new CRC32C();
        checksum.update(copy);
        assertThat(DataExamples.checksum(namespace, whole).block()).isEqualTo(checksum.getValue());
        assertThat(Arrays.copyOfRange(copy, 512, 512 + bytes.length)).isEqualTo(bytes);
        assertThat(DataExamples.fromFile(namespace, file).block()).isEqualTo(whole);

        StreamStatistics statistics = new StreamStatistics();
        DataExamples.paced(namespace, whole, statistics)
                .doOnNext(ByteBuf::release)
                .blockLast();
        assertThat(statistics.peakBytesHeld()).isBetween(1L, 8 * 64 * 1024L);
        assertThat(statistics.limitBytes()).isEqualTo(8 * 64 * 1024);
    }

    @Test
    void blocking() throws IOException {
        byte[] text = "Blocks".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(text);
        }
        try (OutputStream output = NamespaceStreams.output(namespace, 999_950)) {
            output.write(zipped.toByteArray());
        }
        assertThat(BlockingExamples.unzipped(namespace, 999_950, zipped.size())).isEqualTo(text);
        BlockingExamples.moveLabel(namespace);
        try (InputStream input = NamespaceStreams.input(namespace, 2_000_000, 16)) {
            assertThat(input.readAllBytes()).isEqualTo(Arrays.copyOfRange(zipped.toByteArray(), 50, 66));
        }
    }

    @Test
    void resumingAfterAFailureGoesOnBehindWhatIsWritten() {
        Flux<ByteBuf> breaks =
                Flux.concat(parts(random(300_000), BLOCK), Mono.error(new IOException("the source is gone")));
        // whole commands of 128 KiB are written, what waited for another one is not
        assertThat(DataExamples.resume(namespace, breaks).block()).isEqualTo(2 * 128 * 1024);
        assertThat(DataExamples.resume(namespace, parts(random(BLOCK), BLOCK)).block())
                .isEqualTo(BLOCK);
    }

    @Test
    void findingStopsTheStream() {
        byte[] bytes = new byte[200 * BLOCK];
        bytes[150 * BLOCK + 7] = 42;
        namespace.writeStream(0, parts(bytes, BLOCK)).blockLast();
        assertThat(DataExamples.find(namespace, (byte) 42).block()).isEqualTo(150 * BLOCK + 7);
    }

    @Test
    void errors() {
        NvmeException limit = catchThrowableOfType(
                NvmeLimitException.class,
                () -> namespace.read(namespace.blocks(), 1).block());
        assertThat(ErrorExamples.advice(limit)).contains("at most");
        NvmeException status = catchThrowableOfType(
                NvmeStatusException.class,
                () -> QueueExamples.single(controller, 99).block());
        assertThat(ErrorExamples.advice(status)).isNotBlank();
        NvmeException transfer = catchThrowableOfType(
                NvmeTransferException.class,
                () -> namespace
                        .writeStream(BLOCK, Mono.error(new IOException()))
                        .blockLast());
        assertThat(ErrorExamples.advice(transfer)).isEqualTo("go on at " + BLOCK);
        ErrorExamples.retried(namespace).block().release();
    }

    @Test
    void queues() {
        Completion completion = QueueExamples.single(controller, 1).block();
        assertThat(completion.isSuccess()).isTrue();
        assertThat(QueueExamples.bulk(controller, namespace).block()).isZero();
    }

    @Test
    void webService() {
        WebExamples.Volumes volumes = new WebExamples.Volumes(controller);
        byte[] bytes = random(3 * BLOCK);
        assertThat(volumes.upload(1, BLOCK, parts(bytes, 100)).block()).isEqualTo(bytes.length);
        assertThat(joined(volumes.download(1, BLOCK, bytes.length))).isEqualTo(bytes);
    }

    @Test
    void rdma() {
        BoundTarget both = RdmaExamples.target().block();
        String authority = "127.0.0.1:" + both.uris(NQN).get(1).getPort();
        NvmeController connected = RdmaExamples.client(authority).connect().block();

        assertThat(connected.namespace(1).map(NvmeNamespace::size).block()).isEqualTo(64 << 20);
        connected.close().block();
        both.close().block();
    }

    @Test
    void security(@TempDir Path keys) throws IOException {
        SecurityExamples.makeSecret(keys.resolve("host.secret"));
        SecurityExamples.makeKey(keys.resolve("tls.key"));
        KeyRequest request = new KeyRequest(KeyUse.HOST_SECRET, "nqn.2026-01.com.example:host", NQN);
        try (DhChapSecret secret = DhChapSecret.from(KeyProviders.file(keys.resolve("host.secret")), request)
                        .block();
                ConfiguredPsk key = ConfiguredPsk.from(KeyProviders.file(keys.resolve("tls.key")), request)
                        .block()) {
            assertThat(secret.transformation()).contains(DhChapHash.SHA_256);
            assertThat(key.hash()).isEqualTo(PskHash.SHA_256);
            String text = new String(secret.format());
            assertThat(DhChapSecret.from(
                                    SecurityExamples.vault(name -> Mono.just(text)
                                            .filter(any -> name.equals("HOST_SECRET/nqn.2026-01.com.example:host"))),
                                    request)
                            .block()
                            .format())
                    .isEqualTo(secret.format());
        }
        Security both = Security.none()
                .hostSecret(KeyProviders.environment("HOST"))
                .controllerSecret(KeyProviders.environment("CONTROLLER"));
        assertThat(SecurityExamples.concatenated(SecurityExamples.strong(both)).validate())
                .hasToString("Security[hostSecret=env:HOST, hashes=[SHA_384, SHA_512], groups=[FFDHE4096, FFDHE3072], "
                        + "controllerSecret=env:CONTROLLER, concatenation]");
        assertThat(SecurityExamples.old(Security.none().tls(KeyProviders.environment("KEY")))
                        .validate()
                        .labelForm())
                .isEqualTo(HkdfLabelForm.LIBNVME_1_14);
    }

    /** Also that nobody gets in without, so that the profiles are no mere decoration. */
    private static void assertProtected(NvmeTarget target, NvmeClient... clients) {
        BoundTarget bound = target.bindAddress("127.0.0.1", 0).bind().block();
        for (NvmeClient client : clients) {
            NvmeController connected =
                    client.remoteAddress("127.0.0.1", bound.port()).connect().block();
            NvmeNamespace opened = connected.namespace(1).block();
            opened.write(0, Unpooled.wrappedBuffer(random(BLOCK))).block();
            opened.read(0, 1).block().release();
            connected.close().block();
            NvmeClient unprotected =
                    client.remoteAddress("127.0.0.1", bound.port()).security(Security.none());
            assertThat(catchThrowable(() -> unprotected.connect().block())).isInstanceOf(NvmeException.class);
        }
        bound.close().block();
    }

    @Test
    void whatThePageAboutSecuritySaysConnects(@TempDir Path keys) throws IOException {
        String host = "nqn.2026-01.com.example:backup-service";
        SecurityExamples.makeSecret(keys.resolve("host.secret"));
        SecurityExamples.makeSecret(keys.resolve("controller.secret"));
        SecurityExamples.makeKey(keys.resolve("tls.key"));
        Path hosts = Files.createDirectory(
                keys.resolve("hosts"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.copy(keys.resolve("host.secret"), hosts.resolve(host), StandardCopyOption.COPY_ATTRIBUTES);
        Security both = Security.none()
                .hostSecret(KeyProviders.file(keys.resolve("host.secret")))
                .controllerSecret(KeyProviders.file(keys.resolve("controller.secret")));
        Security ofTarget = Security.none()
                .hostSecret(KeyProviders.directory(hosts))
                .controllerSecret(KeyProviders.file(keys.resolve("controller.secret")));
        Security tls = Security.none().tls(KeyProviders.file(keys.resolve("tls.key")));
        NvmeTarget disk = SecurityExamples.target(keys);
        NvmeClient authenticated = SecurityExamples.authenticated(keys);
        NvmeClient encrypted = SecurityExamples.encrypted(keys);
        String secret = Files.readString(keys.resolve("host.secret"));

        assertProtected(
                disk,
                authenticated,
                authenticated.security(SecurityExamples.strong(both)),
                authenticated.security(Security.none()
                        .hostSecret(SecurityExamples.vault(
                                name -> Mono.just(secret).filter(any -> name.equals("HOST_SECRET/" + host))))));
        assertProtected(disk.security(tls), encrypted);
        assertProtected(
                disk.security(SecurityExamples.concatenated(ofTarget)),
                authenticated.security(SecurityExamples.concatenated(both)));
        assertProtected(disk.security(SecurityExamples.old(tls)), encrypted.security(SecurityExamples.old(tls)));
    }

    @Test
    void targets(@TempDir Path directory) {
        BoundTarget bound = TargetExamples.target(directory.resolve("disk")).block();
        NvmeController connected =
                ConnectExamples.fluent("127.0.0.1", bound.port()).connect().block();
        assertThat(ConnectExamples.capacity(connected).block()).isEqualTo((64L << 20) + (1L << 30));
        connected.close().block();
        TargetExamples.changing(bound).block();
        assertThat(bound.subsystem("nqn.2026-01.com.example:disk").namespaces()).containsOnlyKeys(1, 2);
        bound.close().block();

        Mono<Integer> port =
                Mono.usingWhen(TargetExamples.bounds(), small -> Mono.just(small.port()), BoundTarget::close);
        assertThat(port.block()).isPositive();
        assertThat(TargetExamples.withoutSockets().block()).isEqualTo(1 << 20);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static Flux<ByteBuf> parts(byte[] bytes, int size) {
        return Flux.range(0, (bytes.length + size - 1) / size)
                .map(part -> Unpooled.wrappedBuffer(bytes, part * size, Math.min(size, bytes.length - part * size)));
    }

    private static byte[] joined(Flux<ByteBuf> stream) {
        ByteBuf all = Unpooled.buffer();
        stream.doOnNext(buffer -> all.writeBytes(buffer))
                .doOnNext(ByteBuf::release)
                .blockLast();
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes).release();
        return bytes;
    }
}
