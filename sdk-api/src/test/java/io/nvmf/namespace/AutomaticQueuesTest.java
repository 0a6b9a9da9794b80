package io.nvmf.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AutomaticQueuesTest {

    @Test
    void largeChunksUseAsManyQueuesAsHalfOfTheProcessors() {
        assertThat(NamespaceGeometry.automaticQueues(ReadStreamOptions.SPREAD_CHUNK_SIZE, 8))
                .isEqualTo(4);
        assertThat(NamespaceGeometry.automaticQueues(1 << 30, 5)).isEqualTo(2);
    }

    @Test
    void fewProcessorsStillServeOneQueue() {
        assertThat(NamespaceGeometry.automaticQueues(1 << 30, 2)).isOne();
        assertThat(NamespaceGeometry.automaticQueues(1 << 30, 1)).isOne();
    }

    @Test
    void smallChunksUseOneQueueHoweverManyProcessorsThereAre() {
        assertThat(NamespaceGeometry.automaticQueues(ReadStreamOptions.SPREAD_CHUNK_SIZE - 1, 64))
                .isOne();
    }
}
