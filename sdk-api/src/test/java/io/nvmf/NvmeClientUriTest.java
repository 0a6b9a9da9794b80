package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients and targets as URIs: whatever can be set survives, and nothing is made up. */
class NvmeClientUriTest {

    private static final String TYPICAL = " %25%?#/:@[]&=+\"<>;,.-_~a1Z";
    private static final String NQN = "nqn.2014-08.org.example:disks";

    private static void survives(NvmeClient client) {
        URI uri = client.uri();
        ClientConfig read = NvmeClient.from(uri).config();
        ClientConfig written = client.config().copy();
        read.registry = written.registry;
        read.timer = written.timer;
        assertThat(NvmeClient.from(uri).uri()).isEqualTo(uri);
        if (written.subsystem != null && written.registry != null) {
            ClientConfig given = written;
            TransportOptions options = given.conclude().options();
            assertThat(read.conclude().options().present()).isEqualTo(options.present());
            options.present()
                    .forEach(option -> assertThat(read.conclude().options().get(option))
                            .as("%s in %s", option, uri)
                            .isEqualTo(options.get(option)));
        }
        read.options = written.options;
        read.namedOptions = written.namedOptions;
        assertThat(read).as("%s", uri).usingRecursiveComparison().isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nqn.2014-08.org.example:a b",
                "nqn.2014-08.org.example:50%",
                "nqn.2014-08.org.example:50%25",
                "nqn.2014-08.org.example:%2",
                "nqn.2014-08.org.example:q?x=1",
                "nqn.2014-08.org.example:frag#1",
                "nqn.2014-08.org.example:a\"<>|\\^`{}",
                "nqn.2014-08.org.example:/a//b;c&d+e=f@g",
                "nqn.2014-08.org.example:\u00fc\u65e5\u672c\ud83d\ude00",
                "nqn.2014-08.org.example:[x]:1",
            })
    void namesSurvive(String nqn) {
        NvmeClient client = NvmeClient.create().remoteAddress("192.0.2.1", 4420);
        survives(client.subsystem(nqn));
        survives(client.subsystem(NQN).hostNqn(nqn));
        LoopTransport transport = new LoopTransport();
        BoundTarget target = NvmeTarget.memory(nqn, 1 << 20, 512)
                .transport(TransportType.LOOP)
                .registry(TransportRegistry.empty().register(transport))
                .bindAddress("here", 1)
                .bind()
                .block();
        assertThat(NvmeClient.from(target.uri(nqn)).config().subsystem).isEqualTo(nqn);
        target.close().block();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.1",
                "storage.example",
                "nvme_target",
                "_nvme._tcp.example",
                "-",
                "2001:db8::1",
                "::",
                "0::1",
                "::ffff:192.0.2.1",
                "fe80::1%eth0",
                "fe80::1%25",
                "fe80::1%2",
                "fe80::1%a-b",
                "fe80::1%",
                "a:b",
                "a b",
                "a@b",
                "a/b?c#d",
                "50%",
                "[::1]",
                "\u65e5\u672c",
            })
    void hostsSurvive(String host) {
        survives(NvmeClient.create().remoteHost(host).subsystem(NQN));
        survives(NvmeClient.create().remoteAddress(host, 4421));
        survives(NvmeClient.create().remoteAddress(new TransportAddress(host, "a service")));
        survives(NvmeClient.create().remoteAddress(new TransportAddress(host, "0")));
        survives(NvmeClient.create().remoteAddress(new TransportAddress(host, "04420")));
    }

    @Test
    void everythingThatCanBeSetSurvivesInEveryCombination() {
        TransportRegistry registry = TransportRegistry.empty().register(new LoopTransport());
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            NvmeClient client = NvmeClient.create()
                    .registry(registry)
                    .transport(TransportType.LOOP)
                    .remoteHost(name(random, 1 + random.nextInt(40)));
            client = random.nextBoolean()
                    ? client
                    : client.remoteAddress(new TransportAddress(
                            name(random, 1 + random.nextInt(20)), Integer.toString(random.nextInt(70_000))));
            client = random.nextBoolean() ? client : client.subsystem(nqn(random));
            client = random.nextBoolean() ? client : client.hostNqn(nqn(random));
            client = random.nextBoolean() ? client : client.hostId(new UUID(random.nextLong(), random.nextLong() | 1));
            client = random.nextBoolean() ? client : client.ioQueues(1 + random.nextInt(65_535));
            client = random.nextBoolean() ? client : client.queueSize(2 + random.nextInt(65_535));
            client = random.nextBoolean() ? client : client.sqFlowControl(random.nextBoolean());
            client = random.nextBoolean() ? client : client.pendingCommands(random.nextInt(Integer.MAX_VALUE));
            client = random.nextBoolean() ? client : client.keepAlive(Duration.ofMillis(random.nextLong(1L << 32)));
            client = random.nextBoolean()
                    ? client
                    : client.connectTimeout(Duration.ofNanos(1 + random.nextLong(86_400_000_000_000L)));
            client = random.nextBoolean()
                    ? client
                    : client.commandTimeout(Duration.ofNanos(1_000_000 + random.nextLong(1L << 50)));
            client = random.nextBoolean()
                    ? client
                    : client.adminTimeout(Duration.ofNanos(1_000_000 + random.nextLong(1L << 50)));
            client = random.nextBoolean()
                    ? client
                    : client.option(LoopTransportOptions.MAX_RECEIVES, 1 + random.nextInt(65_536));

            survives(client);
        }
    }

    private static String nqn(Random random) {
        String start = "nqn.2014-08.org.example:";
        String rest = name(random, 1 + random.nextInt(200));
        while (!Nqn.isValid(start + rest)) {
            rest = rest.substring(0, rest.offsetByCodePoints(rest.length(), -1));
        }
        return start + rest;
    }

    /** Of anything but controls: much of it what means something in a URI. */
    private static String name(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int character = random.nextInt(3) == 0
                    ? random.nextInt(0x1_1000)
                    : TYPICAL.charAt(random.nextInt(TYPICAL.length()));
            if (!Character.isISOControl(character)
                    && (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE)) {
                text.appendCodePoint(character);
            }
        }
        return text.toString();
    }

    @Test
    void theLongestNameSurvives() {
        String nqn = "nqn.2014-08.org.example:" + "\u65e5".repeat(66);
        assertThat(nqn.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(220, 223);

        survives(NvmeClient.create().remoteHost("a").subsystem(nqn).hostNqn(nqn));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "nvme+tcp://nvme_target:4420/ nvme_target 4420",
                "nvme+tcp://[fe80::1%25lo]:1/ fe80::1%lo 1",
                "nvme+tcp://[fe80::1%lo]:1/ fe80::1%lo 1",
                "nvme+tcp://a:/ a 4420",
                "nvme+tcp://a%20b:5 'a b' 5",
                "nvme+tcp://a:04420 a 4420",
                "nvme+loop://here?service=there here there",
            })
    void addressesAsPeopleWriteThem(String uri, String host, String service) {
        assertThat(NvmeClient.from(uri).subsystem(NQN).config().conclude().address())
                .isEqualTo(new TransportAddress(host, service));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nvme+tcp://a:99999999999/ | port 99999999999 is outside 1..65535",
                "nvme+tcp://a:65536/ | port 65536 is outside 1..65535",
                "nvme+tcp://a:x/ | port 'x' is not a number",
                "nvme+tcp://a:-1/ | port '-1' is not a number",
                "nvme+tcp://[::1/ | brackets",
                "nvme+tcp://[1.2.3.4]/ | not an IPv6 address",
                "nvme+tcp://[::1]x/ | no usable host",
                "nvme+tcp://[]/ | not an IPv6 address",
                "nvme+tcp://a/nqn.2014-08.org.example:50% | percent sign",
                "nvme+tcp://a/nqn.2014-08.org.example:%zz | percent sign",
                "nvme+tcp://a/nqn.2014-08.org.example:%ff | UTF-8",
                "nvme+tcp://a/nqn.2014-08.org.example:a%00b | not an NVMe qualified name",
                "nvme+tcp://a?host-id=1-1-1-1-1 | 8-4-4-4-12",
                "nvme+tcp://a?host-id=00000000-0000-0000-0000-000000000000 | nil",
                "nvme+tcp://a?host-id=01234567-89ab-cdef-0123-456789abcdef0 | 8-4-4-4-12",
                "nvme+tcp://a?host-nqn=nqn.2014-08.org.nvmexpress:uuid:1-1-1-1-1 | no UUID",
                "nvme+tcp://a?command-timeout=9223372036854775807s | PT8760H",
                "nvme+tcp://a?connect-timeout=300000h | not a time",
                "nvme+tcp:a | scheme",
                "nvme+tcp | scheme",
            })
    void mistakesAreNamed(String uri, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.from(uri))
                .withMessageContaining(message);
    }

    @Test
    void identifiersAreCheckedAndNotCompleted() {
        NvmeClient client = NvmeClient.create();
        for (String uuid : List.of("1-1-1-1-1", "", "x", "01234567-89ab-cdef-0123-456789abcde")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.hostNqn("nqn.2014-08.org.nvmexpress:uuid:" + uuid))
                    .withMessageContaining("no UUID behind its prefix");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> client.remoteHost(""));
        assertThatIllegalArgumentException().isThrownBy(() -> client.remoteHost("a\ud800"));
        assertThatIllegalArgumentException().isThrownBy(() -> client.subsystem("nqn.2014-08.org.example:\ud800"));
    }

    @Test
    void aClientWithoutAnAddressHasNoUri() {
        assertThatIllegalStateException()
                .isThrownBy(() -> NvmeClient.create().subsystem(NQN).uri())
                .withMessageContaining("address");
    }

    @Test
    void everyDurationIsRefusedWithItsBoundOrWorks() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            long seconds = random.nextLong() >> random.nextInt(64);
            Duration time = Duration.ofSeconds(seconds, random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
            accepts("PT24H", time, client -> client.connectTimeout(time));
            accepts("PT8760H", time, client -> client.commandTimeout(time));
            accepts("PT8760H", time, client -> client.adminTimeout(time));
            accepts("4294967295", time, client -> client.keepAlive(time));
        }
        for (Duration time : List.of(
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                Duration.ofSeconds(Long.MIN_VALUE),
                Duration.ofDays(109_500))) {
            accepts("PT24H", time, client -> client.connectTimeout(time));
            accepts("PT8760H", time, client -> client.commandTimeout(time));
            accepts("PT8760H", time, client -> client.adminTimeout(time));
            accepts("4294967295", time, client -> client.keepAlive(time));
        }
    }

    private static void accepts(String bound, Duration time, UnaryOperator<NvmeClient> setter) {
        NvmeClient changed;
        try {
            changed = setter.apply(NvmeClient.create().remoteHost("a").subsystem(NQN));
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining(bound).hasMessageContaining(time.toString());
            return;
        }
        // what the layers below make of it
        ClientConfig config = changed.config();
        for (Duration used :
                List.of(config.connectTimeout, config.commandTimeout, config.adminTimeout, config.keepAlive)) {
            assertThat(used.multipliedBy(4).toNanos()).isNotNegative();
        }
    }

    @Test
    void theBoundsThemselvesConnect() {
        ScriptedController controller = new ScriptedController();
        for (Duration command : List.of(NvmeClient.MIN_COMMAND_TIMEOUT, NvmeClient.MAX_COMMAND_TIMEOUT)) {
            controller
                    .connect(controller
                            .client()
                            .commandTimeout(command)
                            .adminTimeout(command)
                            .connectTimeout(NvmeClient.MAX_CONNECT_TIMEOUT)
                            .keepAlive(NvmeClient.MAX_KEEP_ALIVE))
                    .close()
                    .subscribe();
        }
        controller.connect(controller.client().connectTimeout(Duration.ofSeconds(1)));
        controller.cut();
    }
}
