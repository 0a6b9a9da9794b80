package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nvmf.security.TlsPsk;
import io.nvmf.testing.Covers;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.bouncycastle.tls.AlertDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who agrees with whom, and on which key. */
class TlsHandshakeTest {

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);

    private static final int PIECE = 67;

    private static void assertTalk(TlsPair pair) {
        pair.client.send(HELLO);
        pair.server.send(HELLO);
        pair.pass();
        assertThat(pair.client.received()).isEqualTo(HELLO);
        assertThat(pair.server.received()).isEqualTo(HELLO);
    }

    private static void assertFailed(TlsEnd end, int alert, String text) {
        assertThat(end.failure).isInstanceOfSatisfying(TlsException.class, failure -> {
            assertThat(failure.alert()).isEqualTo(alert);
            assertThat(failure).hasMessageContaining(text);
        });
        assertThat(end.identity).isNull();
        assertThat(end.heard).isEqualTo(1);
        assertThat(end.caught).isNull();
        assertThat(end.channel.isOpen()).isFalse();
    }

    static Stream<Arguments> choices() {
        return Stream.of(
                Arguments.of(List.of(Keys.SHA_256), List.of(Keys.SHA_256), Keys.SHA_256),
                Arguments.of(List.of(Keys.SHA_384), List.of(Keys.SHA_384), Keys.SHA_384),
                Arguments.of(List.of(Keys.SHA_256, Keys.SHA_384), List.of(Keys.SHA_256, Keys.SHA_384), Keys.SHA_384),
                Arguments.of(List.of(Keys.SHA_256, Keys.SHA_384), List.of(Keys.SHA_256), Keys.SHA_256),
                Arguments.of(List.of(Keys.SHA_256), List.of(Keys.SHA_256, Keys.SHA_384), Keys.SHA_256),
                Arguments.of(List.of(Keys.OLD_384, Keys.SHA_256), List.of(Keys.OLD_384, Keys.SHA_256), Keys.SHA_256),
                Arguments.of(List.of(Keys.OLD_256, Keys.OLD_384), List.of(Keys.OLD_256, Keys.OLD_384), Keys.OLD_384),
                Arguments.of(
                        List.of(Keys.GENERATED_384, Keys.SHA_384),
                        List.of(Keys.GENERATED_384, Keys.SHA_384),
                        Keys.SHA_384));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("choices")
    @Covers("The newest version, then SHA-384, then retained keys are preferred")
    void theMostPreferredKeyThatBothHaveIsChosen(List<TlsPsk> offered, List<TlsPsk> known, TlsPsk chosen) {
        try (TlsPair pair = new TlsPair(
                TlsEnd.client(offered.toArray(TlsPsk[]::new)), TlsEnd.server(known.toArray(TlsPsk[]::new)))) {
            pair.pass();
            assertThat(pair.client.identity).isEqualTo(chosen.identity());
            assertThat(pair.server.identity).isEqualTo(chosen.identity());
            assertTalk(pair);
        }
    }

    /** Pieces of a size that begin at each place: so there is a cut at each, and bytes of more than one record together. */
    @Test
    void aHandshakeMayBeCutAnywhere() {
        for (int first = 1; first <= PIECE; first++) {
            try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_384), TlsEnd.server(Keys.SHA_384))) {
                pair.pass(first, PIECE);
                assertThat(pair.client.heard + pair.server.heard)
                        .as("first cut at %s", first)
                        .isEqualTo(2);
                assertTalk(pair);
            }
        }
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_384), TlsEnd.server(Keys.SHA_384))) {
            pair.pass(1, 1);
            assertTalk(pair);
        }
    }

    @Test
    @Covers("Another key and an unknown identity end the handshake in the same way")
    void wrongKeyFailsOnBothSides() {
        TlsPsk other = Keys.psk(Keys.SHA_256.identity(), 99);
        try (TlsPair pair = new TlsPair(TlsEnd.client(other), TlsEnd.server(Keys.SHA_256))) {
            pair.pass();
            assertFailed(pair.server, AlertDescription.decrypt_error, "binder");
            assertFailed(pair.client, AlertDescription.decrypt_error, "decrypt_error");
        }
    }

    @Test
    @Covers("Another key and an unknown identity end the handshake in the same way")
    void unknownIdentityLooksLikeAWrongKey() {
        TlsPsk other = Keys.psk("NVMe1R01 nqn.a nqn.b digest", 1);
        try (TlsPair pair = new TlsPair(TlsEnd.client(other), TlsEnd.server(Keys.SHA_256))) {
            pair.pass();
            assertFailed(pair.server, AlertDescription.decrypt_error, "none of the client's identities is known here");
            assertFailed(pair.client, AlertDescription.decrypt_error, "decrypt_error");
        }
    }

    @Test
    void whatIsWrittenDuringTheHandshakeLeavesAfterIt() {
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.server(Keys.SHA_256))) {
            var early = pair.client.send(HELLO);
            assertThat(early.isDone()).isFalse();
            pair.pass();
            assertThat(early.isSuccess()).isTrue();
            assertThat(pair.server.received()).isEqualTo(HELLO);
        }
    }

    @Test
    void silenceEndsAtTheDeadline() {
        for (TlsEnd end : List.of(TlsEnd.client(Keys.SHA_256), TlsEnd.server(Keys.SHA_256))) {
            try (end) {
                var early = end.send(HELLO);
                end.channel.advanceTimeBy(TlsEnd.TIMEOUT.toMillis() - 1, TimeUnit.MILLISECONDS);
                end.channel.runScheduledPendingTasks();
                assertThat(end.heard).isZero();
                end.channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
                end.channel.runScheduledPendingTasks();
                assertThat(end.failure).isInstanceOf(TimeoutException.class).hasMessageContaining("PT5S");
                assertThat(end.identity).isNull();
                assertThat(end.heard).isEqualTo(1);
                assertThat(end.channel.isOpen()).isFalse();
                assertThat(early.isDone()).isTrue();
                assertThat(early.isSuccess()).isFalse();
            }
        }
    }

    @Test
    void theDeadlineIsThatOfTheHandshakeOnly() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.channel.advanceTimeBy(1, TimeUnit.HOURS);
            pair.client.channel.runScheduledPendingTasks();
            assertTalk(pair);
        }
    }

    @Test
    void aConnectionThatIsClosedDuringTheHandshakeFails() {
        for (TlsEnd end : List.of(TlsEnd.client(Keys.SHA_256), TlsEnd.server(Keys.SHA_256))) {
            try (end) {
                end.fin();
                assertFailed(end, TlsException.NO_ALERT, "closed during the TLS handshake");
            }
        }
        for (TlsEnd end : List.of(TlsEnd.client(Keys.SHA_256), TlsEnd.server(Keys.SHA_256))) {
            try (end) {
                end.channel.close();
                assertFailed(end, TlsException.NO_ALERT, "closed by this side");
            }
        }
    }

    /** What NVMe/TCP without TLS would send first: an ICReq. */
    @Test
    @Covers("What is not TLS is not answered, and no answer in clear is taken")
    void plainBytesAreNotAnswered() {
        try (TlsEnd server = TlsEnd.server(Keys.SHA_256)) {
            byte[] icReq = new byte[128];
            icReq[2] = (byte) 128;
            icReq[4] = (byte) 128;
            server.deliver(icReq);
            assertThat(server.failure).isNotNull();
            assertThat(server.channel.isOpen()).isFalse();
            assertThat(server.sent()).isEmpty();
        }
    }

    /** A C2HTermReq is what NVMe/TCP without TLS would answer. */
    @Test
    @Covers("What is not TLS is not answered, and no answer in clear is taken")
    void plainAnswerEndsTheHandshake() {
        try (TlsEnd client = TlsEnd.client(Keys.SHA_256)) {
            client.sent();
            client.deliver(new byte[] {3, 0, 24, 0, 24, 0, 0, 0});
            assertThat(client.failure).isInstanceOf(TlsException.class);
            assertThat(client.heard).isEqualTo(1);
            assertThat(client.channel.isOpen()).isFalse();
        }
    }

    @Test
    @Covers("TLS 1.3 with a PSK and an exchange, both cipher suites, no certificates and nothing older")
    void theClientOffersTls13WithKeysAndNothingElse() {
        try (TlsEnd client = TlsEnd.client(Keys.SHA_256, Keys.SHA_384)) {
            ClientHello hello = ClientHello.parse(client.sent());
            assertThat(hello.cipherSuites()).containsExactly(0x1302, 0x1301);
            assertThat(hello.extension(0x2B)).containsExactly(2, 3, 4); // supported_versions: 1.3
            assertThat(hello.extension(0x2D)).containsExactly(1, 1); // psk_key_exchange_modes: psk_dhe_ke
            assertThat(hello.extensions()).contains(0x29, 0x33).doesNotContain(0x0D, 0x32, 0x05);
            String identities = new String(hello.extension(0x29), StandardCharsets.ISO_8859_1);
            assertThat(identities).contains(Keys.SHA_256.identity()).contains(Keys.SHA_384.identity());
        }
    }

    @Test
    void aClientWithoutKeysIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(TlsEnd::client);
    }

    @Test
    void slowCiphersAreRefused() {
        JcaCrypto.check(new Provider("SunJCE", "1", "") {});
        assertThatIllegalStateException()
                .isThrownBy(() -> JcaCrypto.check(new Provider("BC", "1", "") {}))
                .withMessageContaining("BC");
        assertThatIllegalStateException()
                .isThrownBy(() -> JcaCrypto.check(new org.bouncycastle.jce.provider.BouncyCastleProvider()));
    }
}
