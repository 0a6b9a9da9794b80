package io.nvmf.samples.webflux.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.event.NvmeEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Events are told in sentences, not as Java writes records. */
class EventTextTest {

    @Test
    void namespacesThatChangeAreNamedOneByOne() {
        NvmeEvent event = new NvmeEvent.NamespacesChanged(
                List.of(2), List.of(-3), List.of(new NvmeEvent.Resized(1, 4096, 8192)), List.of());

        assertThat(EventText.of(event))
                .isEqualTo("Namespace 2 is new; namespace 4294967293 is gone;"
                        + " namespace 1 has 8192 bytes instead of 4096.");
    }

    @Test
    void kindsAreWords() {
        assertThat(EventText.of(new NvmeEvent.ErrorReported(NvmeEvent.ErrorKind.PERSISTENT_INTERNAL, Optional.empty())))
                .isEqualTo("The controller reports an error: persistent internal.");
    }

    @Test
    void aGapIsExplained() {
        assertThat(EventText.of(new NvmeEvent.Missed(NvmeEvent.MissedReason.RECONNECTED, 0)))
                .isEqualTo("What the controller did while there was no association it does not tell.");
        assertThat(EventText.of(new NvmeEvent.Missed(NvmeEvent.MissedReason.SLOW_SUBSCRIBER, 7)))
                .isEqualTo("The gateway has missed 7 events.");
    }
}
