package io.nvmf.spring.connection;

import io.nvmf.recovery.ControllerState;

/** The state of a connection in one word, for people and their tools. */
public final class StateWord {

    /** There has been no attempt yet. */
    public static final String IDLE = "idle";

    private StateWord() {}

    /**
     * The word.
     *
     * @param state where a connection is in its life
     * @return {@code live}, {@code resetting}, {@code reconnecting}, {@code connecting}, {@code lost} or {@code closed}
     */
    public static String of(ControllerState state) {
        if (state instanceof ControllerState.Live) {
            return "live";
        }
        if (state instanceof ControllerState.Resetting) {
            return "resetting";
        }
        if (state instanceof ControllerState.Reconnecting) {
            return "reconnecting";
        }
        if (state instanceof ControllerState.Connecting) {
            return "connecting";
        }
        return state instanceof ControllerState.Lost ? "lost" : "closed";
    }
}
