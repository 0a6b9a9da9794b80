package io.nvmf.spring.boot3;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.buffer.NvmeDataBuffers;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** One namespace over HTTP, on Spring Boot 3. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class StorageApplication {

    @Bean
    RouterFunction<ServerResponse> routes(NvmeConnection connection) {
        return RouterFunctions.route(
                        RequestPredicates.GET("/data"),
                        request -> connection
                                .namespace(1)
                                .flatMap(namespace -> ServerResponse.ok()
                                        .body((response, context) -> response.writeWith(NvmeDataBuffers.toDataBuffers(
                                                namespace.readStream(0, 1 << 20), response.bufferFactory())))))
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
}
