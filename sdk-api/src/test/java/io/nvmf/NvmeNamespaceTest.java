package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.MemoryController.Wire;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.namespace.WriteOptions;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

class NvmeNamespaceTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;

    private NamespaceFixture fixture =
            NamespaceFixture.blocks(64).maxTransfer(8 * BLOCK).build();
    private NvmeNamespace namespace = fixture.namespace;

    private <T> Recorder<T> subscribe(Mono<T> mono) {
        Recorder<T> recorder = new Recorder<>(1);
        mono.subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    private void use(NamespaceFixture.Builder builder) {
        fixture = builder.build();
        namespace = fixture.namespace;
    }

    @Test
    void numbersComeFromIdentifyAndLimits() {
        assertThat(namespace.id()).isEqualTo(7);
        assertThat(namespace.blockSize()).isEqualTo(BLOCK);
        assertThat(namespace.blocks()).isEqualTo(64);
        assertThat(namespace.size()).isEqualTo(64 * BLOCK);
        assertThat(namespace.maxTransferBlocks()).isEqualTo(8);
        assertThat(namespace.readOnly()).isFalse();
        assertThat(namespace).hasToString("NvmeNamespace[id=7, 64 blocks of 512 bytes]");
    }

    @Test
    void withoutLimitTheCommandFormatIsTheLimit() {
        use(NamespaceFixture.blocks(1).writeProtected());
        assertThat(namespace.maxTransferBlocks()).isEqualTo(65_536);
        assertThat(namespace.readOnly()).isTrue();
    }

    @Test
    void sizeBeyond63BitsIsCutToWhatALongReaches() {
        use(NamespaceFixture.blocks(1).nsze(-2L));
        assertThat(namespace.blocks()).isEqualTo(Long.MAX_VALUE / BLOCK);
        assertThat(namespace.size()).isPositive();
    }

    @Test
    void readDeliversWhatWasWritten() {
        ByteBuf data = fixture.data(3 * BLOCK);
        ByteBuf copy = data.copy();
        assertThat(subscribe(namespace.write(5, data)).completes).isOne();
        Recorder<ByteBuf> read = subscribe(namespace.read(5, 3));
        assertThat(read.last()).isEqualTo(copy);
        assertThat(read.completes).isOne();
        assertThat(fixture.controller.wire).containsExactly(Wire.write(5, 3), Wire.read(5, 3));
        read.last().release();
        copy.release();
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void nothingIsSentBeforeSubscriptionAndAReadWaitsForDemand() {
        Mono<ByteBuf> read = namespace.read(0, 1);
        Recorder<ByteBuf> recorder = new Recorder<>(0);
        fixture.pump();
        read.subscribe(recorder);
        fixture.pump();
        assertThat(fixture.controller.wire).isEmpty();
        recorder.request(1);
        fixture.pump();
        assertThat(fixture.controller.wire).hasSize(1);
        recorder.last().release();
    }

    @Test
    @Covers("SLBA in two dwords, NLB 0's based, FUA")
    void forceUnitAccessAndFlushReachTheWire() {
        subscribe(namespace.write(1, fixture.data(BLOCK), WriteOptions.fua()));
        assertThat(subscribe(namespace.flush()).completes).isOne();
        assertThat(fixture.controller.wire).containsExactly(Wire.fua(1, 1), Wire.flush());
    }

    @Test
    void readIntoFillsTheDestinationAndMovesItsWriterIndex() {
        fixture.controller.fill();
        ByteBuf destination = fixture.controller.allocator().buffer(2 * BLOCK + 4, 2 * BLOCK + 4);
        destination.writeInt(42);
        assertThat(subscribe(namespace.readInto(9, destination)).completes).isOne();
        assertThat(destination.readInt()).isEqualTo(42);
        for (int i = 0; i < 2 * BLOCK; i++) {
            assertThat(destination.readByte()).isEqualTo(MemoryController.pattern(9 * BLOCK + i));
        }
        assertThat(destination.refCnt()).isOne();
        destination.release();
    }

    @Test
    void readIntoLeavesTheWriterIndexWhenItFails() {
        fixture.controller.statusAt.put(0L, Status.of(StatusCode.INTERNAL_ERROR));
        ByteBuf destination = fixture.controller.allocator().buffer(BLOCK, BLOCK);
        assertThat(subscribe(namespace.readInto(0, destination)).errors.get(0)).isInstanceOf(NvmeStatusException.class);
        assertThat(destination.writerIndex()).isZero();
        assertThat(destination.refCnt()).isOne();
        destination.release();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 9, 'bytes of one command', 4608, 4096",
        "0, 0, NLB, 0, 1",
        "0, -3, NLB, -3, 1",
        "64, 1, 'last LBA', 64, 63",
        "63, 2, 'last LBA', 64, 63",
        "-1, 1, 'last LBA', -1, 63",
        "9223372036854775807, 8, 'last LBA', 9223372036854775807, 63",
    })
    @Covers({"A range beyond NSZE fails: before it is sent at the host, 0/80h at the controller", "Not larger than MDTS"
    })
    void readOutsideTheLimitsIsRefusedWithTheNumbers(long lba, int blocks, String quantity, long value, long limit) {
        assertRefused(subscribe(namespace.read(lba, blocks)), quantity, value, limit);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4608, 'bytes of one command', 4608, 4096",
        "0, 0, NLB, 0, 1",
        "0, 100, 'bytes behind the last whole block', 100, 0",
        "63, 1024, 'last LBA', 64, 63",
    })
    void refusedWriteReleasesItsDataOnSubscriptionOnly(long lba, int bytes, String quantity, long value, long limit) {
        ByteBuf data = fixture.data(bytes);
        Mono<Void> write = namespace.write(lba, data);
        assertThat(data.refCnt()).isOne();
        assertRefused(subscribe(write), quantity, value, limit);
        assertThat(data.refCnt()).isZero();

        ByteBuf destination = fixture.controller.allocator().buffer(Math.max(1, bytes), Math.max(1, bytes));
        destination.writerIndex(destination.capacity() - bytes);
        assertRefused(subscribe(namespace.readInto(lba, destination)), quantity, value, limit);
        assertThat(destination.refCnt()).isOne();
        destination.release();
    }

    private void assertRefused(Recorder<?> recorder, String quantity, long value, long limit) {
        assertThat(recorder.errors).singleElement().isInstanceOfSatisfying(NvmeLimitException.class, refusal -> {
            assertThat(refusal.quantity()).isEqualTo(quantity);
            assertThat(refusal.value()).isEqualTo(value);
            assertThat(refusal.limit()).isEqualTo(limit);
        });
        assertThat(fixture.controller.wire).isEmpty();
        assertThat(recorder.errors.get(0)).hasMessageContaining(Long.toString(value));
    }

    @Test
    void formatWithMetadataIsRefused() {
        use(NamespaceFixture.blocks(8).metadata(8));
        ByteBuf data = fixture.data(BLOCK);
        assertRefused(subscribe(namespace.read(0, 1)), "metadata bytes of a block", 8, 0);
        assertRefused(subscribe(namespace.write(0, data)), "metadata bytes of a block", 8, 0);
        assertRefused(subscribe(namespace.readStream(0, BLOCK).next()), "metadata bytes of a block", 8, 0);
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void transferLimitBelowOneBlockRefusesEverything() {
        use(NamespaceFixture.blocks(8).maxTransfer(BLOCK - 1));
        assertThat(namespace.maxTransferBlocks()).isZero();
        assertRefused(subscribe(namespace.read(0, 1)), "bytes of one command", BLOCK, 0);
        assertRefused(subscribe(namespace.readStream(0, BLOCK).next()), "block size", BLOCK, BLOCK - 1);
    }

    @Test
    void successThatMovedTooLittleIsAFailure() {
        fixture.controller.shortAt.put(2L, 100);
        Recorder<ByteBuf> read = subscribe(namespace.read(2, 1));
        assertThat(read.elements).isEmpty();
        assertThat(read.errors.get(0))
                .isInstanceOf(NvmeProtocolException.class)
                .hasMessageContaining("100")
                .hasMessageContaining("512");
        Recorder<Void> write = subscribe(namespace.write(2, fixture.data(BLOCK)));
        assertThat(write.errors.get(0)).isInstanceOf(NvmeProtocolException.class);
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void errorStatusIsAStatusException() {
        fixture.controller.statusAt.put(2L, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        assertThat(subscribe(namespace.read(2, 1)).errors.get(0))
                .isInstanceOf(NvmeStatusException.class)
                .hasMessageContaining("Read to namespace 7");
        fixture.controller.flushStatus = Status.of(StatusCode.INTERNAL_ERROR);
        assertThat(subscribe(namespace.flush()).errors.get(0)).isInstanceOf(NvmeStatusException.class);
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void secondSubscriptionToAWriteFailsAndSendsNothing() {
        Mono<Void> write = namespace.write(0, fixture.data(BLOCK));
        subscribe(write);
        assertThat(subscribe(write).errors.get(0)).isInstanceOf(IllegalStateException.class);
        assertThat(fixture.controller.wire).hasSize(1);
    }

    @Test
    void cancelledBeforeTheEventLoopRanNothingIsSentAndDataIsReleased() {
        ByteBuf data = fixture.data(BLOCK);
        namespace.write(0, data).subscribe().dispose();
        namespace.read(0, 1).subscribe().dispose();
        fixture.pump();
        assertThat(fixture.controller.wire).isEmpty();
        assertThat(data.refCnt()).isZero();
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void cancelledInOnSubscribeNothingIsSentAndDataIsReleased() {
        ByteBuf data = fixture.data(BLOCK);
        namespace.write(0, data).doOnSubscribe(s -> s.cancel()).subscribe();
        fixture.pump();
        assertThat(fixture.controller.wire).isEmpty();
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void cancelledWhileWaitingForASlotTheDataIsReleased() {
        use(NamespaceFixture.blocks(8).slots(1));
        fixture.controller.hold = true;
        subscribe(namespace.write(0, fixture.data(BLOCK)));
        ByteBuf data = fixture.data(BLOCK);
        Recorder<Void> waiting = subscribe(namespace.write(1, data));
        waiting.cancel();
        fixture.pump();
        assertThat(data.refCnt()).isZero();
        fixture.answerAll();
        assertThat(fixture.controller.wire).hasSize(1);
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void cancelledInFlightTheBufferComesBackWithTheAnswer() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> read = subscribe(namespace.read(0, 1));
        read.cancel();
        fixture.pump();
        assertThat(fixture.aborted).hasSize(1);
        assertThat(fixture.controller.usedMemory()).isPositive();
        fixture.answerAll();
        assertThat(fixture.controller.usedMemory()).isZero();
        assertThat(read.isDone()).isFalse();
    }

    @Test
    void brokenConnectionTellsWhetherTheCommandLeft() {
        use(NamespaceFixture.blocks(8).slots(1));
        fixture.controller.hold = true;
        Recorder<Void> sent = subscribe(namespace.write(0, fixture.data(BLOCK)));
        Recorder<Void> waiting = subscribe(namespace.write(1, fixture.data(BLOCK)));
        fixture.cut();
        assertThat(((NvmeConnectionException) sent.errors.get(0)).outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        assertThat(((NvmeConnectionException) waiting.errors.get(0)).outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        Recorder<Void> late = subscribe(namespace.write(1, fixture.data(BLOCK)));
        assertThat(((NvmeConnectionException) late.errors.get(0)).outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void commandsGoToTheQueuesInTurn() {
        NamespaceFixture other = NamespaceFixture.blocks(64).build();
        DefaultNamespace both = new DefaultNamespace(
                7,
                namespace.identify(),
                new NamespaceParameters(0, false),
                QueueSelector.roundRobin(List.of(fixture.queue, other.queue)),
                new Failures());
        for (int i = 0; i < 4; i++) {
            both.flush().subscribe();
        }
        fixture.pump();
        other.pump();
        assertThat(fixture.controller.wire).hasSize(2);
        assertThat(other.controller.wire).hasSize(2);
    }

    @Test
    void namespaceWithoutQueuesIsAMistake() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DefaultNamespace(
                        1,
                        namespace.identify(),
                        new NamespaceParameters(0, false),
                        QueueSelector.roundRobin(List.of()),
                        new Failures()));
        assertThatIllegalArgumentException().isThrownBy(() -> new NamespaceParameters(-1, false));
    }

    @Test
    void demandBelowOneIsAnError() {
        Recorder<ByteBuf> read = new Recorder<>(0);
        namespace.read(0, 1).subscribe(new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(0);
            }

            @Override
            public void onNext(ByteBuf data) {
                data.release();
            }

            @Override
            public void onError(Throwable error) {
                read.errors.add(error);
            }

            @Override
            public void onComplete() {}
        });
        fixture.pump();
        assertThat(read.errors.get(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(fixture.controller.wire).isEmpty();
    }
}
