package io.nvmf.spring.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeController;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

@NvmeTest(properties = {"nvmf.client.host=192.0.2.1", "nvmf.client.subsystem=nqn.2026-01.com.example:production"})
@AutoConfigureNvmeTarget(namespaces = 2, size = "1MB", blockSize = 512)
@Import(NvmeTestTest.Notes.class)
class NvmeTestTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Of the application. */
    @Component
    static class Notes {

        private final NvmeConnection connection;

        Notes(NvmeConnection connection) {
            this.connection = connection;
        }

        Mono<Void> write(long block, byte[] note) {
            return connection.namespace(2).flatMap(namespace -> namespace.write(block, Unpooled.wrappedBuffer(note)));
        }

        Mono<ByteBuf> read(long block) {
            return connection.namespace(2).flatMap(namespace -> namespace.read(block, 1));
        }
    }

    @Autowired
    private Notes notes;

    @Autowired
    private NvmeController controller;

    @Autowired
    private BoundTarget target;

    @Autowired
    private ApplicationContext context;

    @Test
    void theConnectionGoesToTheEmbeddedControllerAndNotWhereThePropertiesSay() {
        assertThat(controller.subsystem()).isEqualTo("nqn.2026-01.io.nvmf:test");
        assertThat(target.controllers()).isEqualTo(1);
        assertThat(controller
                        .namespaces()
                        .map(namespace -> namespace.size())
                        .collectList()
                        .block(LIMIT))
                .containsExactly(1L << 20, 1L << 20);
    }

    @Test
    void whatTheApplicationWritesItReads() {
        byte[] note = new byte[512];
        note[3] = 42;

        byte[] read = notes.write(5, note)
                .then(notes.read(5))
                .map(buffer -> {
                    byte[] bytes = ByteBufUtil.getBytes(buffer);
                    buffer.release();
                    return bytes;
                })
                .block(LIMIT);

        assertThat(read).isEqualTo(note);
    }

    @Test
    void nothingElseIsConfigured() {
        assertThat(context.getBeanDefinitionNames()).noneMatch(name -> name.contains("webServer"));
    }
}
