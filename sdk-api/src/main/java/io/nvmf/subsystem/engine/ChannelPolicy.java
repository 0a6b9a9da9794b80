package io.nvmf.subsystem.engine;

import io.nvmf.security.Security;
import io.nvmf.spec.ConnectData;
import io.nvmf.subsystem.engine.auth.GeneratedKeys;
import io.nvmf.subsystem.engine.auth.PskIdentity;
import io.nvmf.subsystem.engine.auth.RetainedKeys;
import io.nvmf.transport.TlsListening;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What a target asks of connections: whether they are TLS, with which keys, and that the Connect on one names the host and
 * the subsystem that the key is of. Thread safe.
 */
final class ChannelPolicy {

    private final boolean required;
    private final boolean proof;
    private final @Nullable GeneratedKeys generated;
    private final @Nullable TlsListening listening;

    /**
     * Listens to nobody yet.
     *
     * @param admits whether there is a subsystem, second, that admits a host, first
     * @param log gets lines about keys that could not be had
     */
    ChannelPolicy(
            Security security, Scheduler timer, BiPredicate<String, String> admits, Consumer<Supplier<String>> log) {
        this.required = security.tls().isPresent();
        this.proof = security.hostSecret().isPresent();
        this.generated = security.isConcatenated() ? new GeneratedKeys(timer) : null;
        GeneratedKeys made = generated;
        this.listening = made != null
                ? new TlsListening(false, made)
                : security.tls()
                        .map(provider ->
                                new TlsListening(true, new RetainedKeys(provider, security, admits, timer, log)))
                        .orElse(null);
    }

    /** How to listen; null for a target without TLS. */
    @Nullable
    TlsListening listening() {
        return listening;
    }

    /** The keys that authentications make; null where nothing follows from those. */
    @Nullable
    GeneratedKeys generated() {
        return generated;
    }

    /** Whether a host has to prove itself on a connection; one that has a key which came of that has done so. */
    boolean asksForProof(@Nullable String identity) {
        return proof && (generated == null || identity == null);
    }

    /** Whether a connection is only for the authentication that makes a key. */
    boolean isForKey(@Nullable String identity) {
        return generated != null && identity == null;
    }

    /**
     * Says why a Connect on a connection is refused.
     *
     * @param identity of the key of the connection, null if there is none
     * @return null if it is not
     */
    @Nullable
    ConnectRefusal check(@Nullable String identity, int queueId, ConnectData data) {
        if (listening == null) {
            return null;
        }
        if (identity == null) {
            boolean first = isForKey(null) && queueId == 0;
            return first ? null : ConnectRefusal.of(TargetStatus.CONNECT_INVALID_HOST);
        }
        PskIdentity key = PskIdentity.parse(identity).orElse(null);
        if (key == null || key.generated() == required || !key.hostNqn().equals(data.hostNqn())) {
            return ConnectRefusal.of(TargetStatus.CONNECT_INVALID_HOST);
        }
        return key.subsystemNqn().equals(data.subsystemNqn()) ? null : ConnectRefusal.inData(ConnectData.SUBNQN);
    }

    /** Wipes the keys. */
    void close() {
        if (generated != null) {
            generated.close();
        }
    }
}
