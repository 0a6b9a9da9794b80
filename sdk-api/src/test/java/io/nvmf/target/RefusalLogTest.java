package io.nvmf.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.testing.Covers;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A refused Connect leaves a line, and a flood of them does not leave a flood. */
class RefusalLogTest {

    private final List<String> info = new ArrayList<>();
    private final List<String> debug = new ArrayList<>();
    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Logger logger = (Logger) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("info")) {
                    info.add((String) arguments[0]);
                } else if (method.getName().equals("debug")) {
                    debug.add((String) arguments[0]);
                }
                return method.getReturnType() == boolean.class ? Boolean.TRUE : null;
            });
    private final RefusalLog log = new RefusalLog(logger, time);

    private void refuse() {
        log.log("host \"h\"", 1, "nqn.s", ConnectRefusal.of(Statuses.CONNECT_INVALID_HOST));
    }

    @Test
    @Covers("A refusal is logged: who, which queue, why; ten a minute at info level")
    void aLineSaysWhoWhichQueueAndWhy() {
        log.log("host \"h\"", 3, "nqn.s", ConnectRefusal.inData(ConnectData.HOSTNQN));
        log.log("a host", 0, "", ConnectRefusal.inEntry(ConnectCommand.SQSIZE));
        refuse();

        assertThat(info.get(0))
                .isEqualTo(
                        "refused Connect to queue 3 of \"nqn.s\" by host \"h\": 1/82h DNR (HOSTNQN at offset 512 of the"
                                + " data)");
        assertThat(info.get(1))
                .isEqualTo("refused Connect to queue 0 by a host: 1/82h DNR (SQSIZE at offset 44 of the entry)");
        assertThat(info.get(2)).isEqualTo("refused Connect to queue 1 of \"nqn.s\" by host \"h\": 1/84h DNR");
    }

    @Test
    @Covers("A refusal is logged: who, which queue, why; ten a minute at info level")
    void aStrangerCannotFloodIt() {
        for (int i = 0; i < 10_000; i++) {
            refuse();
        }
        assertThat(info).hasSize(RefusalLog.LINES + 1);
        assertThat(info.get(RefusalLog.LINES)).contains("debug level");
        assertThat(debug).hasSize(10_000 - RefusalLog.LINES);

        time.advanceTimeBy(Duration.ofMinutes(1));
        refuse();

        assertThat(info).hasSize(RefusalLog.LINES + 2);
    }

    @Test
    void whatAStrangerCallsItselfDoesNotBreakTheLine() {
        assertThat(RefusalLog.printable("nqn.2024-01.io.nvmf:h\u00e4")).isEqualTo("\"nqn.2024-01.io.nvmf:h\u00e4\"");
        assertThat(RefusalLog.printable("a\nb\u001b[31m\"\\\u202e\u2028\ufffd"))
                .isEqualTo("\"a\\u{a}b\\u{1b}[31m\\u{22}\\u{5c}\\u{202e}\\u{2028}\\u{fffd}\"");
        assertThat(RefusalLog.printable("")).isEqualTo("\"\"");
    }
}
