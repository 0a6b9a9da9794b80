package io.nvmf.host.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.host.queue.QueueFixture;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SerialTasksTest {

    private final QueueFixture fixture = new QueueFixture(2);
    private final SerialTasks tasks = new SerialTasks(fixture.queue);
    private final List<Integer> ran = new ArrayList<>();

    @Test
    void tasksThatAFullEventLoopDoesNotTakeRunLater() {
        fixture.loop.full(true);
        tasks.run(() -> ran.add(1));
        tasks.run(() -> ran.add(2));
        assertThat(ran).isEmpty();
        fixture.loop.full(false);
        Awaitility.await().until(() -> fixture.loop.pendingTasks() > 0);
        fixture.loop.pump();
        assertThat(ran).containsExactly(1, 2);
        tasks.run(() -> ran.add(3));
        fixture.loop.pump();
        assertThat(ran).containsExactly(1, 2, 3);
    }

    @Test
    void aTaskOfTheEventLoopRunsAtOnce() {
        fixture.onLoop(() -> {
            tasks.run(() -> ran.add(1));
            assertThat(ran).containsExactly(1);
        });
    }
}
