package io.nvmf.spring.connection;

import io.nvmf.recovery.ControllerState;
import org.jspecify.annotations.Nullable;

/** The application needs a connection to start, and there is none. */
public final class ConnectionStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String connection;
    private final String address;
    private final Throwable reason;

    /** Not serialized: a diagnosis for this process. */
    private final transient @Nullable ControllerState state;

    ConnectionStartException(
            String connection, String address, @Nullable ControllerState state, String what, Throwable cause) {
        super("connection " + connection + " to " + address + " " + what, cause);
        this.connection = connection;
        this.address = address;
        this.reason = cause;
        this.state = state;
    }

    /**
     * Which connection.
     *
     * @return its name
     */
    public String connection() {
        return connection;
    }

    /**
     * Where it goes.
     *
     * @return transport, address and subsystem
     */
    public String address() {
        return address;
    }

    /**
     * Why it is not there.
     *
     * @return what the last attempt has failed with, or that the time was up
     */
    public Throwable reason() {
        return reason;
    }

    /**
     * Where it was in its life when the time was up.
     *
     * @return null if nothing was known
     */
    public @Nullable ControllerState state() {
        return state;
    }
}
