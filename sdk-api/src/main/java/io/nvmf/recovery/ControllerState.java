package io.nvmf.recovery;

import io.nvmf.transport.Termination;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a controller is in its life. LOST and CLOSED are final.
 *
 * <table>
 * <caption>Transitions</caption>
 * <tr><th>from</th><th>to</th><th>when</th></tr>
 * <tr><td>{@link Live}</td><td>{@link Reconnecting}</td><td>the association is lost</td></tr>
 * <tr><td>{@link Live}</td><td>{@link Resetting}</td><td>a reset is asked for</td></tr>
 * <tr><td>{@link Resetting}</td><td>{@link Reconnecting}</td><td>the association has been ended</td></tr>
 * <tr><td>{@link Reconnecting}</td><td>{@link Connecting}</td><td>its time has come</td></tr>
 * <tr><td>{@link Connecting}</td><td>{@link Live}</td><td>there is a new association</td></tr>
 * <tr><td>{@link Connecting}</td><td>{@link Reconnecting}</td><td>the attempt has failed</td></tr>
 * <tr><td>{@link Reconnecting}, {@link Connecting}</td><td>{@link Lost}</td><td>the time for recovery is up</td></tr>
 * <tr><td>{@link Live}</td><td>{@link Lost}</td><td>the association is lost and there is no recovery</td></tr>
 * <tr><td>all but {@link Lost}</td><td>{@link Closed}</td><td>the user closes</td></tr>
 * </table>
 */
public sealed interface ControllerState {

    /**
     * Whether commands go to the controller now.
     *
     * @return true for {@link Live} only
     */
    default boolean isLive() {
        return this instanceof Live;
    }

    /**
     * Whether no other state follows.
     *
     * @return true for {@link Lost} and {@link Closed}
     */
    default boolean isFinal() {
        return this instanceof Lost || this instanceof Closed;
    }

    /**
     * There is an association.
     *
     * @param generation how many there have been, with this one; from 1
     */
    record Live(int generation) implements ControllerState {}

    /** The controller is being reset because the user has asked for it. */
    record Resetting() implements ControllerState {}

    /**
     * There is no association, and the next attempt to make one has a time.
     *
     * @param attempt number of that attempt, from 1
     * @param next when it is made
     * @param reason why the last attempt, or the association before the first one, has failed; empty after a reset
     */
    record Reconnecting(int attempt, Instant next, Optional<Throwable> reason) implements ControllerState {}

    /**
     * An association is being made.
     *
     * @param attempt number of the attempt, from 1
     */
    record Connecting(int attempt) implements ControllerState {}

    /**
     * The controller is given up.
     *
     * @param termination how its last association ended
     */
    record Lost(Termination termination) implements ControllerState {}

    /** The user has closed the controller. */
    record Closed() implements ControllerState {}
}
