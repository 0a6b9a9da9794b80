package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spec.IdentifyNamespace.Field;
import io.nvmf.spec.IdentifyNamespace.LbaFormat;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.Version;
import io.nvmf.testing.Covers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which namespaces a controller has, and which of them can be used. */
class NamespaceScanTest {

    private static final Version WITHOUT_DESCRIPTORS = new Version(1, 2, 1);

    private final ScriptedController controller = new ScriptedController();

    @AfterEach
    void cut() {
        controller.cut();
    }

    private NvmeController connect() {
        AtomicReference<NvmeController> connected = new AtomicReference<>();
        controller.client().connect().subscribe(connected::set);
        return connected.get();
    }

    private List<Integer> usable() {
        List<Integer> ids = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        connect().namespaces().map(NvmeNamespace::id).subscribe(ids::add, failure::set);
        assertThat(failure.get()).isNull();
        return ids;
    }

    private Throwable refusal(int nsid) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        connect().namespace(nsid).subscribe(namespace -> {}, failure::set);
        return failure.get();
    }

    @Test
    void activeNamespacesAreIdentified() {
        controller.namespaces.put(5, namespace -> namespace.lbaFormat(0, new LbaFormat(0, 12, 0)));
        List<NvmeNamespace> found = new ArrayList<>();

        connect().namespaces().subscribe(found::add);

        assertThat(found).extracting(NvmeNamespace::id).containsExactly(1, 5);
        assertThat(found).extracting(NvmeNamespace::blockSize).containsExactly(512, 4096);
        assertThat(found).extracting(NvmeNamespace::blocks).containsExactly(1000L, 1000L);
        // MDTS 5 is 2^5 pages of 4 KiB
        assertThat(found).extracting(NvmeNamespace::maxTransferBlocks).containsExactly(256, 32);
    }

    @Test
    @Covers("Active namespace list, 1,024 at a time, ascending")
    void listsBeyondOnePageAreFollowed() {
        controller.version = WITHOUT_DESCRIPTORS;
        for (int nsid = 1; nsid <= 1100; nsid++) {
            controller.namespaces.put(nsid, namespace -> {});
        }

        assertThat(usable()).hasSize(1100).startsWith(1, 2, 3).endsWith(1100);
        assertThat(controller.log).contains("Identify 02h 0", "Identify 02h 1024");
    }

    @Test
    void aFullLastPageIsFollowedByAnEmptyOne() {
        controller.version = WITHOUT_DESCRIPTORS;
        for (int nsid = 1; nsid <= 1024; nsid++) {
            controller.namespaces.put(nsid, namespace -> {});
        }

        assertThat(usable()).hasSize(1024);
        assertThat(controller.count("Identify 02h 1024")).isEqualTo(1);
    }

    @Test
    void theHighestIdentifierEndsTheList() {
        controller.version = WITHOUT_DESCRIPTORS;
        controller.namespaces.clear();
        for (int i = 1023; i >= 0; i--) {
            controller.namespaces.put(-2 - i, namespace -> {});
        }

        assertThat(usable()).hasSize(1024).endsWith(-2);
    }

    @Test
    @Covers("LBA format index with its high bits; formats with metadata are refused")
    void metadataIsRefusedWithTheNumberAndLeftOutOfTheList() {
        controller.namespaces.put(2, namespace -> namespace.lbaFormat(0, new LbaFormat(8, 9, 0)));

        assertThat(usable()).containsExactly(1);
        assertThat(refusal(2))
                .isInstanceOf(NvmeLimitException.class)
                .hasMessageContaining("metadata bytes per block (MS) is 8")
                .hasMessageContaining("namespace 2");
    }

    @Test
    @Covers("Other command sets are recognised and refused")
    void otherCommandSetsAreRefusedWithTheNumberAndLeftOutOfTheList() {
        controller.namespaces.put(2, namespace -> {});
        controller.commandSets.put(2, 2);

        assertThat(usable()).containsExactly(1);
        assertThat(refusal(2))
                .isInstanceOf(NvmeLimitException.class)
                .hasMessageContaining("(CSI) is 2")
                .hasMessageContaining("namespace 2");
    }

    @Test
    void descriptorsAreNotAskedForBefore13() {
        controller.version = WITHOUT_DESCRIPTORS;

        assertThat(usable()).containsExactly(1);
        assertThat(controller.log).noneMatch(line -> line.startsWith("Identify 03h"));
    }

    @Test
    void refusedDescriptorsMeanTheNvmCommandSet() {
        controller.on("Identify 03h 1", e -> e.fail(StatusCode.INVALID_FIELD));

        assertThat(usable()).containsExactly(1);
    }

    @Test
    void inactiveNamespaceIsSaidAndNotTheControllersWord() {
        assertThat(refusal(9)).isInstanceOfSatisfying(NvmeStatusException.class, failure -> {
            assertThat(failure.statusCode()).contains(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
            assertThat(failure.fromController()).isFalse();
            assertThat(failure).hasMessageContaining("namespace 9");
        });
    }

    @Test
    void impossibleBlockSizeIsAProtocolFailure() {
        controller.namespaces.put(1, namespace -> namespace.lbaFormat(0, new LbaFormat(0, 3, 0)));

        assertThat(refusal(1)).isInstanceOf(NvmeProtocolException.class).hasMessageContaining("LBADS");
    }

    @Test
    void identifiersThatCannotBeAreArgumentsErrors() {
        NvmeController connected = connect();

        assertThatIllegalArgumentException().isThrownBy(() -> connected.namespace(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> connected.namespace(-1))
                .withMessageContaining("4294967295");
    }

    @Test
    void oneNamespaceIsIdentifiedPerElementOfDemand() {
        controller.namespaces.put(2, namespace -> namespace.set(Field.NSZE, 1));
        connect().namespaces().take(1).subscribe();

        assertThat(controller.log).doesNotContain("Identify 00h 2");
    }

    @Test
    void aListThatDoesNotGoOnEndsTheScan() {
        controller.version = WITHOUT_DESCRIPTORS;
        int[] same = IntStream.rangeClosed(1, NamespaceList.MAX_ENTRIES).toArray();
        for (int nsid : same) {
            controller.namespaces.put(nsid, namespace -> {});
        }
        controller.on("Identify 02h 1024", exchange -> {
            ByteBuf list = Unpooled.buffer(NamespaceList.LENGTH).writeZero(NamespaceList.LENGTH);
            NamespaceList.encode(list, 0, same);
            exchange.send(list);
        });
        List<Integer> ids = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();

        connect().namespaces().map(NvmeNamespace::id).take(3000).subscribe(ids::add, failure::set);

        assertThat(ids).hasSize(NamespaceList.MAX_ENTRIES);
        assertThat(failure.get()).isInstanceOf(NvmeProtocolException.class).hasMessageContaining("above 1024");
    }

    @Test
    void blocksThatFitNoBufferAreAProtocolFailure() {
        controller.namespaces.put(1, namespace -> namespace.lbaFormat(0, new LbaFormat(0, 31, 0)));

        assertThat(refusal(1)).isInstanceOf(NvmeProtocolException.class).hasMessageContaining("LBADS");
    }
}
