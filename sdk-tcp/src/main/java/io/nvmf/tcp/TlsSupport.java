package io.nvmf.tcp;

import io.nvmf.spec.TransportType;
import io.nvmf.tcp.tls.TlsHandler;
import io.nvmf.transport.UnsupportedTlsException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Whether there is what TLS needs, which is an optional dependency. */
final class TlsSupport {

    private static volatile boolean ready;

    private TlsSupport() {}

    /**
     * Fails where TLS cannot be had.
     *
     * @throws UnsupportedTlsException without BouncyCastle; names what is missing
     */
    static void require() {
        if (!ready && !(isPresent("org.bouncycastle.tls.TlsProtocol") && isPresent("org.bouncycastle.util.Arrays"))) {
            throw new UnsupportedTlsException(
                    TransportType.TCP,
                    "it needs org.bouncycastle:bctls-jdk18on and org.bouncycastle:bcprov-jdk18on on the class path");
        }
    }

    private static boolean isPresent(String type) {
        try {
            Class.forName(type, false, TlsSupport.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError missing) {
            return false;
        }
    }

    /** Whether {@link #prepare} has been done. */
    static boolean isReady() {
        return ready;
    }

    /** Does what the first handshake of a program would block for: providers are loaded from files, and checked. */
    static Mono<Void> prepare() {
        return Mono.<Void>fromRunnable(TlsSupport::prepareNow).subscribeOn(Schedulers.boundedElastic());
    }

    /** Reactor takes errors of linkage for the end of the JVM, and tells nobody of them. */
    private static void prepareNow() {
        try {
            TlsHandler.prepare();
            ready = true;
        } catch (LinkageError broken) {
            Throwable cause = broken.getCause() == null ? broken : broken.getCause();
            throw new IllegalStateException("TLS cannot be used here: " + cause.getMessage(), broken);
        }
    }
}
