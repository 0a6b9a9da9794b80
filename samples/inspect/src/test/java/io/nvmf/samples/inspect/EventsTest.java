package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.LogPage;
import io.nvmf.subsystem.BlockStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class EventsTest extends InspectedTarget {

    private CompletableFuture<Integer> listen(String... options) {
        String[] words = new String[options.length + 2];
        words[0] = "events";
        words[1] = uri(DISK);
        System.arraycopy(options, 0, words, 2, options.length);
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> run(words), task -> {
            Thread thread = new Thread(task, "events");
            thread.setDaemon(true);
            thread.start();
        });
        Awaitility.await().until(() -> err.toString().contains("listening to controller"));
        return exit;
    }

    private void addNamespace(int nsid) {
        target.subsystem(DISK)
                .addNamespace(nsid, BlockStore.memory(1 << 20, 512))
                .block();
    }

    @Test
    void whatAControllerTellsIsShownWhenItTellsItUntilThereWasEnough() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "2");

        addNamespace(9);
        Awaitility.await().until(() -> out.toString().contains("namespaces changed: added [9]"));
        assertThat(exit).isNotDone();
        target.subsystem(DISK).removeNamespace(9).block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString().lines())
                .hasSize(2)
                .allMatch(line ->
                        line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z namespaces changed: .*"))
                .last()
                .asString()
                .endsWith("removed [9]");
    }

    @Test
    void jsonHasAnObjectInEachLine() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "1", "--json");

        addNamespace(10);

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString())
                .matches("\\{\"time\": \"[^\"]+\", \"event\": \"namespaces_changed\", \"added\": \\[10\\]\\}\\R");
    }

    @Test
    void lossOfTheConnectionAndItsReturnAreShown() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "3");

        target.disconnectAll().block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString())
                .contains("controller reconnecting: attempt 1, reason ")
                .contains("controller connecting");
    }

    @Test
    void eventsOfVendorsAreShownAsNumbers() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "1");

        target.subsystem(DISK)
                .postEvent(new AsyncEvent(AsyncEvent.TYPE_VENDOR, 0xAB, LogPage.SMART_HEALTH, 0))
                .block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString()).contains(" other: type 07h, information ABh, log page 02h");
    }
}
