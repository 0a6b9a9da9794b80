package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.BytePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The provider in memory fails as a test wants. */
class MemoryRdmaLinkTest extends RdmaKitFixture {

    private MemoryRdmaSettings settings;
    private MemoryRdmaProvider provider;

    @Override
    protected RdmaProvider newProvider(ByteBufAllocator buffers) {
        settings = MemoryRdmaSettings.defaults().withAllocator(buffers);
        return with(settings);
    }

    private MemoryRdmaProvider with(MemoryRdmaSettings other) {
        provider = new MemoryRdmaProvider(other);
        return provider;
    }

    /** A pair of a provider with other settings. */
    private RdmaPair open(MemoryRdmaSettings other) {
        return openOver(with(other));
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("memory", 0);
    }

    @Override
    protected void cut(RdmaConnection connection) {
        provider.link(connection).cut();
    }

    private MemoryRdmaLink link(RdmaPair pair) {
        return provider.link(pair.connector().connection());
    }

    @Test
    void theNthOperationCutsTheConnection() {
        RdmaPair pair = open();
        RdmaEndpoint connector = pair.connector();
        link(pair).cutAt(4);

        connector.run(() -> {
            for (int i = 0; i < 10; i++) {
                connector.send(pattern(connector, i, 20));
            }
        });

        assertThat(connector.end()).isInstanceOf(RdmaEnd.PeerReset.class);
        assertThat(pair.acceptor().end()).isInstanceOf(RdmaEnd.PeerReset.class);
        assertThat(pair.acceptor().waiting()).isLessThanOrEqualTo(3);
        assertThat(connector.started()).hasSize(11).allMatch(RecordedOperation::isCompleted);
    }

    @Test
    void noMoreReadsThanAgreedAreUnderWay() {
        RdmaPair pair = open(LIMITS, new RdmaLimits(8, 8, 100, 2, 2));
        MemoryRdmaLink link = link(pair);
        RdmaEndpoint connector = pair.connector();
        RdmaWindow window = pair.acceptor().expose(source(pair.acceptor(), 1, 100), RdmaAccess.REMOTE_READ);
        ByteBuf into = destination(connector, 100);
        link.hold(MemoryRdmaLink.End.CONNECTOR);
        link.cutAt(3);

        connector.run(() -> {
            for (int i = 0; i < 5; i++) {
                connector.read(into, 0, 100, window.address(), window.key());
            }
            connector.connection().flush();
        });

        // the third has not left, or both ends had been told by now
        connector.run(() -> {});
        assertThat(connector.hasEnded()).isFalse();
        link.release(MemoryRdmaLink.End.CONNECTOR);
        assertThat(connector.end()).isInstanceOf(RdmaEnd.PeerReset.class);
        pair.acceptor().end();
    }

    @Test
    void whatGoesToAnEndIsHeldInOrder() {
        RdmaPair pair = open();
        MemoryRdmaLink link = link(pair);
        link.hold(MemoryRdmaLink.End.ACCEPTOR);
        RecordedOperation first = pair.connector().send(pattern(pair.connector(), 1, 20));
        RecordedOperation second = pair.connector().send(pattern(pair.connector(), 2, 20));
        exchange(pair.acceptor(), pair.connector());
        assertThat(first.isCompleted()).isFalse();

        link.release(MemoryRdmaLink.End.ACCEPTOR);

        RdmaKit.assertMessage(pair.acceptor().next(), 1, 20);
        RdmaKit.assertMessage(pair.acceptor().next(), 2, 20);
        second.done();
    }

    @Test
    void closingWaitsNoLongerThanItsBoundForAPeerThatTakesNothing() {
        RdmaPair pair = open(settings.withCloseTimeout(Duration.ofMillis(20)));
        MemoryRdmaLink link = link(pair);
        link.hold(MemoryRdmaLink.End.ACCEPTOR);
        RecordedOperation send = pair.connector().send(pattern(pair.connector(), 1, 20));

        pair.connector().connection().close().block(PATIENCE);

        assertThat(send.failureKind()).isEqualTo(RdmaException.Kind.FLUSHED);
        assertThat(pair.connector().end()).isEqualTo(CLOSED_HERE);
        assertThat(pair.acceptor().hasEnded()).isFalse();
        link.release(MemoryRdmaLink.End.ACCEPTOR);
        RdmaKit.assertMessage(pair.acceptor().next(), 1, 20);
        assertThat(pair.acceptor().end()).isEqualTo(CLOSED_THERE);
    }

    @Test
    void anInvalidationGoesMissing() {
        RdmaPair pair = open();
        RdmaWindow window = pair.connector().expose(destination(pair.connector(), 100), RdmaAccess.REMOTE_WRITE);
        link(pair).alterInvalidations(MemoryRdmaLink.End.ACCEPTOR, key -> RdmaConnection.NO_KEY);

        pair.acceptor().send(pattern(pair.acceptor(), 1, 20), null, window.key());

        assertThat(pair.connector().next().invalidated()).isEqualTo(RdmaConnection.NO_KEY);
        assertThat(pair.connector().<Boolean>call(window::isOpen)).isTrue();
    }

    @Test
    void anInvalidationComesTooEarly() {
        RdmaPair pair = open();
        ByteBuf memory = destination(pair.connector(), 100);
        RdmaWindow meant = pair.connector().expose(memory, RdmaAccess.REMOTE_WRITE);
        RdmaWindow other = pair.connector().expose(memory, RdmaAccess.REMOTE_WRITE);
        link(pair).alterInvalidations(MemoryRdmaLink.End.ACCEPTOR, key -> other.key());

        pair.acceptor().send(pattern(pair.acceptor(), 1, 20), null, meant.key());

        assertThat(pair.connector().next().invalidated()).isEqualTo(other.key());
        assertThat(pair.connector().<Boolean>call(meant::isOpen)).isTrue();
        assertThat(pair.connector().<Boolean>call(other::isOpen)).isFalse();
    }

    @Test
    void aWindowThatCannotBeRevokedStaysInReach() {
        RdmaPair pair = open(settings.withoutRevoking());
        ByteBuf memory = destination(pair.connector(), 100);
        RdmaWindow window = pair.connector().expose(memory, RdmaAccess.REMOTE_WRITE);

        assertThat(pair.connector().close(window)).isFalse();

        pair.acceptor()
                .write(pattern(pair.acceptor(), 1, 100), window.address(), window.key())
                .done();
        BytePattern.verify(memory, 0, 100, 1, 0);
        assertThat(pair.connector().<Boolean>call(window::isOpen)).isTrue();
        pair.acceptor().send(pattern(pair.acceptor(), 1, 20), null, window.key());
        pair.connector().next();
        assertThat(pair.connector().close(window)).isTrue();
    }

    @Test
    void anEndTakesNoDataWhileItIsBlocked() {
        RdmaPair pair = open();
        MemoryRdmaLink link = link(pair);
        RdmaEndpoint acceptor = pair.acceptor();

        link.block(MemoryRdmaLink.End.ACCEPTOR, true);

        Awaitility.await().until(() -> acceptor.writableChanges() == 1);
        assertThat(acceptor.<Boolean>call(acceptor.connection()::isWritable)).isFalse();
        assertThat(pair.connector().<Boolean>call(pair.connector().connection()::isWritable))
                .isTrue();
        link.block(MemoryRdmaLink.End.ACCEPTOR, false);
        Awaitility.await().until(() -> acceptor.writableChanges() == 2);
    }

    @Test
    void anEndIsNotWritableWhileItsPeerIsBehind() {
        RdmaPair pair = open(settings.withMaxUntaken(1000));
        RdmaEndpoint connector = pair.connector();
        link(pair).hold(MemoryRdmaLink.End.ACCEPTOR);

        boolean writable = connector.call(() -> {
            connector.send(pattern(connector, 1, 1001));
            connector.connection().flush();
            return connector.connection().isWritable();
        });

        assertThat(writable).isFalse();
        link(pair).release(MemoryRdmaLink.End.ACCEPTOR);
        Awaitility.await().until(() -> connector.<Boolean>call(connector.connection()::isWritable));
        assertThat(connector.writableChanges()).isPositive();
    }

    @Test
    void thereAreNoMoreWindowsThanTheSettingSays() {
        RdmaPair pair = open(settings.withMaxWindows(2));
        ByteBuf memory = destination(pair.connector(), 100);
        List<RdmaWindow> windows = new ArrayList<>();
        windows.add(pair.connector().expose(memory, RdmaAccess.REMOTE_WRITE));
        windows.add(pair.connector().expose(memory, RdmaAccess.REMOTE_READ));

        assertThatThrownBy(() -> pair.connector().expose(memory, RdmaAccess.REMOTE_READ))
                .isInstanceOfSatisfying(
                        RdmaException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(RdmaException.Kind.EXHAUSTED));
        pair.connector().close(windows.get(0));
        pair.connector().expose(memory, RdmaAccess.REMOTE_READ);
    }

    @Test
    void memoryOfSomebodyElseIsRefused() {
        RdmaPair pair = open(settings.withOwnMemory());
        RdmaEndpoint connector = pair.connector();
        ByteBuf foreign = memory().own(memory().given(Unpooled.buffer(100)));

        assertThatThrownBy(() -> connector.expose(foreign, RdmaAccess.REMOTE_READ))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> connector.read(foreign, 0, 10, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> connector.write(memory().given(Unpooled.buffer(10).writeByte(1)), 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        ByteBuf own =
                memory().given(connector.connection().allocator().buffer(10).writeByte(1));
        connector.send(own).done();
    }

    @Test
    void anotherThreadThanTheEventLoopIsRefused() {
        RdmaPair pair = open();

        assertThatThrownBy(() -> pair.connector().connection().flush()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLinkIsForgottenWhenItIsGone() {
        RdmaPair pair = open();
        assertThat(provider.links()).hasSize(1);

        pair.connector().connection().close().block(PATIENCE);

        Awaitility.await().until(() -> provider.links().isEmpty());
    }
}
