package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.command.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private final InFlight inFlight = new InFlight(4);

    @Test
    void commandsAreFoundInAnyOrder() {
        Random random = new Random(1);
        List<Command> outstanding = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        for (long i = 0; i < 1000; i++) {
            Command command = Command.opcode(2).build();
            outstanding.add(command);
            starts.add(i);
            inFlight.add(command, i, -i);
            if (inFlight.isFull()) {
                int any = random.nextInt(outstanding.size());
                inFlight.remove(outstanding.remove(any));
                long start = starts.remove(any);
                assertThat(inFlight.started()).isEqualTo(start);
                assertThat(inFlight.unit()).isEqualTo(-start);
            }
        }
    }

    @Test
    void strangersAreRefused() {
        Command command = Command.opcode(2).build();
        inFlight.add(command, 0, 0);
        inFlight.remove(command);

        assertThatThrownBy(() -> inFlight.remove(command)).isInstanceOf(IllegalStateException.class);
    }
}
