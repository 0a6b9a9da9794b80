package io.nvmf.subsystem.engine.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.psk.InputPsk;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Keys that authentications have made are there while they are of use, and never too many. */
class GeneratedKeysTest {

    private static final String HOST = "nqn.2024-01.io.nvmf:host";
    private static final String SUBSYSTEM = "nqn.2024-01.io.nvmf:test";

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final GeneratedKeys keys = new GeneratedKeys(time);

    private String add(String host) {
        byte[] psk = new byte[32];
        new SecureRandom().nextBytes(psk);
        String identity;
        try (InputPsk input = InputPsk.generated(PskHash.SHA_256, psk);
                TlsPsk key = input.tlsPsk(1, host, SUBSYSTEM)) {
            identity = key.identity();
        }
        keys.add(host, SUBSYSTEM, psk);
        assertThat(psk).containsOnly(0);
        return identity;
    }

    private @Nullable String find(String identity) {
        try (TlsPsk found = keys.choose(List.of(identity)).block()) {
            return found == null ? null : found.identity();
        }
    }

    @Test
    void aKeyIsThereForAWhileAndForAsLongAsItIsUsed() {
        String unused = add(HOST);
        String used = add(HOST);
        Runnable first = keys.use(used);
        Runnable second = keys.use(used);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        time.advanceTimeBy(GeneratedKeys.LIFE.minusMillis(1));
        assertThat(find(unused)).isEqualTo(unused);
        time.advanceTimeBy(GeneratedKeys.LIFE);
        assertThat(find(unused)).isNull();
        assertThat(keys.use(unused)).isNull();
        first.run();
        assertThat(find(used)).isEqualTo(used);
        second.run();
        assertThat(find(used)).isNull();
        assertThat(keys.size()).isZero();
    }

    @Test
    void whoMakesTooManyLosesTheOldestThatIsNotUsed() {
        String used = add(HOST);
        Runnable end = keys.use(used);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < GeneratedKeys.MOST_OF_ONE; i++) {
            all.add(add(HOST));
        }
        String other = add(HOST + ":other");
        assertThat(keys.size()).isEqualTo(GeneratedKeys.MOST_OF_ONE + 1);
        assertThat(find(used)).isEqualTo(used);
        assertThat(find(all.get(0))).isNull();
        assertThat(find(all.get(1))).isEqualTo(all.get(1));
        assertThat(find(other)).isEqualTo(other);
        assertThat(end).isNotNull();
        end.run();
    }

    @Test
    void keysThatTlsHasNoUseForAreNotKept() {
        byte[] psk = new byte[64];
        psk[0] = 1;
        assertThat(keys.add(HOST, SUBSYSTEM, psk)).isFalse();
        assertThat(psk).containsOnly(0);
        assertThat(keys.size()).isZero();
    }

    @Test
    void closingWipesThemAll() {
        String key = add(HOST);
        keys.close();
        assertThat(find(key)).isNull();
        assertThat(find(add(HOST))).isNull();
        assertThat(keys.size()).isZero();
    }
}
