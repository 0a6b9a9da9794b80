package io.nvmf.tcp.tls;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** TLS could not be agreed on, or has ended in another way than by a close_notify. Says nothing of keys. */
public final class TlsException extends IOException {

    /** The {@link #alert()} of a failure for which there is none. */
    public static final int NO_ALERT = -1;

    private static final long serialVersionUID = 1;

    /** The alert. */
    private final int alert;

    private final boolean truncation;

    private TlsException(String message, int alert, @Nullable Throwable cause, boolean truncation) {
        super(message, cause);
        this.alert = alert;
        this.truncation = truncation;
    }

    TlsException(String message, int alert, @Nullable Throwable cause) {
        this(message, alert, cause, false);
    }

    /** {@return what tells that the peer closed the connection, and did not say so in TLS} */
    public static TlsException truncated() {
        return new TlsException(
                "the connection was closed without a close_notify: what is missing cannot be known",
                NO_ALERT,
                null,
                true);
    }

    TlsException(String message) {
        this(message, NO_ALERT, null);
    }

    /**
     * The description of the alert that was sent or received (RFC 8446 section 6).
     *
     * @return 0..255, or {@link #NO_ALERT}
     */
    public int alert() {
        return alert;
    }

    /**
     * Whether the connection was closed without a word of TLS, as by a reset. Linux closes all its connections like this.
     *
     * @return false also for a handshake that was broken off
     */
    public boolean isTruncation() {
        return truncation;
    }
}
