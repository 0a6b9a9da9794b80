package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.security.TlsPsk;
import io.nvmf.transport.TlsKeyChooser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.tls.AlertDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/** What stands in front of a connection that was accepted, until it is known how it begins. */
class TlsFrontTest {

    private static final byte[] IC_REQ = Arrays.copyOf(new byte[] {0, 0, (byte) 128, 0, (byte) 128}, 128);

    /** Answers when a test says so. */
    private static final class Slow implements TlsKeyChooser {

        final List<String> asked = new ArrayList<>();
        final AtomicInteger cancelled = new AtomicInteger();
        MonoSink<TlsPsk> answer;

        @Override
        public Mono<TlsPsk> choose(List<String> identities) {
            return Mono.<TlsPsk>create(sink -> {
                        asked.addAll(identities);
                        answer = sink;
                    })
                    .doOnCancel(cancelled::incrementAndGet);
        }
    }

    private static TlsPsk copy() {
        return Keys.psk(Keys.SHA_256.identity(), 1);
    }

    private static void assertRefused(TlsEnd server, int alert) {
        assertThat(server.failure)
                .isInstanceOfSatisfying(
                        TlsException.class, failed -> assertThat(failed.alert()).isEqualTo(alert));
        assertThat(server.heard).isEqualTo(1);
        assertThat(server.identity).isNull();
        assertThat(server.channel.isOpen()).isFalse();
        assertThat(server.channel.pipeline().get(TlsFront.class)).isNull();
    }

    @Test
    void plainGoesOnWhereItMay() {
        Slow chooser = new Slow();
        try (TlsEnd server = TlsEnd.front(false, chooser)) {
            server.deliver(IC_REQ);

            assertThat(server.received()).isEqualTo(IC_REQ);
            assertThat(server.channel.pipeline().get(TlsFront.class)).isNull();
            assertThat(server.heard).isZero();
            assertThat(chooser.asked).isEmpty();
            server.deliver(new byte[] {22, 3, 1});
            assertThat(server.received()).hasSize(3);
        }
    }

    @Test
    void plainEndsWhereTlsIsRequired() {
        try (TlsEnd server = TlsEnd.front(true, new Slow())) {
            server.deliver(IC_REQ, 0, 1);

            assertRefused(server, TlsException.NO_ALERT);
            assertThat(server.received()).isEmpty();
            assertThat(server.sent()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 67, 1 << 20})
    void aKeyIsLookedForByWhatTheClientOffers(int piece) {
        List<List<String>> asked = new ArrayList<>();
        TlsPsk key = copy();
        TlsEnd front = TlsEnd.front(true, identities -> {
            asked.add(identities);
            return Mono.just(key);
        });
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_384, Keys.SHA_256), front)) {
            pair.pass(piece);

            assertThat(asked).containsExactly(List.of(Keys.SHA_384.identity(), Keys.SHA_256.identity()));
            assertThat(pair.server.identity).isEqualTo(Keys.SHA_256.identity());
            assertThat(pair.client.identity).isEqualTo(Keys.SHA_256.identity());
            assertThat(key.isClosed()).isTrue();
            pair.client.send(IC_REQ);
            pair.pass(piece);
            assertThat(pair.server.received()).isEqualTo(IC_REQ);
        }
    }

    @Test
    void nothingIsReadWhileAKeyIsLookedFor() throws InterruptedException {
        Slow chooser = new Slow();
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, chooser))) {
            byte[] hello = pair.client.sent();
            assertThat(pair.server.reads()).isEqualTo(1);
            pair.server.deliver(hello, 0, 100);
            assertThat(pair.server.reads()).isEqualTo(1);
            pair.server.deliver(hello, 100, hello.length);
            assertThat(pair.server.reads()).isZero();
            assertThat(pair.server.sent()).isEmpty();

            Thread elsewhere = new Thread(() -> chooser.answer.success(copy()));
            elsewhere.start();
            elsewhere.join();
            pair.pass();

            assertThat(pair.server.reads()).isPositive();
            assertThat(pair.server.identity).isEqualTo(Keys.SHA_256.identity());
        }
    }

    @Test
    void whoGoesMeanwhileIsLookedForNoMore() {
        Slow chooser = new Slow();
        TlsPsk late = copy();
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, chooser))) {
            pair.server.deliver(pair.client.sent());
            assertThat(chooser.cancelled).hasValue(0);

            pair.server.channel.close();

            assertThat(chooser.cancelled).hasValue(1);
            assertThat(pair.server.identity).isNull();
        }
        // One that does not mind whether somebody waits.
        TlsEnd[] server = new TlsEnd[1];
        server[0] = TlsEnd.front(true, identities -> new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super TlsPsk> actual) {
                actual.onSubscribe(Operators.emptySubscription());
                server[0].channel.close();
                server[0].channel.runPendingTasks();
                actual.onNext(late);
                actual.onComplete();
            }
        });
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), server[0])) {
            pair.server.deliver(pair.client.sent());
        }
        assertThat(late.isClosed()).isTrue();
    }

    /** What comes behind it would be taken in clear. */
    @Test
    void nothingIsTakenWhereItIsTakenAway() {
        Slow chooser = new Slow();
        TlsEnd looking = TlsEnd.front(true, chooser);
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, chooser));
                looking) {
            pair.server.deliver(pair.client.sent());

            for (TlsEnd end : List.of(pair.server, looking)) {
                end.channel.pipeline().remove(end.first);
                end.deliver(IC_REQ);

                assertRefused(end, TlsException.NO_ALERT);
                assertThat(end.received()).isEmpty();
            }
            assertThat(chooser.cancelled).hasValue(1);
        }
    }

    /** Where an event loop ends within a turn, channels are not closed. */
    @Test
    void anEventLoopThatEndsIsTheEndOfIt() {
        Slow chooser = new Slow();
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, chooser))) {
            pair.server.deliver(pair.client.sent());

            ((TlsFront) pair.server.first).loopEnded();

            assertThat(chooser.cancelled).hasValue(1);
        }
        TlsPsk key = copy();
        try (TlsPair pair =
                new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, identities -> Mono.just(key)))) {
            pair.server.deliver(pair.client.sent());
            assertThat(key.isClosed()).as("during the handshake").isFalse();

            ((TlsFront) pair.server.first).loopEnded();

            assertThat(key.isClosed()).isTrue();
            assertThat(pair.server.heard).isEqualTo(1);
        }
    }

    @Test
    void aKeyIsClosedHoweverTheHandshakeEnds() {
        TlsPsk another = Keys.psk(Keys.SHA_256.identity(), 99);
        try (TlsPair pair =
                new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, identities -> Mono.just(another)))) {
            pair.pass();
            assertRefused(pair.server, AlertDescription.decrypt_error);
        }
        TlsPsk lost = copy();
        try (TlsPair pair =
                new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, identities -> Mono.just(lost)))) {
            pair.server.deliver(pair.client.sent());
            assertThat(lost.isClosed()).as("during the handshake").isFalse();
            pair.server.fin();
        }
        assertThat(List.of(another, lost)).allMatch(TlsPsk::isClosed);
    }

    @Test
    void strangersGetTheAnswerThatAWrongKeyGets() {
        byte[] unknown;
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, identities -> Mono.empty()))) {
            pair.server.deliver(pair.client.sent());
            unknown = pair.server.sent();
            assertRefused(pair.server, AlertDescription.decrypt_error);
        }
        TlsPsk another = Keys.psk(Keys.SHA_256.identity(), 99);
        try (TlsPair pair =
                new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, identities -> Mono.just(another)))) {
            pair.server.deliver(pair.client.sent());
            assertThat(pair.server.sent()).isEqualTo(unknown);
        }
    }

    @Test
    void aSearchThatFailsIsTheEnd() {
        List<TlsKeyChooser> failing = List.of(
                identities -> Mono.error(new IllegalStateException("no keys today")),
                identities -> {
                    throw new IllegalStateException("no keys today");
                },
                identities -> null);
        for (TlsKeyChooser chooser : failing) {
            try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, chooser))) {
                pair.server.deliver(pair.client.sent());
                pair.pass();

                assertRefused(pair.server, AlertDescription.internal_error);
                assertThat(pair.client.failure)
                        .isInstanceOfSatisfying(
                                TlsException.class,
                                failed -> assertThat(failed.alert()).isEqualTo(AlertDescription.internal_error));
            }
        }
    }

    @Test
    void whatIsNoClientHelloIsRefused() {
        byte[][] garbage = {
            {22, 3, 1, (byte) 0xFF, (byte) 0xFF},
            {22, 'G', 'E', 'T', ' '},
            {22, 3, 1, 0, 4, 2, 0, 0, 0},
            {22, 3, 1, 0, 5, 1, 0, 0, 1, 0}
        };
        for (byte[] bytes : garbage) {
            Slow chooser = new Slow();
            try (TlsEnd server = TlsEnd.front(true, chooser)) {
                server.deliver(bytes);

                assertThat(server.failure).as(Arrays.toString(bytes)).isInstanceOf(TlsException.class);
                assertThat(server.channel.isOpen()).isFalse();
                assertThat(chooser.asked).isEmpty();
            }
        }
    }

    @Test
    void whoGoesOnWithoutAnAnswerIsNotKeptAnyMore() {
        Slow chooser = new Slow();
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.front(true, chooser))) {
            pair.server.deliver(pair.client.sent());
            for (int i = 0; i < 20; i++) {
                pair.server.deliver(new byte[4096]);
            }

            assertRefused(pair.server, TlsException.NO_ALERT);
            assertThat(chooser.cancelled).hasValue(1);
        }
    }
}
