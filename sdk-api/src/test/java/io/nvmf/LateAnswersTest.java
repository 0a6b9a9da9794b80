package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.ScriptedController.Exchange;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A controller that answers a read when nobody waits for it any more. */
class LateAnswersTest {

    private static final int READ = 2;
    private static final int BLOCK = 512;
    private static final Duration TIMEOUT = Duration.ofSeconds(8);
    private static final Duration LATE = TIMEOUT.plus(TIMEOUT.dividedBy(8));

    private final ScriptedController controller = new ScriptedController();
    private final List<Exchange> reads = new ArrayList<>();
    private final List<Exchange> aborts = new ArrayList<>();
    private final ByteBuf destination = Unpooled.buffer(BLOCK, BLOCK);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private NvmeController connected;

    @BeforeEach
    void connect() {
        controller.on("q1 I/O " + READ, exchange -> {
            exchange.kept = true;
            reads.add(exchange);
        });
        controller.on("Abort", aborts::add);
        connected = controller.connect(client());
    }

    private NvmeClient client() {
        return controller
                .client()
                .ioQueues(1)
                .commandTimeout(TIMEOUT)
                .adminTimeout(TIMEOUT)
                .keepAlive(Duration.ZERO);
    }

    @AfterEach
    void cut() {
        reads.forEach(read -> read.command.release());
        controller.cut();
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
    }

    private void read() {
        connected
                .namespace(1)
                .flatMap(namespace -> namespace.readInto(0, destination))
                .subscribe(nothing -> {}, failure::set);
        assertThat(reads).hasSize(1);
    }

    private void timedOut() {
        controller.timer.advanceTimeBy(LATE);
        assertThat(failure.get()).isInstanceOf(NvmeTimeoutException.class);
        assertThat(destination.refCnt()).as("the memory is the caller's alone").isEqualTo(1);
        assertThat(aborts).hasSize(1);
    }

    /** Sends data of ones for the read. */
    private SendOutcome send(int offset, int length) {
        ByteBuf data = Unpooled.buffer(length);
        for (int i = 0; i < length; i++) {
            data.writeByte(1);
        }
        return reads.get(0).command.send(offset, data);
    }

    private void nothingWasWritten() {
        assertThat(destination.forEachByte(0, BLOCK, octet -> octet == 0)).isEqualTo(-1);
    }

    @Test
    @Covers("Late data never lands in memory that is the caller's again")
    void afterTheDeadlineDataIsThrownAway() {
        read();
        timedOut();
        if (send(0, BLOCK) == SendOutcome.COMPLETE) {
            reads.get(0).succeed();
        }
        nothingWasWritten();
        aborts.get(0).answer(Status.SUCCESS, 1, 0);
        assertThat(connected.isConnected()).isTrue();
        nothingWasWritten();
    }

    @Test
    @Covers("Late data never lands in memory that is the caller's again")
    void afterTheAbortToo() {
        read();
        timedOut();
        aborts.get(0).answer(Status.SUCCESS, 0, 0);
        send(0, BLOCK / 2);
        nothingWasWritten();
        reads.get(0).fail(StatusCode.ABORT_REQUESTED);
        nothingWasWritten();
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    @Covers("Late data never lands in memory that is the caller's again")
    void betweenTwoPartsOfTheDataToo() {
        read();
        send(0, BLOCK / 2);
        assertThat(destination.getByte(0)).isEqualTo((byte) 1);
        timedOut();
        destination.setZero(0, BLOCK);
        if (send(BLOCK / 2, BLOCK / 2) == SendOutcome.COMPLETE) {
            reads.get(0).succeed();
        }
        nothingWasWritten();
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void aSecondAnswerEndsTheAssociation() {
        read();
        timedOut();
        reads.get(0).succeed();
        aborts.get(0).answer(Status.SUCCESS, 1, 0);
        assertThat(connected.isConnected()).isTrue();
        reads.get(0).succeed();
        assertThat(connected.isConnected()).isFalse();
        nothingWasWritten();
    }

    @Test
    void afterACancelDataIsThrownAway() {
        connected
                .namespace(1)
                .flatMap(namespace -> namespace.readInto(0, destination))
                .subscribe(nothing -> {}, failure::set)
                .dispose();
        assertThat(reads).hasSize(1);
        assertThat(destination.refCnt()).isEqualTo(1);
        send(0, BLOCK);
        nothingWasWritten();
        assertThat(failure.get()).isNull();
    }

    /** The identifiers are the same ones, the connections are not. */
    @Test
    void answersOfAnOldConnectionReachNoCommandOfANewOne() {
        read();
        timedOut();
        NvmeController before = connected;
        controller.timer.advanceTimeBy(LATE);
        controller.timer.advanceTimeBy(LATE);
        assertThat(before.isConnected()).as("nobody answers the Abort").isFalse();

        connected = controller.connect(client());
        failure.set(null);
        reads.get(0).command.release();
        Exchange old = reads.remove(0);
        read();
        old.succeed();
        assertThat(failure.get()).isNull();
        nothingWasWritten();
        assertThat(destination.refCnt()).isEqualTo(3); // the caller, the subscription and the command
        if (send(0, BLOCK) == SendOutcome.COMPLETE) {
            reads.get(0).succeed();
        }
        assertThat(destination.getByte(BLOCK - 1)).isEqualTo((byte) 1);
        assertThat(destination.refCnt()).isEqualTo(1);
    }
}
