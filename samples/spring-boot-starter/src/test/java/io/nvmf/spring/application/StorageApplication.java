package io.nvmf.spring.application;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.buffer.NvmeDataBuffers;
import java.time.Duration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One namespace over HTTP, as an application would write it. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class StorageApplication {

    static final int SLOW_BLOCKS = 20;

    @Bean
    RouterFunction<ServerResponse> routes(NvmeConnection connection) {
        return RouterFunctions.route(
                        RequestPredicates.GET("/data"),
                        request -> connection
                                .namespace(1)
                                .flatMap(namespace -> ServerResponse.ok()
                                        .contentType(MediaType.APPLICATION_OCTET_STREAM)
                                        .contentLength(length(request))
                                        .body((response, context) -> response.writeWith(NvmeDataBuffers.toDataBuffers(
                                                namespace.readStream(0, length(request)), response.bufferFactory())))))
                .andRoute(
                        RequestPredicates.GET("/slow"),
                        request -> ServerResponse.ok()
                                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                                .body((response, context) -> response.writeAndFlushWith(NvmeDataBuffers.toDataBuffers(
                                                Flux.range(0, SLOW_BLOCKS)
                                                        .delayElements(Duration.ofMillis(50))
                                                        .concatMap(block -> connection
                                                                .namespace(1)
                                                                .flatMap(namespace -> namespace.read(block, 1))),
                                                response.bufferFactory())
                                        .map(Mono::just))))
                .andRoute(
                        RequestPredicates.PUT("/data"),
                        request -> connection
                                .namespace(1)
                                .flatMap(namespace -> namespace
                                        .writeStream(
                                                0,
                                                NvmeDataBuffers.toByteBufs(request.exchange()
                                                        .getRequest()
                                                        .getBody()))
                                        .then(Mono.defer(() -> ServerResponse.status(HttpStatus.NO_CONTENT)
                                                .build()))));
    }

    private static long length(ServerRequest request) {
        return Long.parseLong(request.queryParam("length").orElseThrow());
    }
}
