package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.testing.Covers;
import io.nvmf.testing.LogLines;
import io.nvmf.transport.TransportAddress;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A refused Connect leaves a line, and a flood of them does not leave a flood. */
class RefusalLogTest {

    private final LogLines lines = new LogLines(Level.DEBUG);
    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final RefusalLog log = new RefusalLog(lines.logger(), time);

    private static final UUID HOST_ID = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final ConnectData HOST = new ConnectData(HOST_ID, 0xFFFF, "nqn.s", "h");

    private void refuse() {
        log.log(HOST, false, null, 1, ConnectRefusal.of(TargetStatus.CONNECT_INVALID_HOST));
    }

    @Test
    @Covers("A refusal is logged: who, from where, which queue, why; ten a minute at info level")
    void aLineSaysWhoFromWhereWhichQueueAndWhy() {
        TransportAddress from = TransportAddress.of("2001:db8::7", 50_123);
        log.log(HOST, false, from, 3, ConnectRefusal.inData(ConnectData.HOSTNQN));
        log.log(HOST, true, from, 2, ConnectRefusal.of(TargetStatus.COMMAND_SEQUENCE_ERROR));
        log.log(null, false, from, 0, ConnectRefusal.inEntry(ConnectCommand.SQSIZE));
        refuse();

        assertThat(lines.at(Level.INFO))
                .containsExactly(
                        "refused Connect to queue 3 of \"nqn.s\" by host \"h\" with identifier " + HOST_ID
                                + " at [2001:db8::7]:50123: 1/82h DNR (HOSTNQN at offset 512 of the data)",
                        "refused Connect to queue 2 of \"nqn.s\" by host \"h\" on a queue that is connected at"
                                + " [2001:db8::7]:50123: 0/0Ch",
                        "refused Connect to queue 0 by a host that is not known yet at [2001:db8::7]:50123: 1/82h DNR"
                                + " (SQSIZE at offset 44 of the entry)",
                        "refused Connect to queue 1 of \"nqn.s\" by host \"h\" with identifier " + HOST_ID
                                + ": 1/84h DNR");
    }

    @Test
    @Covers("A refusal is logged: who, from where, which queue, why; ten a minute at info level")
    void aStrangerCannotFloodIt() {
        for (int i = 0; i < 10_000; i++) {
            refuse();
        }
        assertThat(lines.at(Level.INFO)).hasSize(RefusalLog.LINES + 1);
        assertThat(lines.at(Level.INFO).get(RefusalLog.LINES)).contains("debug level");
        assertThat(lines.at(Level.DEBUG)).hasSize(10_000 - RefusalLog.LINES);

        time.advanceTimeBy(Duration.ofMinutes(1));
        refuse();

        assertThat(lines.at(Level.INFO)).hasSize(RefusalLog.LINES + 2);
    }

    @Test
    void whatAStrangerCallsItselfDoesNotBreakTheLine() {
        assertThat(RefusalLog.printable("nqn.2024-01.io.nvmf:h\u00e4")).isEqualTo("\"nqn.2024-01.io.nvmf:h\u00e4\"");
        assertThat(RefusalLog.printable("a\nb\u001b[31m\"\\\u202e\u2028\ufffd"))
                .isEqualTo("\"a\\u{a}b\\u{1b}[31m\\u{22}\\u{5c}\\u{202e}\\u{2028}\\u{fffd}\"");
        assertThat(RefusalLog.printable("")).isEqualTo("\"\"");
    }
}
