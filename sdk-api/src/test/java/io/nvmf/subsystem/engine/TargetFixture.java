package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.security.Security;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.Property;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A target over a transport of its own, and hosts that speak to it in raw capsules. */
final class TargetFixture implements AutoCloseable {

    static final String SUBSYSTEM = "nqn.2024-01.io.nvmf:test";
    static final String HOST = "nqn.2024-01.io.nvmf:host";
    static final UUID HOST_ID = UUID.fromString("11111111-2222-3333-4444-555555555555");
    static final int BLOCK = 512;
    static final int BLOCKS = 4096;

    final LoopTransport transport;
    final TargetServer server;
    private final List<RawQueue> queues = new ArrayList<>();

    private TargetFixture(LoopTransport transport, TargetServer server) {
        this.transport = transport;
        this.server = server;
    }

    static TargetFixture start() {
        return with(BlockStore.memory((long) BLOCKS * BLOCK, BLOCK));
    }

    static TargetFixture with(BlockStore store) {
        return start(
                TargetOptions.DEFAULTS,
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, store));
    }

    static TargetFixture start(TargetOptions limits, Scheduler timer, SubsystemOptions... subsystems) {
        return start(new LoopTransport(), limits, timer, subsystems);
    }

    static TargetFixture start(
            LoopTransport transport, TargetOptions limits, Scheduler timer, SubsystemOptions... subsystems) {
        return start(transport, TargetServer.bind(parameters(transport, limits, timer, subsystems)));
    }

    /** A target that asks something of its hosts. */
    static TargetFixture start(
            Logger refused, Security security, TargetOptions limits, Scheduler timer, SubsystemOptions... subsystems) {
        LoopTransport transport = new LoopTransport();
        TargetParameters parameters = parameters(transport, security, limits, timer, subsystems);
        return start(transport, TargetServer.bind(parameters, refused));
    }

    /** A target whose transport is made around another one. */
    static TargetFixture start(
            LoopTransport inner,
            TransportProvider transport,
            Security security,
            TargetOptions limits,
            Scheduler timer,
            SubsystemOptions... subsystems) {
        return start(inner, TargetServer.bind(parameters(transport, security, limits, timer, subsystems)));
    }

    /** A target that writes there whom it has refused. */
    static TargetFixture start(Logger refused, TargetOptions limits, SubsystemOptions... subsystems) {
        LoopTransport transport = new LoopTransport();
        TargetParameters parameters = parameters(transport, limits, Schedulers.parallel(), subsystems);
        return start(transport, TargetServer.bind(parameters, refused));
    }

    private static TargetParameters parameters(
            LoopTransport transport, TargetOptions limits, Scheduler timer, SubsystemOptions... subsystems) {
        return parameters(transport, Security.none(), limits, timer, subsystems);
    }

    private static TargetParameters parameters(
            TransportProvider transport,
            Security security,
            TargetOptions limits,
            Scheduler timer,
            SubsystemOptions... subsystems) {
        return new TargetParameters(
                List.of(new ListenAddress(TransportType.LOOP, TransportAddress.of("target", 0))),
                TransportRegistry.empty().register(transport),
                TransportOptions.none(),
                null,
                List.of(subsystems),
                limits,
                security,
                timer);
    }

    private static TargetFixture start(LoopTransport transport, Mono<TargetServer> binding) {
        TargetServer server = binding.block(RawQueue.PATIENCE);
        assertThat(server).isNotNull();
        return new TargetFixture(transport, server);
    }

    /** A connection without Connect. */
    RawQueue open(boolean admin) {
        RawQueue queue = RawQueue.open(transport, server.addresses().get(0).address(), admin, 8192);
        queues.add(queue);
        return queue;
    }

    static byte[] connectData(UUID hostId, int controllerId, String subsystem, String host) {
        ByteBuf buffer = Unpooled.buffer(ConnectData.LENGTH).writeZero(ConnectData.LENGTH);
        new ConnectData(hostId, controllerId, subsystem, host).encode(buffer, 0);
        return ByteBufUtil.getBytes(buffer);
    }

    static RawCommand connect(int queueId, int entries, int attributes, long kato, byte[] data) {
        return RawCommand.of(entry -> new ConnectCommand(0, queueId, entries - 1, attributes, kato).encode(entry, 0))
                .sending(data);
    }

    static RawCommand connectAdmin(long kato) {
        return connect(0, 32, 0, kato, connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST));
    }

    static RawCommand connectIo(int queueId, int controllerId, int entries, int attributes) {
        return connect(queueId, entries, attributes, 0, connectData(HOST_ID, controllerId, SUBSYSTEM, HOST));
    }

    static RawCommand enable() {
        return RawCommand.set(
                Property.CC,
                ControllerConfiguration.enable(ControllerConfiguration.CSS_NVM).encode());
    }

    /** An admin queue of an enabled controller. */
    Admin admin() {
        return admin(0);
    }

    Admin admin(long kato) {
        RawQueue queue = open(true);
        ResponseCapsule response = queue.succeed(connectAdmin(kato));
        queue.succeed(enable());
        return new Admin(queue, response.dw0() & 0xFFFF);
    }

    /** An admin queue of an enabled discovery controller. */
    RawQueue discovery() {
        RawQueue queue = open(true);
        queue.succeed(connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, Nqn.DISCOVERY, HOST)));
        queue.succeed(enable());
        return queue;
    }

    record Admin(RawQueue queue, int controllerId) {}

    /** An I/O queue of 16 entries of a new controller, with SQ flow control. */
    RawQueue io() {
        return io(admin().controllerId(), 1, 0);
    }

    RawQueue io(int controllerId, int queueId, int attributes) {
        RawQueue queue = open(false);
        queue.succeed(connectIo(queueId, controllerId, 16, attributes));
        return queue;
    }

    @Override
    public void close() {
        queues.forEach(RawQueue::close);
        server.close().block(RawQueue.PATIENCE);
        assertThat(server.connections()).isZero();
        assertThat(server.controllers()).isZero();
    }
}
