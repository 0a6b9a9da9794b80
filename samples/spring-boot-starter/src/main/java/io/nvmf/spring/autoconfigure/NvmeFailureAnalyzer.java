package io.nvmf.spring.autoconfigure;

import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spring.connection.ConnectionStartException;
import io.nvmf.spring.properties.InvalidNvmePropertyException;
import io.nvmf.transport.UnsupportedTlsException;
import io.nvmf.transport.UnsupportedTransportException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says why an application has not started for want of a connection, and what to do about it. */
public final class NvmeFailureAnalyzer implements FailureAnalyzer {

    /** For Spring Boot. */
    public NvmeFailureAnalyzer() {}

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectionStartException start) {
                return analysis(start);
            }
            if (cause instanceof InvalidNvmePropertyException invalid) {
                return new FailureAnalysis(
                        invalid.getMessage(), "Change " + String.join(" or ", invalid.properties()) + ".", failure);
            }
        }
        return null;
    }

    private static FailureAnalysis analysis(ConnectionStartException failure) {
        String prefix = NvmeBeans.prefix(failure.connection());
        String description = "The connection '" + failure.connection() + "' is not there.\n\n    Address: "
                + failure.address() + "\n    State:   "
                + (failure.state() == null ? "not tried" : failure.state()) + "\n    Reason:  "
                + failure.reason().getMessage();
        return new FailureAnalysis(description, action(failure.reason(), prefix), failure);
    }

    private static String action(Throwable reason, String prefix) {
        if (reason instanceof NvmeAuthenticationException) {
            return "See whether the keys that nvmf.security.* names are those that the controller has for this host ("
                    + prefix + ".host-nqn), and whether both sides allow the same algorithms.";
        }
        if (reason instanceof NvmeStatusException) {
            return "The controller answers, and refuses. See whether the subsystem exists there and admits this host ("
                    + prefix + ".host-nqn).";
        }
        if (has(UnsupportedTlsException.class, reason)) {
            return "Take nvme+tcp, and add org.bouncycastle:bctls-jdk18on to the dependencies of the application; or do"
                    + " without nvmf.security.tls-key and nvmf.security.concatenation.";
        }
        if (has(UnsupportedTransportException.class, reason)) {
            return "Add the module of the transport to the dependencies of the application: io.nvmf:nvmf-sdk-rdma for"
                    + " nvme+rdma; or take another transport.";
        }
        return "See whether the address is right and the target is up and reachable. If it only needs longer, raise "
                + prefix + ".startup-timeout; to start without it, set " + prefix
                + ".startup to background or lazy.";
    }

    private static boolean has(Class<? extends Throwable> kind, Throwable reason) {
        for (Throwable cause = reason; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
