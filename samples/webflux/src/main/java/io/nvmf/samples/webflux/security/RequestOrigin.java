package io.nvmf.samples.webflux.security;

import io.nvmf.samples.webflux.problem.Refusal;
import java.net.URI;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Keeps pages of other sites from using the browser of somebody who may. A browser sends a password that it knows, and
 * reaches this machine's own addresses, whatever page asks it to. But it says where a request comes from: in
 * {@code Sec-Fetch-Site}, or, if it is an old one, in {@code Origin}. Requests that change something have to come from
 * here, or from no page at all. So no token is needed, and programs need not do anything.
 *
 * <p>Without a password, the name in the URL has to be one of this machine as well. Otherwise a page could give its own
 * name this machine's address and read everything.
 */
final class RequestOrigin implements WebFilter {

    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final Set<String> FROM_HERE = Set.of("same-origin", "none");
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean onlyThisMachine;

    RequestOrigin(boolean onlyThisMachine) {
        this.onlyThisMachine = onlyThisMachine;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        if (onlyThisMachine
                && !THIS_MACHINE.contains(String.valueOf(request.getURI().getHost()))) {
            return refuse("without a password the gateway answers to localhost only");
        }
        if (!SAFE.contains(request.getMethod()) && !isFromHere(request)) {
            return refuse("the request comes from a page of another site");
        }
        return chain.filter(exchange);
    }

    private static boolean isFromHere(ServerHttpRequest request) {
        HttpHeaders headers = request.getHeaders();
        String site = headers.getFirst("Sec-Fetch-Site");
        if (site != null) {
            return FROM_HERE.contains(site);
        }
        String origin = headers.getOrigin();
        return origin == null || isSameOrigin(origin, request.getURI());
    }

    private static boolean isSameOrigin(String origin, URI here) {
        try {
            URI there = URI.create(origin);
            return here.getScheme().equalsIgnoreCase(there.getScheme())
                    && here.getHost().equalsIgnoreCase(there.getHost())
                    && port(here) == port(there);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private static Mono<Void> refuse(String detail) {
        return Mono.error(Refusal.of(HttpStatus.FORBIDDEN, detail));
    }
}
