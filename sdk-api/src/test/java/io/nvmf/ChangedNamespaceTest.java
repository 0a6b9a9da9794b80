package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.namespace.NamespaceState.Change;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Recorder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of commands and streams when a namespace changes under them. */
class ChangedNamespaceTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;

    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(64).slots(2).build();
    private final NvmeNamespace namespace = fixture.namespace;

    @AfterEach
    void everythingIsGivenBack() {
        fixture.answerAll();
        assertThat(fixture.usedMemory()).isZero();
    }

    private Change resize(int blocks) {
        return fixture.state.update(NamespaceFixture.blocks(64).nsze(blocks).state(7));
    }

    private Change format(int metadata) {
        return fixture.state.update(
                NamespaceFixture.blocks(64).metadata(metadata).state(7));
    }

    private static void assertUnusable(Throwable failure, String why) {
        assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refusal -> {
            assertThat(refusal.outcome()).isEqualTo(CommandOutcome.NOT_SENT);
            assertThat(refusal.statusCode()).contains(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
            assertThat(refusal.doNotRetry()).isTrue();
            assertThat(refusal.fromController()).isFalse();
            assertThat(refusal).hasMessageContaining("namespace 7").hasMessageContaining(why);
        });
    }

    private static <T> Recorder<T> recorded(Flux<T> publisher) {
        Recorder<T> recorder = new Recorder<>(Long.MAX_VALUE);
        publisher.subscribe(recorder);
        return recorder;
    }

    private <T> Recorder<T> run(Mono<T> publisher) {
        Recorder<T> recorder = recorded(publisher.flux());
        fixture.pump();
        return recorder;
    }

    private static void release(Recorder<ByteBuf> read) {
        read.elements.forEach(ByteBuf::release);
        read.elements.clear();
    }

    @Test
    void aGrownNamespaceShowsItsNewSizeAndTakesCommandsThere() {
        Mono<ByteBuf> beyond = namespace.read(40, 1);
        assertThat(resize(32)).isEqualTo(Change.RESIZED);
        assertThat(namespace.blocks()).isEqualTo(32);
        assertThat(namespace.size()).isEqualTo(32L * BLOCK);
        assertThat(run(beyond).errors).singleElement().isInstanceOf(NvmeLimitException.class);
        Mono<ByteBuf> refusedAtFirst = namespace.read(40, 1);

        assertThat(resize(64)).isEqualTo(Change.RESIZED);

        assertThat(namespace.blocks()).isEqualTo(64);
        Recorder<ByteBuf> read = run(refusedAtFirst);
        assertThat(read.errors).isEmpty();
        assertThat(read.elements).hasSize(1);
        release(read);
    }

    @Test
    void aCommandThatWaitsForASlotGoesByTheSizeThatIsKnownWhenItsTurnComes() {
        fixture.hold();
        Recorder<ByteBuf> first = recorded(namespace.read(0, 1).flux());
        Recorder<ByteBuf> second = recorded(namespace.read(1, 1).flux());
        Recorder<ByteBuf> waiting = recorded(namespace.read(60, 1).flux());
        fixture.pump();

        resize(60);
        fixture.answerAll();

        assertThat(waiting.errors).singleElement().isInstanceOfSatisfying(NvmeLimitException.class, refusal -> {
            assertThat(refusal.limit()).isEqualTo(59);
            assertThat(refusal.outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        });
        assertThat(fixture.controller.wire).hasSize(2);
        release(first);
        release(second);
    }

    @Test
    void aReadStreamGoesOnWhileTheNamespaceGrowsAndEndsWhereTheNamespaceDoes() {
        fixture.hold();
        ReadStreamOptions options =
                ReadStreamOptions.defaults().chunkSize(BLOCK).window(2);
        Recorder<ByteBuf> stream = recorded(namespace.readStream(0, 8L * BLOCK, options));
        fixture.pump();
        resize(100);
        fixture.answer(0);
        fixture.answer(0);
        assertThat(stream.errors).isEmpty();

        resize(4);
        for (int i = 0; i < 8 && !stream.isDone(); i++) {
            fixture.answerAll();
        }

        assertThat(stream.elements).hasSize(4);
        assertThat(stream.errors).singleElement().isInstanceOf(NvmeLimitException.class);
        assertThat(fixture.controller.wire).hasSize(4);
        release(stream);
    }

    @Test
    void aWriteStreamReportsWhatWasWrittenWhenTheNamespaceIsGone() {
        fixture.hold();
        WriteStreamOptions options =
                WriteStreamOptions.defaults().chunkSize(BLOCK).window(1);
        Recorder<?> stream =
                recorded(namespace.writeStream(0, Flux.range(0, 4).map(i -> fixture.data(BLOCK)), options));
        fixture.pump();
        fixture.state.lose("it is not active");
        fixture.answerAll();

        assertThat(stream.errors).singleElement().isInstanceOfSatisfying(NvmeTransferException.class, failure -> {
            assertThat(failure.report().bytesWritten()).isEqualTo(BLOCK);
            assertUnusable(failure.getCause(), "it is not active");
        });
        assertThat(fixture.controller.wire).containsExactly(MemoryController.Wire.write(0, 1));
    }

    @Test
    void nothingIsSentToANamespaceThatIsFormattedAnew() {
        ByteBuf memory = fixture.data(BLOCK).clear();
        Mono<ByteBuf> assembledBefore = namespace.read(0, 1);
        Flux<ByteBuf> streamBefore = namespace.readStream(0, BLOCK);

        assertThat(format(8)).isEqualTo(Change.REPLACED);

        String why = "formatted anew, with blocks of 512 bytes and 8 of metadata";
        assertUnusable(run(assembledBefore).errors.get(0), why);
        assertUnusable(run(streamBefore.next()).errors.get(0), why);
        assertUnusable(run(namespace.read(0, 1)).errors.get(0), why);
        assertUnusable(run(namespace.readInto(0, memory)).errors.get(0), why);
        assertUnusable(run(namespace.write(0, fixture.data(BLOCK))).errors.get(0), why);
        assertUnusable(run(namespace.flush()).errors.get(0), why);
        assertUnusable(run(namespace.readStream(0, BLOCK).next()).errors.get(0), why);
        assertThat(fixture.controller.wire).isEmpty();
        assertThat(namespace.blockSize()).isEqualTo(512);
        memory.release();
    }

    @Test
    void withoutIdentifiersANamespaceThatWasAwayIsNotTrustedAgain() {
        fixture.state.lose("it is not active");

        assertThat(resize(64)).isEqualTo(Change.REPLACED);

        assertUnusable(run(namespace.flush()).errors.get(0), "it is not active (it was opened with no identifier)");
    }
}
