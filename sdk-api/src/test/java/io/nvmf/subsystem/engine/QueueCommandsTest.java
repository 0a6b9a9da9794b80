package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class QueueCommandsTest {

    private final QueueCommands commands = new QueueCommands(ImmediateEventExecutor.INSTANCE);
    private final List<String> idle = new ArrayList<>();

    private void begin(int commandId) {
        assertThat(commands.identify(commandId)).isTrue();
        commands.begin();
    }

    @Test
    void anIdentifierIsFreeAgainWhenItsCommandHasEnded() {
        begin(0xFFFE);

        assertThat(commands.identify(0xFFFE)).isFalse();
        commands.end(0xFFFE);
        assertThat(commands.identify(0xFFFE)).isTrue();
    }

    @Test
    void oneCommandIsAllowedUntilConnectSaysMore() {
        assertThat(commands.areAtLimit()).isFalse();
        begin(1);
        assertThat(commands.areAtLimit()).isTrue();

        commands.limit(2);
        assertThat(commands.areAtLimit()).isFalse();
        begin(2);
        assertThat(commands.areAtLimit()).isTrue();
    }

    @Test
    void aHeldCommandCountsAgainstTheLimitButIsNotUnderWay() {
        begin(1);
        commands.hold();

        assertThat(commands.areUnderWay()).isFalse();
        assertThat(commands.areAtLimit()).isTrue();
    }

    @Test
    void idleWaitsForTheLastCommandUnderWay() {
        commands.limit(3);
        commands.idle().subscribe(nothing -> {}, failure -> {}, () -> idle.add("at once"));
        assertThat(idle).containsExactly("at once");
        begin(1);
        begin(2);
        begin(3);
        commands.hold();
        commands.idle().subscribe(nothing -> {}, failure -> {}, () -> idle.add("first"));
        commands.idle().subscribe(nothing -> {}, failure -> {}, () -> idle.add("second"));
        Disposable cancelled = commands.idle().subscribe(nothing -> {}, failure -> {}, () -> idle.add("cancelled"));

        cancelled.dispose();
        commands.end(1);
        assertThat(idle).containsExactly("at once");
        commands.end(2);

        assertThat(idle).containsExactly("at once", "first", "second");
    }
}
