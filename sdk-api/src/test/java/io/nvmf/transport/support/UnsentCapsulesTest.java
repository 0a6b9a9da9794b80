package io.nvmf.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.ImmediateEventExecutor;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** Capsules between submission and conversion: their order, and what becomes of those that do not leave. */
class UnsentCapsulesTest {

    private static final Termination END = new Termination.Closed(Termination.Side.REMOTE);

    private final List<String> events = new ArrayList<>();
    private final Set<String> unwanted = new HashSet<>();
    private @Nullable Termination ended;
    private final UnsentCapsules<String> capsules =
            new UnsentCapsules<>(ImmediateEventExecutor.INSTANCE, new UnsentCapsules.Sender<>() {
                @Override
                public @Nullable Termination ended() {
                    return ended;
                }

                @Override
                public void admit(String capsule) {
                    if (capsule.isEmpty()) {
                        throw new IllegalArgumentException("empty");
                    }
                }

                @Override
                public void queued() {}

                @Override
                public boolean wanted(String capsule) {
                    return !unwanted.contains(capsule);
                }

                @Override
                public void convert(String capsule) {
                    if (capsule.equals("broken")) {
                        throw new IllegalStateException("cannot be converted");
                    }
                    events.add("converted " + capsule);
                }

                @Override
                public void dropped(String capsule) {
                    events.add("dropped " + capsule);
                }

                @Override
                public void withdrawn(String capsule) {
                    events.add("withdrawn " + capsule);
                }
            });

    private void convertAll() {
        while (capsules.convertNext()) {
            // the next one
        }
    }

    @Test
    void bothWaysOfSendingKeepOneOrder() {
        capsules.submit("a");
        capsules.transmit("b").subscribe();
        capsules.submit("c");

        convertAll();

        assertThat(events).containsExactly("converted a", "converted b", "converted c");
        assertThat(capsules.isEmpty()).isTrue();
    }

    @Test
    void aTransmissionCompletesWhenItIsConvertedAndIsSentOncePerSubscription() {
        for (int i = 0; i < 2; i++) {
            StepVerifier.create(capsules.transmit("a")).then(this::convertAll).verifyComplete();
        }
        assertThat(events).containsExactly("converted a", "converted a");
    }

    @Test
    void aCancelledTransmissionNeverLeaves() {
        StepVerifier.create(capsules.transmit("a")).thenCancel().verify();

        convertAll();

        assertThat(events).containsExactly("dropped a");
    }

    @Test
    void aCapsuleThatIsWithdrawnNeverLeaves() {
        capsules.submit("a");

        assertThat(capsules.withdraw("a")).isTrue();
        assertThat(capsules.withdraw("a")).isFalse();
        convertAll();

        assertThat(events).containsExactly("dropped a");
    }

    @Test
    void aCapsuleThatIsNotWantedAtThatMomentIsWithdrawn() {
        capsules.submit("a");
        StepVerifier.create(capsules.transmit("b"))
                .then(() -> {
                    unwanted.addAll(List.of("a", "b"));
                    convertAll();
                })
                .verifyError(CancellationException.class);

        assertThat(events).containsExactly("withdrawn a", "withdrawn b");
    }

    @Test
    void theEndDropsWhatWaitsAndWhatComesLater() {
        StepVerifier.create(capsules.transmit("a"))
                .then(() -> {
                    capsules.submit("b");
                    ended = END;
                    capsules.dropAll(END);
                    capsules.submit("c");
                })
                .verifyErrorMatches(failure -> failure instanceof QueuePairTerminatedException gone
                        && gone.termination().equals(END));
        StepVerifier.create(capsules.transmit("d")).verifyError(QueuePairTerminatedException.class);

        assertThat(events).containsExactly("dropped a", "dropped b", "dropped c", "dropped d");
    }

    @Test
    void whatCannotBeConvertedFailsItsTransmissionAndIsThrown() {
        StepVerifier.create(capsules.transmit("broken"))
                .then(() -> assertThatThrownBy(capsules::convertNext).hasMessage("cannot be converted"))
                .verifyError(QueuePairTerminatedException.class);
    }

    @Test
    void whatIsRefusedStaysWithTheCaller() {
        assertThatThrownBy(() -> capsules.submit("")).isInstanceOf(IllegalArgumentException.class);
        StepVerifier.create(capsules.transmit("")).verifyError(IllegalArgumentException.class);

        assertThat(events).isEmpty();
        assertThat(capsules.isEmpty()).isTrue();
    }
}
