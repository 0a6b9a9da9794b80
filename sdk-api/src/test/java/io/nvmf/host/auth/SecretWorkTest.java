package io.nvmf.host.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** When secrets are wiped. */
class SecretWorkTest {

    private final SecretWork work = new SecretWork();
    private final List<String> wiped = new ArrayList<>();

    private AutoCloseable secret(String name) {
        return () -> wiped.add(name);
    }

    @Test
    void closingWipesOnce() {
        work.keep(secret("first"));
        work.run(kept -> kept.add(secret("second")));
        assertThat(wiped).isEmpty();

        work.close();
        work.close();

        assertThat(wiped).containsExactly("first", "second");
    }

    @Test
    void whatComesTooLateIsWipedAtOnce() {
        work.close();

        work.keep(secret("late"));

        assertThat(wiped).containsExactly("late");
    }

    @Test
    void nothingIsDoneAfterTheEnd() {
        work.close();

        assertThatThrownBy(() -> work.run(kept -> kept.add(secret("never")))).isInstanceOf(CancellationException.class);
        assertThat(wiped).isEmpty();
    }

    @Test
    void workThatIsBeingDoneIsTheLastAndWipes() {
        work.keep(secret("before"));

        work.run(kept -> {
            work.close();
            assertThat(wiped).isEmpty();
            work.keep(secret("late"));
            assertThat(wiped).containsExactly("late");
            return kept.add(secret("meanwhile"));
        });

        assertThat(wiped).containsExactly("late", "before", "meanwhile");
        assertThatThrownBy(() -> work.run(kept -> "more")).isInstanceOf(CancellationException.class);
    }

    @Test
    void workThatThrowsLeavesNothing() {
        assertThatThrownBy(() -> work.run(kept -> {
                    kept.add(secret("half done"));
                    work.close();
                    throw new IllegalStateException("broken");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(wiped).containsExactly("half done");
    }
}
