package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.ExhaustibleAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What memory small data is copied to, when that is used again, and how much of it there is. */
class OutboundSlabTest {

    private static final int BLOCK = 4096;

    /** With its header. */
    private static final int PDU = 72 + BLOCK;

    /** More than the own buffer holds, and less than the slab of the event loop. */
    private static final int SOME = 8;

    private final ExhaustibleAllocator memory = new ExhaustibleAllocator();
    private final List<EmbeddedHost> hosts = new ArrayList<>();
    private int nextId;

    @AfterEach
    void everythingIsGivenBack() {
        hosts.forEach(EmbeddedHost::close);
        assertThat(memory.usedMemory()).isZero();
    }

    /** A connection all of whose memory is counted. */
    private EmbeddedHost host() {
        EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 8192, memory);
        hosts.add(host);
        host.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(256 * 1024, 1024 * 1024));
        host.channel.copyWhatIsTaken();
        host.handshake();
        return host;
    }

    /** Sends writes in one turn. */
    private List<TestPdu> turn(EmbeddedHost host, int count) {
        List<TestPdu> pdus = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int id = nextId++ % 1000;
            byte[] data = EmbeddedPair.pattern(nextId * BLOCK, BLOCK);
            host.queuePair.submit(Capsule.send(id, data));
            pdus.add(TestPdu.capsuleCmd(0x01, id, 0).inCapsule(data));
        }
        host.channel.runPendingTasks();
        return pdus;
    }

    private static void expect(EmbeddedHost host, List<TestPdu> pdus) {
        host.expectSent(pdus.toArray(TestPdu[]::new));
    }

    /** Where the last buffer lay that the socket has taken. */
    private static long last(EmbeddedHost host) {
        return host.channel.taken.get(host.channel.taken.size() - 1);
    }

    @Test
    void anIdleConnectionHasItsOwnBufferOnly() {
        EmbeddedHost first = host();
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN);
        expect(first, turn(first, 1));
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN);

        EmbeddedHost second = host();
        expect(first, turn(first, SOME));
        expect(second, turn(second, SOME));

        assertThat(memory.usedMemory()).isEqualTo(2 * OutboundSlab.OWN + LoopSlab.SIZE);
    }

    @Test
    void theLastConnectionTakesTheSlabOfTheEventLoopWithIt() {
        EmbeddedHost first = host();
        EmbeddedHost second = host();
        expect(first, turn(first, SOME));
        first.close();
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN + LoopSlab.SIZE);

        second.close();

        assertThat(memory.usedMemory()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, SOME})
    void everyTurnUsesTheSameMemory(int count) {
        EmbeddedHost host = host();
        EmbeddedHost other = host();
        expect(host, turn(host, SOME));
        long address = last(host);

        for (int i = 0; i < 3; i++) {
            expect(host, turn(host, count));
            assertThat(last(host)).isEqualTo(address);
            expect(other, turn(other, count));
            assertThat(last(other)).isEqualTo(address);
        }
    }

    @Test
    void headersUseTheSameMemoryInEveryTurn() {
        EmbeddedHost host = host();
        host.submit(new Capsule(0x18, 1));
        long address = last(host);

        host.submit(new Capsule(0x18, 2));

        assertThat(last(host)).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, PDU, SOME * PDU - 1})
    void memoryIsNotUsedAgainWhileTheSocketHasNotTakenIt(int taken) {
        EmbeddedHost host = host();
        host.channel.stallAfter(taken);
        List<TestPdu> pdus = new ArrayList<>(turn(host, SOME));
        for (int i = 0; i < 3; i++) {
            pdus.addAll(turn(host, SOME));
        }

        host.channel.stall(false);

        expect(host, pdus);
    }

    @Test
    void aStalledConnectionFillsItsMemoryUp() {
        EmbeddedHost host = host();
        host.channel.stall(true);
        int pdus = 0;
        while (host.channel.isWritable()) {
            pdus += turn(host, 3).size();
            // One buffer may be just begun.
            assertThat(memory.usedMemory())
                    .isLessThanOrEqualTo(
                            OutboundSlab.OWN + LoopSlab.SIZE + OutboundSlab.FURTHER + (long) pdus * PDU * 9 / 8);
        }
        assertThat(pdus * PDU).isGreaterThan(1000 * 1000);
    }

    @Test
    void onlyOneOfManyStalledConnectionsHoldsTheSlabOfTheEventLoop() {
        int connections = 20;
        for (int i = 0; i < connections; i++) {
            EmbeddedHost host = host();
            host.channel.stall(true);
            turn(host, 3);
        }

        assertThat(memory.usedMemory())
                .isLessThanOrEqualTo(LoopSlab.SIZE + connections * (OutboundSlab.OWN + OutboundSlab.FURTHER));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, 20, 100, 200})
    void aConnectionThatWasStalledGivesTheMemoryBackThatOthersMayUse(int turns) {
        EmbeddedHost slow = host();
        EmbeddedHost other = host();
        List<TestPdu> pdus = new ArrayList<>(turn(slow, SOME));
        long address = last(slow);
        slow.channel.stallAfter(1);
        for (int i = 0; i < turns; i++) {
            pdus.addAll(turn(slow, 1));
        }
        slow.channel.flush();
        expect(other, turn(other, SOME));
        assertThat(last(other)).isNotEqualTo(address);

        slow.channel.stall(false);

        expect(slow, pdus);
        assertThat(memory.usedMemory()).isEqualTo(2 * OutboundSlab.OWN + LoopSlab.SIZE);
        expect(other, turn(other, SOME));
        assertThat(last(other)).isEqualTo(address);
    }

    @Test
    void memoryIsGivenBackAlsoIfTheSocketTakesItBitByBit() {
        EmbeddedHost host = host();
        host.channel.stall(true);
        List<TestPdu> pdus = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            pdus.addAll(turn(host, 2));
            host.channel.stallAfter(PDU + PDU / 3);
            host.channel.flush();
        }

        host.channel.stall(false);

        expect(host, pdus);
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN + LoopSlab.SIZE);
    }

    @Test
    void aStalledConnectionThatClosesGivesEverythingBack() {
        EmbeddedHost slow = host();
        EmbeddedHost other = host();
        slow.channel.stall(true);
        for (int i = 0; i < 20; i++) {
            turn(slow, SOME);
        }

        slow.channel.close();
        slow.channel.runPendingTasks();

        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN + LoopSlab.SIZE);
        expect(other, turn(other, SOME));
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN + LoopSlab.SIZE);
    }

    @Test
    void withoutMemoryTheOwnBufferDoes() {
        EmbeddedHost host = host();
        memory.exhausted = true;
        List<TestPdu> pdus = turn(host, 32);
        expect(host, pdus);
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN);

        memory.exhausted = false;
        expect(host, turn(host, 32));
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN + LoopSlab.SIZE);
    }

    @Test
    void aStalledConnectionWithoutMemoryGoesOn() {
        EmbeddedHost host = host();
        host.channel.stall(true);
        // In the own buffer there is something on its way already.
        List<TestPdu> pdus = new ArrayList<>(turn(host, 1));
        pdus.addAll(turn(host, 40));
        memory.exhausted = true;
        // Enough headers to fill up what is left in the slab of the event loop.
        pdus.addAll(turn(host, 100));
        memory.exhausted = false;
        pdus.addAll(turn(host, 40));

        host.channel.stall(false);
        for (int i = 0; i < 10; i++) {
            host.channel.advanceTimeBy(5, TimeUnit.MILLISECONDS);
            host.channel.runScheduledPendingTasks();
        }

        expect(host, pdus);
        assertThat(host.end()).isNull();
        assertThat(memory.usedMemory()).isEqualTo(OutboundSlab.OWN + LoopSlab.SIZE);
    }

    @Test
    void theSlabOfAnEventLoopEndsWithIt() throws Exception {
        DefaultEventLoop loop = new DefaultEventLoop();
        LoopSlab slab = loop.submit(LoopSlab::join).get();
        ByteBuf idle = loop.submit(() -> slab.lend(memory)).get();
        loop.submit(() -> slab.giveBack(idle)).get();
        assertThat(slab.isIdle()).isTrue();

        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).get();

        assertThat(idle.refCnt()).isZero();
    }

    @Test
    void aSlabThatIsGivenBackAfterTheEventLoopsEndIsFreed() throws Exception {
        DefaultEventLoop loop = new DefaultEventLoop();
        LoopSlab slab = loop.submit(LoopSlab::join).get();
        loop.submit(LoopSlab::join).get();
        ByteBuf lent = loop.submit(() -> slab.lend(memory)).get();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).get();

        slab.giveBack(lent);

        assertThat(lent.refCnt()).isZero();
        assertThat(slab.isIdle()).isFalse();
    }
}
