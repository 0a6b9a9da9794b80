package io.nvmf.samples.webflux.problem;

import io.netty.handler.codec.DecoderException;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.spec.StatusCode;
import java.io.IOException;
import java.time.Duration;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponse;
import reactor.netty.channel.AbortedException;

/**
 * Which answer a failure is.
 *
 * <table>
 * <caption>Failures of the SDK</caption>
 * <tr><th>Failure</th><th>Status</th></tr>
 * <tr><td>no such namespace</td><td>404</td></tr>
 * <tr><td>write protected, access denied</td><td>403</td></tr>
 * <tr><td>beyond the end of a namespace that became smaller, or beyond its capacity</td><td>409</td></tr>
 * <tr><td>any other error status, a broken protocol, an unknown outcome</td><td>502</td></tr>
 * <tr><td>no connection, no memory, too much at a time</td><td>503 with {@code Retry-After}</td></tr>
 * <tr><td>no answer in time</td><td>504</td></tr>
 * <tr><td>a body that broke off, or cannot be read</td><td>400; mostly there is nobody left to read it</td></tr>
 * <tr><td>an upload that ended early</td><td>that of its cause, with a report of what is written</td></tr>
 * </table>
 *
 * <p>What Spring refuses has a status of its own. Everything else is 500, and the only thing whose stack trace is logged.
 */
final class Problems {

    private static final Duration RECONNECT = Duration.ofSeconds(2);
    private static final Duration MEMORY = Duration.ofSeconds(1);

    private Problems() {}

    static ErrorResponse of(Throwable failure) {
        if (failure instanceof NvmeException nvme) {
            return refusal(nvme);
        } else if (failure instanceof AbortedException) {
            return brokenBody(failure);
        }
        return failure instanceof ErrorResponse known ? known : unforeseen(failure);
    }

    private static Refusal brokenBody(Throwable failure) {
        return Refusal.of(HttpStatus.BAD_REQUEST, "the body did not come to its end: " + text(failure), failure);
    }

    private static Refusal unforeseen(Throwable failure) {
        return Refusal.of(HttpStatus.INTERNAL_SERVER_ERROR, "something that nobody foresaw; the log has more", failure);
    }

    private static ErrorResponse refusal(NvmeException failure) {
        if (failure instanceof NvmeTransferException transfer) {
            return refusal(transfer);
        } else if (failure instanceof NvmeStatusException status) {
            return Refusal.of(httpStatus(status), text(failure), failure)
                    .with("nvmeStatus", status.status().toString());
        } else if (failure instanceof NvmeTimeoutException) {
            return Refusal.of(HttpStatus.GATEWAY_TIMEOUT, text(failure), failure);
        } else if (failure instanceof NvmeConnectionException && failure.outcome() != CommandOutcome.UNKNOWN) {
            return Refusal.unavailable(text(failure), RECONNECT);
        } else if (failure instanceof NvmeLimitException) {
            return Refusal.unavailable(text(failure), MEMORY);
        }
        assert failure instanceof NvmeProtocolException || failure instanceof NvmeConnectionException : failure;
        return Refusal.of(HttpStatus.BAD_GATEWAY, text(failure), failure);
    }

    private static Refusal refusal(NvmeTransferException transfer) {
        Throwable cause = transfer.getCause();
        ErrorResponse reason = cause == null ? unforeseen(transfer) : reason(cause);
        HttpStatus status = HttpStatus.valueOf(reason.getStatusCode().value());
        String detail = status == HttpStatus.INTERNAL_SERVER_ERROR
                ? String.valueOf(reason.getBody().getDetail())
                : text(transfer);
        Refusal refusal = Refusal.of(status, detail, transfer).with("report", TransferReportView.of(transfer.report()));
        reason.getHeaders().forEach((name, values) -> values.forEach(value -> refusal.header(name, value)));
        return refusal;
    }

    private static ErrorResponse reason(Throwable cause) {
        // what the SDK reports of its connections is of its own tree, so this is the client's
        return cause instanceof IOException || cause instanceof DecoderException ? brokenBody(cause) : of(cause);
    }

    private static HttpStatus httpStatus(NvmeStatusException failure) {
        StatusCode code = failure.statusCode().orElse(null);
        if (code == StatusCode.INVALID_NAMESPACE_OR_FORMAT) {
            return HttpStatus.NOT_FOUND;
        } else if (code == StatusCode.NAMESPACE_WRITE_PROTECTED || code == StatusCode.ACCESS_DENIED) {
            return HttpStatus.FORBIDDEN;
        } else if (code == StatusCode.LBA_OUT_OF_RANGE || code == StatusCode.CAPACITY_EXCEEDED) {
            return HttpStatus.CONFLICT;
        }
        return HttpStatus.BAD_GATEWAY;
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
