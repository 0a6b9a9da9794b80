package io.nvmf.spring.connection;

import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Looks at the latest state of a connection without waiting for the next one. */
public final class LatestState {

    private LatestState() {}

    /**
     * The state.
     *
     * @param connection whose
     * @return empty before the first attempt
     */
    public static Optional<ControllerState> of(NvmeConnection connection) {
        AtomicReference<@Nullable ControllerState> latest = new AtomicReference<>();
        connection.states().subscribe(latest::set, failure -> {}).dispose();
        return Optional.ofNullable(latest.get());
    }
}
