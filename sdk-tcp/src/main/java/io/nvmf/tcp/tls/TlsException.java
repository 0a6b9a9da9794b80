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

    TlsException(String message, int alert, @Nullable Throwable cause) {
        super(message, cause);
        this.alert = alert;
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
}
