package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.spec.IdentifyNamespace.Field;
import io.nvmf.spec.IdentifyNamespace.LbaFormat;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.Version;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Namespaces that users have are looked at again over another association. */
class NamespaceRescanTest {

    private final ScriptedController controller = new ScriptedController();
    private final Association first = associate();
    private final NamespaceScan scan = new NamespaceScan(() -> first, QueueSelector.roundRobin(first.ioQueues()), null);

    @AfterEach
    void cut() {
        controller.cut();
    }

    private Association associate() {
        AtomicReference<Association> connected = new AtomicReference<>();
        Association.connect(controller.client().config().conclude(), Function.identity())
                .subscribe(connected::set);
        assertThat(connected.get()).isNotNull();
        return connected.get();
    }

    private NvmeNamespace open(int nsid) {
        AtomicReference<NvmeNamespace> opened = new AtomicReference<>();
        scan.open(nsid).subscribe(opened::set);
        assertThat(opened.get()).isNotNull();
        return opened.get();
    }

    private Recorder<Void> rescan() {
        Recorder<Void> recorder = new Recorder<>(1);
        scan.rescan(associate()).subscribe(recorder);
        return recorder;
    }

    private void rescanned() {
        assertThat(rescan().completes).isEqualTo(1);
    }

    private static Throwable failure(Mono<?> publisher) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        publisher.subscribe(ignored -> {}, failure::set);
        return failure.get();
    }

    private void assertNothingIsSent(NvmeNamespace namespace, String... why) {
        long before = controller.count("q1 I/O 0");
        assertThat(failure(namespace.flush())).isInstanceOfSatisfying(NvmeStatusException.class, refusal -> {
            assertThat(refusal.outcome()).isEqualTo(CommandOutcome.NOT_SENT);
            assertThat(refusal.statusCode()).contains(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
            assertThat(List.of(why)).allSatisfy(part -> assertThat(refusal).hasMessageContaining(part));
        });
        assertThat(controller.count("q1 I/O 0")).isEqualTo(before);
    }

    private void assertUsable(NvmeNamespace namespace) {
        assertThat(failure(namespace.flush())).isNull();
    }

    @Test
    void identityIsWhatTheControllerSays() {
        controller.namespaces.put(
                1,
                identify -> identify.nguid("00112233445566778899aabbccddeeff").eui64("0123456789abcdef"));

        assertThat(open(1).identity().nguid()).contains("00112233445566778899aabbccddeeff");
        assertThat(open(1).identity().eui64()).contains("0123456789abcdef");
        assertThat(open(1).identity().uuid()).contains(new UUID(1, 1));
        assertThat(open(1).identity())
                .hasToString("NGUID 00112233445566778899aabbccddeeff, EUI-64 0123456789abcdef,"
                        + " UUID 00000000-0000-0001-0000-000000000001");
    }

    @Test
    void aNewSizeIsSeenByEveryoneWhoHasTheNamespace() {
        NvmeNamespace one = open(1);
        NvmeNamespace other = open(1);
        controller.namespaces.put(1, identify -> identify.set(Field.NSZE, 5000));

        rescanned();

        assertThat(one.blocks()).isEqualTo(5000);
        assertThat(other.size()).isEqualTo(5000L * 512);
        assertThat(one.identify().get(Field.NSZE)).isEqualTo(5000);
        assertUsable(one);
    }

    @Test
    void openingANamespaceAgainIsALookAtItToo() {
        NvmeNamespace before = open(1);
        controller.namespaces.put(1, identify -> identify.set(Field.NSZE, 10));

        assertThat(open(1).blocks()).isEqualTo(10);
        assertThat(before.blocks()).isEqualTo(10);
    }

    @Test
    @Covers("Another namespace under the same NSID is told by NGUID, EUI-64 and UUID, and gets no command")
    void anotherNamespaceUnderTheSameNsidIsNeverUsed() {
        NvmeNamespace before = open(1);
        controller.uuids.put(1, new UUID(9, 9));

        rescanned();

        assertNothingIsSent(
                before,
                "another namespace now, with UUID 00000000-0000-0009-0000-000000000009",
                "opened with UUID 00000000-0000-0001-0000-000000000001");
        NvmeNamespace now = open(1);
        assertUsable(now);
        assertNothingIsSent(before);
        rescanned();
        assertUsable(now);
        assertNothingIsSent(before);
    }

    @Test
    @Covers("Another namespace under the same NSID is told by NGUID, EUI-64 and UUID, and gets no command")
    void anotherIdentifierIsAnotherNamespaceWhateverTheOthersSay() {
        controller.namespaces.put(1, identify -> identify.nguid("00112233445566778899aabbccddeeff"));
        NvmeNamespace before = open(1);
        controller.namespaces.put(1, identify -> identify.nguid("00112233445566778899aabbccddee00"));

        rescanned();

        assertNothingIsSent(before, "00112233445566778899aabbccddee00", "00112233445566778899aabbccddeeff");
    }

    @Test
    void otherBlocksAreAnotherFormat() {
        NvmeNamespace before = open(1);
        controller.namespaces.put(1, identify -> identify.lbaFormat(0, new LbaFormat(0, 12, 0)));

        rescanned();

        assertNothingIsSent(before, "blocks of 4096 bytes", "blocks of 512 bytes");
    }

    @Test
    void metadataIsAnotherFormat() {
        NvmeNamespace before = open(1);
        controller.namespaces.put(1, identify -> identify.lbaFormat(0, new LbaFormat(8, 9, 0)));

        rescanned();

        assertNothingIsSent(before, "formatted with metadata");
    }

    @Test
    void blocksThatCannotBeAreNotUsed() {
        NvmeNamespace before = open(1);
        controller.namespaces.put(1, identify -> identify.lbaFormat(0, new LbaFormat(0, 3, 0)));

        rescanned();

        assertNothingIsSent(before, "LBADS");
    }

    @Test
    void aNamespaceThatIsGoneIsUsedAgainWhenTheSameOneIsBack() {
        NvmeNamespace namespace = open(1);
        controller.namespaces.remove(1);
        rescanned();
        assertNothingIsSent(namespace, "it is not active", "opened with UUID");

        controller.namespaces.put(1, identify -> identify.set(Field.NSZE, 7));
        rescanned();

        assertUsable(namespace);
        assertThat(namespace.blocks()).isEqualTo(7);
    }

    @Test
    void aNamespaceWithoutIdentifiersIsKnownByItsNsidAndBlockSize() {
        controller.version = new Version(1, 2, 1);
        Association old = associate();
        NamespaceScan scanOfOld = new NamespaceScan(() -> old, QueueSelector.roundRobin(old.ioQueues()), null);
        AtomicReference<NvmeNamespace> opened = new AtomicReference<>();
        scanOfOld.open(1).subscribe(opened::set);
        controller.namespaces.put(1, identify -> identify.set(Field.NSZE, 7));

        scanOfOld.rescan(associate()).subscribe();

        assertThat(opened.get().identity().isEmpty()).isTrue();
        assertThat(opened.get().blocks()).isEqualTo(7);
        assertUsable(opened.get());
    }

    @Test
    void whatTheControllerCannotTellForNowIsAFailureAndChangesNothing() {
        NvmeNamespace namespace = open(1);
        controller.on("Identify 03h 1", e -> e.answer(Status.of(StatusCode.INTERNAL_ERROR, false), 0, 0));

        assertThat(rescan().errors).singleElement().isInstanceOf(NvmeException.class);

        assertUsable(namespace);
    }

    @Test
    void aNamespaceThatTheControllerDoesNotGetAtIsNotUsedAndKeepsNothingElseAway() {
        NvmeNamespace namespace = open(1);
        controller.on("Identify 03h 1", e -> e.answer(Status.of(StatusCode.INTERNAL_PATH_ERROR, false), 0, 0));
        rescanned();
        assertNothingIsSent(namespace, "opened with UUID");

        controller.overrides.clear();
        rescanned();

        assertUsable(namespace);
    }

    @Test
    void aPublisherOfANamespaceThatWasDroppedIsWatchedToo() {
        Mono<ByteBuf> read = open(1).read(0, 1);
        WeakReference<Object> dropped = new WeakReference<>(new Object());
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return dropped.get() == null;
        });
        controller.uuids.put(1, new UUID(9, 9));

        rescanned();

        assertThat(failure(read)).isInstanceOf(NvmeStatusException.class).hasMessageContaining("another namespace");
    }

    @Test
    void aNamespaceThatNobodyHasIsNotAskedFor() {
        scan.open(1).block();
        boolean asked = true;
        for (int i = 0; i < 100 && asked; i++) {
            System.gc();
            long before = controller.count("Identify 00h 1");
            rescanned();
            asked = controller.count("Identify 00h 1") != before;
        }
        assertThat(asked).isFalse();
    }
}
