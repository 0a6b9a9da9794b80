package io.nvmf.samples.webflux.problem;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** The answer to a request that is not carried out: a status, a sentence for people, and what else is known. */
public final class Refusal extends ErrorResponseException {

    private static final long serialVersionUID = 1L;

    private Refusal(HttpStatus status, String detail, @Nullable Throwable cause) {
        super(status, ProblemDetail.forStatusAndDetail(status, detail), cause);
    }

    /**
     * Refuses.
     *
     * @param status of the answer
     * @param detail what is wrong and, where that helps, what would be right
     * @return the refusal, to be thrown or signalled
     */
    public static Refusal of(HttpStatus status, String detail) {
        return new Refusal(status, detail, null);
    }

    /**
     * Refuses because of a failure.
     *
     * @param status of the answer
     * @param detail what is wrong
     * @param cause the failure
     * @return the refusal
     */
    public static Refusal of(HttpStatus status, String detail, Throwable cause) {
        return new Refusal(status, detail, cause);
    }

    /**
     * Refuses for now.
     *
     * @param detail what is missing at the moment
     * @param retryAfter when to ask again; rounded up to whole seconds, at least one
     * @return 503 with {@code Retry-After}
     */
    public static Refusal unavailable(String detail, Duration retryAfter) {
        long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
        return of(HttpStatus.SERVICE_UNAVAILABLE, detail).header(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
    }

    /**
     * Adds a header.
     *
     * @param name of the header
     * @param value of the header
     * @return this
     */
    public Refusal header(String name, String value) {
        getHeaders().set(name, value);
        return this;
    }

    /**
     * Adds a member to the problem.
     *
     * @param name of the member
     * @param value anything that is JSON
     * @return this
     */
    public Refusal with(String name, Object value) {
        getBody().setProperty(name, value);
        return this;
    }

    /** {@return the sentence alone, because it is what other messages quote} */
    @Override
    public String getMessage() {
        return String.valueOf(getBody().getDetail());
    }
}
