package io.nvmf.samples.webflux.problem;

import java.net.URI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Turns every failure of a request, wherever it comes from, into {@code application/problem+json}. */
@Component
@Order(-2) // before that of Spring Boot
class ProblemHandler implements WebExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);

    private final JsonMapper json;

    ProblemHandler(JsonMapper json) {
        this.json = json;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted()) {
            return Mono.error(failure);
        }
        ErrorResponse answer = Problems.of(failure);
        HttpStatusCode status = answer.getStatusCode();
        if (status.isSameCodeAs(HttpStatus.INTERNAL_SERVER_ERROR)) {
            log.error(
                    "{} {} failed",
                    exchange.getRequest().getMethod(),
                    exchange.getRequest().getPath().value(),
                    failure);
        }
        ProblemDetail problem = answer.getBody();
        problem.setInstance(URI.create(exchange.getRequest().getPath().value()));
        // of the heap: many a failure is a client that has gone, and nobody may be left to release what is pooled
        byte[] body = json.writeValueAsBytes(problem);
        response.setStatusCode(status);
        HttpHeaders headers = response.getHeaders();
        headers.remove(HttpHeaders.ACCEPT_RANGES);
        headers.remove(HttpHeaders.ETAG);
        headers.clearContentHeaders();
        headers.putAll(answer.getHeaders());
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        headers.setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
