package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ReferenceCountUtil;
import io.nvmf.command.Command;
import io.nvmf.transport.CommandCapsule;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommandsTest {

    /** More than are made in advance. */
    private static final int MANY = 40_000;

    private static Commands commands(int readPercentage) {
        Workload workload = new Workload(
                AccessPattern.RANDRW,
                readPercentage,
                4096,
                4,
                1,
                0,
                1,
                ApiPath.QUEUE_PAIR,
                0,
                false,
                Duration.ZERO,
                Duration.ofSeconds(1));
        return new Commands(workload, new AccessSequence(workload, 1000, 0, 1), 1, 4096);
    }

    @Test
    void dataIsNeverSentByACommandThatHasGivenItAway() {
        Commands commands = commands(50);
        int writes = 0;
        for (int i = 0; i < MANY; i++) {
            Command command = commands.next();
            if (command.transfer() == CommandCapsule.Transfer.SEND) {
                writes++;
                assertThat(command.claimData()).isTrue();
                ReferenceCountUtil.release(command.buffer());
            }
        }
        assertThat(writes).isBetween(MANY / 3, MANY * 2 / 3);
        commands.release();
    }

    @Test
    void readsAreMadeOnce() {
        Commands commands = commands(100);
        Command first = commands.next();

        assertThat(Stream.generate(commands::next).limit(MANY)).contains(first);
        commands.release();
    }
}
