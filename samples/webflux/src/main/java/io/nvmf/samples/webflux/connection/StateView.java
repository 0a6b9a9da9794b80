package io.nvmf.samples.webflux.connection;

import io.nvmf.recovery.ControllerState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where the association is in its life, as JSON.
 *
 * @param state {@code live}, {@code connecting}, {@code resetting}, {@code reconnecting}, {@code lost} or {@code closed}
 * @param attempt number of the attempt to connect that is being made, or comes next; null otherwise
 * @param next when the next attempt is made; null if none is waited for
 * @param address of the target, {@code host:port}
 * @param subsystem NQN
 * @param controller identifier of the controller (CNTLID); null before the first association
 * @param demo whether the target can be cut off by request, {@code gateway.demo}
 */
public record StateView(
        String state,
        @Nullable Integer attempt,
        @Nullable Instant next,
        String address,
        String subsystem,
        @Nullable Integer controller,
        boolean demo) {

    static StateView of(
            @Nullable ControllerState state,
            String address,
            String subsystem,
            @Nullable Integer controller,
            boolean demo) {
        Integer attempt = null;
        Instant next = null;
        String name = "connecting";
        if (state instanceof ControllerState.Live) {
            name = "live";
        } else if (state instanceof ControllerState.Connecting connecting) {
            attempt = connecting.attempt();
        } else if (state instanceof ControllerState.Resetting) {
            name = "resetting";
        } else if (state instanceof ControllerState.Reconnecting reconnecting) {
            name = "reconnecting";
            attempt = reconnecting.attempt();
            next = reconnecting.next();
        } else if (state instanceof ControllerState.Lost) {
            name = "lost";
        } else if (state instanceof ControllerState.Closed) {
            name = "closed";
        }
        return new StateView(name, attempt, next, address, subsystem, controller, demo);
    }
}
