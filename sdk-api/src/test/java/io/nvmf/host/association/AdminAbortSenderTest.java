package io.nvmf.host.association;

import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.FakeHostQueuePair;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueFixture;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.Covers;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Aborts on an admin queue, for the commands of an I/O queue. */
class AdminAbortSenderTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(8);
    private static final Duration TICK = TIMEOUT.dividedBy(8);
    private static final int ADMIN_SLOTS = 4;
    private static final int RESERVED = 6;

    private final ManualEventExecutor loop = new ManualEventExecutor();
    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private final FakeHostQueuePair adminPair = new FakeHostQueuePair(loop);
    private final FakeHostQueuePair pair = new FakeHostQueuePair(loop);
    private final AdminAbortSender aborts = new AdminAbortSender("test");
    private final List<Object> ends = new ArrayList<>();
    private HostQueue admin;
    private HostQueue queue;

    private void start(int slots, int abortCommandLimit, Duration commandTimeout) {
        admin = HostQueue.start(
                adminPair,
                new QueueParameters(0, ADMIN_SLOTS + RESERVED + 1, RESERVED, 1024, commandTimeout, timer, aborts),
                new Failures());
        aborts.admin(admin, RESERVED - 2);
        aborts.limit(abortCommandLimit);
        queue = HostQueue.start(
                pair, new QueueParameters(1, slots + 1, 0, 1024, commandTimeout, timer, aborts), new Failures());
        admin.termination().subscribe(ends::add);
        queue.termination().subscribe(ends::add);
        loop.pump();
    }

    @AfterEach
    void allMemoryComesBack() {
        loop.run(() -> pair.end(new Termination.PeerReset("the test is over")));
        loop.run(() -> adminPair.end(new Termination.PeerReset("the test is over")));
        assertThat(pair.usedMemory()).isZero();
    }

    private Probe execute(HostQueue where, Command command) {
        Probe probe = new Probe(Long.MAX_VALUE);
        where.execute(command).subscribe(probe);
        loop.pump();
        return probe;
    }

    private void pass(Duration time) {
        timer.advanceTimeBy(time);
        loop.pump();
    }

    /** The identifier that an Abort names. */
    private int target(int abort) {
        ByteBuf entry = Unpooled.buffer(SubmissionQueueEntry.LENGTH);
        adminPair.capsule(abort).encode(entry, 0);
        int cdw10 = entry.getIntLE(SubmissionQueueEntry.CDW10);
        entry.release();
        assertThat(cdw10 & 0xFFFF).as("the queue").isEqualTo(1);
        return cdw10 >>> 16;
    }

    /** Obeys an Abort: answers the command, and then the Abort. */
    private void obey(int abort) {
        int target = target(abort);
        loop.run(() -> {
            pair.respond(target, Status.of(StatusCode.ABORTED_POWER_LOSS));
            adminPair.respond(abort);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 200})
    @Covers("Within ACL; bit 0 of the response says not aborted")
    void aBurstOfTimeOutsNeverCostsAConnectionWhoseControllerAnswers(int commands) {
        start(commands, 1, TIMEOUT);
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            probes.add(execute(queue, named(i)));
        }
        pass(TIMEOUT.plus(TICK));
        assertThat(probes).allSatisfy(probe -> assertThat(probe.errors).hasSize(1));
        int answered = 0;
        while (!adminPair.outstanding().isEmpty()) {
            assertThat(adminPair.outstanding()).hasSizeLessThanOrEqualTo(2);
            obey(adminPair.outstanding().get(0));
            answered++;
            pass(TICK); // as slow as that, the last of many has waited for much longer than a command timeout
        }
        assertThat(answered).isEqualTo(commands);
        pass(TIMEOUT.multipliedBy(4));
        assertThat(ends).isEmpty();
        assertThat(pair.outstanding()).isEmpty();
        assertThat(execute(queue, named(1000)).silent()).isTrue();
        assertThat(pair.left).contains(1000);
    }

    @Test
    void anAbortIsNotSentWhenItsCommandIsAnsweredBeforeItsTurn() {
        start(3, 0, TIMEOUT);
        List<Probe> probes = List.of(execute(queue, read(8)), execute(queue, read(8)), execute(queue, read(8)));
        probes.forEach(Probe::cancel);
        loop.pump();
        assertThat(adminPair.outstanding()).hasSize(1);
        int first = target(adminPair.outstanding().get(0));
        for (int id : pair.outstanding()) {
            if (id != first) {
                loop.run(() -> pair.answer(id));
            }
        }
        assertThat(execute(queue, named(77)).silent()).isTrue();
        assertThat(pair.left).as("the slots are free at once").contains(77);
        obeyAll();
        assertThat(adminPair.left).as("Aborts").hasSize(1);
        assertThat(ends).isEmpty();
    }

    private void obeyAll() {
        while (!adminPair.outstanding().isEmpty()) {
            obey(adminPair.outstanding().get(0));
        }
    }

    @Test
    void aCommandHasItsPeriodWhenItsAbortIsAnsweredAndNotBefore() {
        start(2, 0, TIMEOUT);
        Probe first = execute(queue, named(1));
        Probe second = execute(queue, named(2));
        first.cancel();
        second.cancel();
        loop.pump();
        pass(TIMEOUT.minus(TICK));
        obey(adminPair.outstanding().get(0));
        pass(TIMEOUT.minus(TICK));
        int abort = adminPair.outstanding().get(0);
        loop.run(() -> adminPair.respond(abort)); // not obeyed: the command's own answer is due from here on
        pass(TIMEOUT);
        assertThat(ends).isEmpty();
        pass(TICK);
        assertThat(ends).as("the queue pair is given up").hasSize(1);
    }

    /** Bit 0 of the result: a command that was not aborted may still be carried out, and one that was is answered. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Covers("Within ACL; bit 0 of the response says not aborted")
    void whateverTheAbortSaysTheCommandsOwnAnswerFreesItsMemoryAndItsIdentifier(int notAborted) {
        start(1, 0, TIMEOUT);
        ByteBuf data = QueueFixture.data(8);
        Probe late = execute(queue, QueueFixture.write(data));
        pass(TIMEOUT.plus(TICK));
        assertThat(late.errors).hasSize(1);
        int abort = adminPair.outstanding().get(0);
        loop.run(() -> adminPair.respond(abort, notAborted));
        assertThat(data.refCnt()).as("the controller may still read it").isEqualTo(1);
        assertThat(execute(queue, named(2)).silent()).isTrue();
        assertThat(pair.left).hasSize(1);
        pass(TIMEOUT.minus(TICK));
        assertThat(ends).isEmpty();
        loop.run(() -> pair.answer(0));
        assertThat(data.refCnt()).isZero();
        assertThat(pair.left).as("the identifier is free").hasSize(2);
        assertThat(late.errors).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 8})
    void anAbortWithoutAnAnswerHoldsNoMemoryAndIsBounded(long timeoutSeconds) {
        Duration timeout = Duration.ofSeconds(timeoutSeconds);
        Duration period = timeoutSeconds == 0 ? QueueParameters.ORPHAN_TIMEOUT : timeout;
        start(1, 0, timeout);
        Probe probe = execute(queue, read(4096));
        probe.cancel();
        loop.pump();
        loop.run(() -> pair.answer(0));
        assertThat(pair.usedMemory()).as("response and data are in").isZero();
        assertThat(execute(queue, named(2)).silent()).isTrue();
        assertThat(pair.left).as("the Abort may hit the identifier yet").hasSize(1);
        pass(period.multipliedBy(2));
        assertThat(ends).isEmpty();
        pass(period.dividedBy(4));
        assertThat(ends).as("the admin queue pair is given up").hasSize(1);
    }

    @Test
    void abortsWaitBehindNoCommandsOfUsers() {
        start(1, 3, TIMEOUT);
        for (int i = 0; i < ADMIN_SLOTS + 100; i++) {
            execute(admin, named(100 + i));
        }
        assertThat(adminPair.outstanding()).hasSize(ADMIN_SLOTS);
        execute(queue, named(1)).cancel();
        loop.pump();
        assertThat(adminPair.outstanding()).hasSize(ADMIN_SLOTS + 1);
    }

    @Test
    void abortsOfAnAdminQueueThatEndsAreDoneWithoutDeepRecursion() {
        int many = 20_000;
        start(many, 0, TIMEOUT);
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            Probe probe = new Probe(1);
            queue.execute(named(i)).subscribe(probe);
            probes.add(probe);
        }
        loop.pump();
        probes.forEach(Probe::cancel);
        loop.pump();
        loop.run(() -> adminPair.end(new Termination.PeerReset("cut")));
        loop.run(() -> List.copyOf(pair.outstanding()).forEach(pair::answer));
        assertThat(execute(queue, named(-1)).silent()).isTrue();
        assertThat(pair.outstanding()).hasSize(1);
    }
}
