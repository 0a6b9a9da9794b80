package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.testing.Covers;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.scheduler.Schedulers;

/** Configuration: immutable, checked, and the same from a URI. */
class NvmeClientTest {

    private static final String NQN = "nqn.2014-08.org.example:disks";
    private static final UUID ID = UUID.fromString("11111111-2222-3333-4444-555555555555");

    @Test
    void everySetterLeavesTheOriginalAlone() {
        List<UnaryOperator<NvmeClient>> setters = List.of(
                client -> client.remoteAddress("there", 1),
                client -> client.remoteHost("there"),
                client -> client.subsystem(Nqn.DISCOVERY),
                client -> client.transport(TransportType.LOOP),
                client -> client.hostNqn(NQN),
                client -> client.hostId(ID),
                client -> client.ioQueues(7),
                client -> client.queueSize(7),
                client -> client.sqFlowControl(false),
                client -> client.keepAlive(Duration.ofSeconds(7)),
                client -> client.connectTimeout(Duration.ofSeconds(7)),
                client -> client.commandTimeout(Duration.ofSeconds(7)),
                client -> client.adminTimeout(Duration.ofSeconds(7)),
                client -> client.pendingCommands(7),
                client -> client.option(LoopTransportOptions.MAX_RECEIVES, 7),
                client -> client.namedOption("max-receives", "7"),
                client -> client.registry(TransportRegistry.empty()),
                client -> client.timer(Schedulers.single()));
        for (UnaryOperator<NvmeClient> setter : setters) {
            NvmeClient original =
                    NvmeClient.create().remoteAddress("here", 4420).subsystem(NQN);
            ClientConfig before = original.config().copy();

            NvmeClient changed = setter.apply(original);

            assertThat(original.config()).usingRecursiveComparison().isEqualTo(before);
            assertThat(changed.config()).usingRecursiveComparison().isNotEqualTo(before);
        }
    }

    @Test
    void uriEqualsTheFluentForm() {
        NvmeClient fluent = NvmeClient.create()
                .remoteAddress("2001:db8::1", 4421)
                .subsystem(NQN)
                .hostNqn("nqn.2014-08.org.example:host+1")
                .hostId(ID)
                .ioQueues(4)
                .queueSize(256)
                .sqFlowControl(false)
                .keepAlive(Duration.ofSeconds(20))
                .connectTimeout(Duration.ofMillis(500))
                .commandTimeout(Duration.ofMinutes(2))
                .adminTimeout(Duration.ofMinutes(3))
                .pendingCommands(10);

        NvmeClient parsed = NvmeClient.from("nvme+tcp://[2001:db8::1]:4421/" + NQN
                + "?host-nqn=nqn.2014-08.org.example:host+1&host-id=" + ID + "&io-queues=4&queue-size=256"
                + "&sq-flow-control=false&keep-alive=PT20S&connect-timeout=500ms&command-timeout=2m"
                + "&admin-timeout=3m"
                + "&pending-commands=10");

        assertThat(parsed.config().conclude())
                .usingRecursiveComparison()
                .isEqualTo(fluent.config().conclude());
    }

    @Test
    void optionsOfTheTransportAreFoundByName() {
        NvmeClient client = NvmeClient.from("nvme+loop://here:1/" + NQN + "?max-receives=9")
                .registry(TransportRegistry.empty().register(new LoopTransport()));

        assertThat(client.config().conclude().options().get(LoopTransportOptions.MAX_RECEIVES))
                .isEqualTo(9);
    }

    @Test
    void unknownParameterIsNamedWithTheKnownOnes() {
        NvmeClient client = NvmeClient.from("nvme+loop://here:1/" + NQN + "?max-recieves=9")
                .registry(TransportRegistry.empty().register(new LoopTransport()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.connect().block())
                .withMessageContaining("max-recieves")
                .withMessageContaining("max-receives")
                .withMessageContaining("io-queues");
    }

    @Test
    void badValueOfATransportOptionIsNamed() {
        NvmeClient client = NvmeClient.from("nvme+loop://here:1/" + NQN + "?max-receives=many")
                .registry(TransportRegistry.empty().register(new LoopTransport()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.connect().block())
                .withMessageContaining("max-receives")
                .withMessageContaining("many");
    }

    @ParameterizedTest
    @CsvSource({
        "nvme+tcp://192.0.2.1:4421/nqn.2014-08.org.example:disks, 192.0.2.1, 4421",
        "nvme+tcp://192.0.2.1/nqn.2014-08.org.example:disks, 192.0.2.1, 4420",
        "nvme+tcp://storage.example/nqn.2014-08.org.example:disks, storage.example, 4420",
        "NVME+TCP://[::1]/nqn.2014-08.org.example:disks, ::1, 4420",
        "nvme+tcp://[::1]:1/nqn.2014-08.org.example:disks, ::1, 1",
        "nvme+tcp://192.0.2.1/nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, 8009",
        "nvme+tcp://192.0.2.1:4420/nqn.2014-08.org.nvmexpress.discovery, 192.0.2.1, 4420",
        "nvme+tcp://192.0.2.1/nqn.2014-08.org.example%3Adisks, 192.0.2.1, 4420",
    })
    void addressesInUris(String uri, String host, String port) {
        assertThat(NvmeClient.from(uri).config().conclude().address()).isEqualTo(new TransportAddress(host, port));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp://a/nqn.2014-08.org.example:d | scheme 'tcp'",
                "nvme+carrier://a/nqn.2014-08.org.example:d | nvme+carrier",
                "nvme+tcp:///nqn.2014-08.org.example:d | no usable host",
                "nvme+tcp://::1/nqn.2014-08.org.example:d | brackets",
                "nvme+tcp://a:0/nqn.2014-08.org.example:d | port 0 is outside 1..65535",
                "nvme+tcp://a:70000/nqn.2014-08.org.example:d | 70000",
                "nvme+tcp://me@a/nqn.2014-08.org.example:d | user information",
                "nvme+tcp://a/nqn.2014-08.org.example:d#x | fragment",
                "nvme+tcp://a/disks | disks",
                "nvme+tcp://a/nqn.2014-08.org.example:d?io-queues | io-queues",
                "nvme+tcp://a/nqn.2014-08.org.example:d?io-queues=two | parameter io-queues is 'two'",
                "nvme+tcp://a/nqn.2014-08.org.example:d?io-queues=0 | ioQueues 0 is outside 1..65535",
                "nvme+tcp://a/nqn.2014-08.org.example:d?io-queues=1&io-queues=2 | io-queues is given more than once",
                "nvme+tcp://a/nqn.2014-08.org.example:d?queue-size=1 | queueSize 1 is outside 2..65536",
                "nvme+tcp://a/nqn.2014-08.org.example:d?keep-alive=10 | parameter keep-alive is '10'",
                "nvme+tcp://a/nqn.2014-08.org.example:d?sq-flow-control=yes | parameter sq-flow-control is 'yes'",
                "nvme+tcp://a/nqn.2014-08.org.example:d?host-id=x | parameter host-id is 'x'",
                "nvme+tcp://a/nqn.2014-08.org.example:d?host-nqn=x | parameter host-nqn is 'x'",
                "nvme+tcp://a b/ | not a URI",
            })
    void mistakesInUrisAreNamed(String uri, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.from(uri))
                .withMessageContaining(message);
    }

    @Test
    void whatIsMissingIsSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.create().subsystem(NQN).connect().block())
                .withMessageContaining("address");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.create().remoteHost("a").connect().block())
                .withMessageContaining("subsystem");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.create().keepAlive(Duration.ofNanos(1)))
                .withMessageContaining("PT0.000000001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.create().hostId(new UUID(0, 0)))
                .withMessageContaining("nil");
    }

    @Test
    void theDefaultIdentityIsOneUuidPerJvm() {
        NvmeClient one = NvmeClient.from("nvme+tcp://a/" + NQN);
        NvmeClient other = NvmeClient.from("nvme+tcp://b/" + NQN);

        String nqn = one.config().conclude().hostNqn();
        assertThat(nqn).isEqualTo(Nqn.uuid(one.config().conclude().hostId()));
        assertThat(other.config().conclude().hostNqn()).isEqualTo(nqn);
    }

    @Test
    void hostIdentifierFollowsFromTheHostNqn() {
        NvmeClient client = NvmeClient.from("nvme+tcp://a/" + NQN);

        assertThat(client.hostNqn(Nqn.uuid(ID)).config().conclude().hostId()).isEqualTo(ID);
        assertThat(client.hostNqn(NQN).config().conclude().hostId())
                .isEqualTo(client.hostNqn(NQN).config().conclude().hostId())
                .isNotEqualTo(client.hostNqn(NQN + "2").config().conclude().hostId());
    }

    private static DiscoveryLogEntry entry(int requirements, int securityType) {
        return new DiscoveryLogEntry(
                TransportType.TCP.value(),
                1,
                2,
                requirements,
                1,
                0xFFFF,
                32,
                0,
                "4421",
                "nqn.2026-01.com.example:disk",
                "192.0.2.1",
                new DiscoveryLogEntry.Tcp(securityType));
    }

    @Test
    @Covers("The target tells of TLS, and a client goes where an entry requires it with TLS only")
    void goesWhereAnEntryOfTheDiscoveryLogPoints() {
        ClientConfig config = NvmeClient.create()
                .subsystem(entry(DiscoveryLogEntry.TREQ_SECURE_CHANNEL_NOT_REQUIRED, DiscoveryLogEntry.Tcp.NONE))
                .config();

        assertThat(config.conclude().subsystemNqn()).isEqualTo("nqn.2026-01.com.example:disk");
        assertThat(config.conclude().address()).isEqualTo(TransportAddress.of("192.0.2.1", 4421));
        assertThat(config.transport).isEqualTo(TransportType.TCP);
        DiscoveryLogEntry unknown = new DiscoveryLogEntry(
                77, 1, 2, 0, 1, 1, 32, 0, "1", "nqn.2026-01.com.example:disk", "a", new DiscoveryLogEntry.None());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NvmeClient.create().subsystem(unknown))
                .withMessageContaining("TRTYPE 77");
    }

    @Test
    @Covers("The target tells of TLS, and a client goes where an entry requires it with TLS only")
    void anEntryThatRequiresASecureChannelIsNotConnectedToWithout() {
        NvmeClient client = NvmeClient.create()
                .subsystem(entry(DiscoveryLogEntry.TREQ_SECURE_CHANNEL_REQUIRED, DiscoveryLogEntry.Tcp.TLS_1_3));
        DhChapSecret secret = DhChapSecret.random(DhChapHash.SHA_256);

        for (Security insecure : List.of(Security.none(), Security.none().hostSecret(secret))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.security(insecure).connect().block(Duration.ofSeconds(30)))
                    .withMessageContaining("nqn.2026-01.com.example:disk requires a secure channel");
        }
        for (Security secure : List.of(
                Security.none().tls(ConfiguredPsk.generate(PskHash.SHA_256)),
                Security.none().hostSecret(secret).concatenation())) {
            assertThat(client.security(secure).config().conclude().security()).isSameAs(secure);
        }
    }
}
