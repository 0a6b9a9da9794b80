package io.nvmf.host.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueFixture;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.testing.SharedManualTimer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** What becomes of secrets, however an authentication or the derivation of keys ends. */
class HostAuthenticationTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofSeconds(3);
    private static final DhChapSecret SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final ConfiguredPsk PSK = ConfiguredPsk.generate(PskHash.SHA_256);

    private final SharedManualTimer timer = new SharedManualTimer();
    private final QueueFixture fixture = new QueueFixture(4);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger wiped = new AtomicInteger();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final KeyProvider silent = request -> Mono.<char[]>never().doOnSubscribe(s -> asked.countDown());

    private HostAuthentication of(Security security) {
        return new HostAuthentication(
                security,
                "nqn.2014-08.org.example:host",
                "nqn.2014-08.org.example:disk",
                STEP,
                timer,
                new Failures(),
                () -> {
                    SecretWork work = new SecretWork();
                    work.keep(wiped::incrementAndGet);
                    begun.incrementAndGet();
                    return work;
                });
    }

    /** Data of a command stays until its connection ends, whoever waits for it. */
    @AfterEach
    void end() {
        fixture.cut();
    }

    private void allIsWiped() {
        Awaitility.await().atMost(PATIENCE).until(() -> begun.get() == 1 && wiped.get() == 1);
    }

    private void awaitAsked() {
        Awaitility.await().atMost(PATIENCE).until(() -> asked.getCount() == 0);
    }

    @Test
    void keysOfTlsStayAndWhatTheyCameFromIsWiped() {
        try (ChannelKeys keys = new ChannelKeys()) {
            of(Security.none().tls(PSK)).configuredKeys(0, keys).block(PATIENCE);

            allIsWiped();
            assertThat(keys.offered()).hasSize(2).noneMatch(TlsPsk::isClosed);
        }
    }

    @Test
    void nothingIsLeftWhereThereIsNoKey() {
        HostAuthentication authentication = of(Security.none().tls(request -> Mono.empty()));

        assertThatThrownBy(() ->
                        authentication.configuredKeys(0, new ChannelKeys()).block(PATIENCE))
                .isInstanceOf(NvmeAuthenticationException.class);
        allIsWiped();
    }

    @Test
    void nothingIsLeftOfKeysThatDoNotComeInTime() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        of(Security.none().tls(silent)).configuredKeys(0, new ChannelKeys()).subscribe(keys -> {}, failure::set);
        awaitAsked();

        Awaitility.await().atMost(PATIENCE).until(() -> {
            timer.advance(STEP);
            return failure.get() != null;
        });
        assertThat(failure.get()).isInstanceOf(NvmeTimeoutException.class);
        allIsWiped();
    }

    @Test
    void nothingIsLeftOfKeysThatNobodyWantsAnyMore() {
        Disposable reading = of(Security.none().tls(silent))
                .configuredKeys(0, new ChannelKeys())
                .subscribe();
        awaitAsked();
        assertThat(wiped).hasValue(0);

        reading.dispose();

        allIsWiped();
    }

    @Test
    void nothingIsLeftOfASecretThatNobodyWaitsForAnyMore() {
        HostAuthentication authentication =
                of(Security.none().hostSecret(SECRET).controllerSecret(silent));
        Disposable reading = authentication.authenticate(fixture.queue).subscribe();
        awaitAsked();

        reading.dispose();

        allIsWiped();
        assertThat(authentication.settled().blockOptional(PATIENCE)).isEmpty();
    }

    @Test
    void nothingIsLeftOfATransactionThatIsGivenUp() {
        HostAuthentication authentication = of(Security.none().hostSecret(SECRET));
        Disposable exchange = authentication.authenticate(fixture.queue).subscribe();
        awaitMessage();
        assertThat(wiped).hasValue(0);

        exchange.dispose();
        fixture.loop.pump();

        allIsWiped();
    }

    @Test
    void nothingIsLeftOfATransactionWhoseConnectionIsLost() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        HostAuthentication authentication = of(Security.none().hostSecret(SECRET));
        authentication.authenticate(fixture.queue).subscribe(nothing -> {}, failure::set);
        awaitMessage();
        AtomicInteger settled = new AtomicInteger();
        authentication.settled().subscribe(null, null, () -> settled.set(failure.get() == null ? -1 : 1));
        assertThat(authentication.othersSettled(fixture.queue.queueId()).blockOptional(PATIENCE))
                .isEmpty();
        assertThat(settled).hasValue(0);

        fixture.cut();

        Awaitility.await().pollInSameThread().atMost(PATIENCE).until(() -> {
            fixture.loop.pump();
            return settled.get() != 0;
        });
        assertThat(settled).as("the failure comes first").hasValue(1);
        allIsWiped();
    }

    /** Until AUTH_Negotiate has left. */
    private void awaitMessage() {
        Awaitility.await().pollInSameThread().atMost(PATIENCE).until(() -> {
            fixture.loop.pump();
            return !fixture.pair.outstanding().isEmpty();
        });
    }
}
