package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.spec.auth.AuthenticationFailure;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** docs/guide.md, "Errors". */
final class ErrorExamples {

    private ErrorExamples() {}

    static String advice(NvmeException failure) {
        if (failure instanceof NvmeStatusException status) {
            return status.doNotRetry() ? "the controller said no" : "try again after " + status.retryDelay();
        } else if (failure instanceof NvmeConnectionException connection) {
            return connection.outcome() == CommandOutcome.UNKNOWN ? "connect, then look" : "connect, then send again";
        } else if (failure instanceof NvmeAuthenticationException proof) {
            return "check the secrets: "
                    + proof.failure().map(AuthenticationFailure::text).orElse("one is missing");
        } else if (failure instanceof NvmeTimeoutException timeout) {
            return "no answer within " + timeout.duration();
        } else if (failure instanceof NvmeProtocolException protocol) {
            return "report a defect: FES " + protocol.fatalErrorStatus() + ", FEI " + protocol.fatalErrorInformation();
        } else if (failure instanceof NvmeLimitException limit) {
            return limit.quantity() + " may be " + limit.limit() + " at most";
        } else if (failure instanceof NvmeTransferException transfer) {
            return "go on at " + (transfer.report().offset() + transfer.report().bytesWritten());
        }
        throw new AssertionError(failure); // the tree is sealed: there is no other
    }

    static Mono<ByteBuf> retried(NvmeNamespace namespace) {
        Mono<ByteBuf> patient = namespace
                .read(0, 1)
                .retryWhen(Retry.backoff(3, Duration.ofMillis(100))
                        .filter(failure -> failure instanceof NvmeStatusException status && !status.doNotRetry()))
                .transform(NvmeBuffers.releaseDiscarded());
        return patient;
    }
}
