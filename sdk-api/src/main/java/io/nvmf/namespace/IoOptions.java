package io.nvmf.namespace;

import io.nvmf.spec.Require;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What holds for the single commands of a {@linkplain io.nvmf.NvmeNamespace#with view of a namespace}. Immutable: each
 * setter returns a changed copy.
 */
public final class IoOptions {

    /** Least {@link #timeout(Duration)} but zero. */
    public static final Duration MIN_TIMEOUT = Duration.ofMillis(1);

    /** Greatest {@link #timeout(Duration)}. */
    public static final Duration MAX_TIMEOUT = Duration.ofDays(365);

    private static final IoOptions DEFAULTS = new IoOptions(null);

    private final @Nullable Duration timeout;

    private IoOptions(@Nullable Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Options that leave everything to the client.
     *
     * @return the client's command timeout
     */
    public static IoOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets the time that a command has from its subscription on, in place of the client's command timeout; it may be
     * shorter or longer. Unlike that, it is kept exactly, with a timer for each command. A command that passes it fails
     * with an {@link io.nvmf.command.NvmeTimeoutException} whose outcome says whether it was sent, and is aborted if it
     * was. From then on the client's command timeout bounds how long the controller may leave it unanswered.
     *
     * @param limit zero for none, else {@link #MIN_TIMEOUT}..{@link #MAX_TIMEOUT}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public IoOptions timeout(Duration limit) {
        return new IoOptions(Require.zeroOrRange("timeout", limit, MIN_TIMEOUT, MAX_TIMEOUT));
    }

    /**
     * See {@link #timeout(Duration)}.
     *
     * @return null for the client's command timeout, zero for none
     */
    public @Nullable Duration timeout() {
        return timeout;
    }

    @Override
    public String toString() {
        return "IoOptions[timeout=" + timeout + "]";
    }
}
