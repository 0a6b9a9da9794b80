package io.nvmf.transport.testkit;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** A host queue pair and the controller queue pair at its other end, each with a recorder of what it receives. */
public final class ConnectedPair implements AutoCloseable {

    /** Demand of the recorders that is never used up. */
    public static final long UNBOUNDED = Long.MAX_VALUE;

    private final TransportListener listener;
    private final HostQueuePair host;
    private final ControllerQueuePair controller;
    private final CapsuleRecorder<ReceivedCommand> commands;
    private final CapsuleRecorder<ResponseCapsule> responses;

    private ConnectedPair(
            TransportListener listener,
            HostQueuePair host,
            ControllerQueuePair controller,
            CapsuleRecorder<ReceivedCommand> commands,
            CapsuleRecorder<ResponseCapsule> responses) {
        this.listener = listener;
        this.host = host;
        this.controller = controller;
        this.commands = commands;
        this.responses = responses;
    }

    /** What {@link #open} varies. */
    public record Settings(
            boolean admin,
            int queueSize,
            int maxInCapsuleData,
            long commandDemand,
            long responseDemand,
            TransportOptions hostOptions,
            TransportOptions listenerOptions) {

        /** An admin queue of 128 entries with unbounded demand at both ends. */
        public static Settings defaults() {
            return new Settings(
                    true,
                    128,
                    HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA,
                    UNBOUNDED,
                    UNBOUNDED,
                    TransportOptions.none(),
                    TransportOptions.none());
        }

        public Settings withAdmin(boolean value) {
            return new Settings(
                    value, queueSize, maxInCapsuleData, commandDemand, responseDemand, hostOptions, listenerOptions);
        }

        public Settings withMaxInCapsuleData(int bytes) {
            return new Settings(admin, queueSize, bytes, commandDemand, responseDemand, hostOptions, listenerOptions);
        }

        public Settings withDemand(long ofCommands, long ofResponses) {
            return new Settings(
                    admin, queueSize, maxInCapsuleData, ofCommands, ofResponses, hostOptions, listenerOptions);
        }

        public Settings withOptions(TransportOptions ofHost, TransportOptions ofListener) {
            return new Settings(admin, queueSize, maxInCapsuleData, commandDemand, responseDemand, ofHost, ofListener);
        }
    }

    /** Listens, connects, and subscribes at both ends. */
    public static ConnectedPair open(TransportProvider provider, TransportAddress address, Settings settings) {
        CapsuleRecorder<ReceivedCommand> commands = new CapsuleRecorder<>(settings.commandDemand());
        CompletableFuture<ControllerQueuePair> accepted = new CompletableFuture<>();
        TransportListener listener = get(provider.listen(address, settings.listenerOptions(), queuePair -> {
            queuePair.commands().subscribe(commands);
            accepted.complete(queuePair);
        }));
        HostQueuePair host = get(provider.connect(
                TestQueuePairs.parameters(listener.address(), settings.admin(), settings.maxInCapsuleData())
                        .queueSize(settings.queueSize())
                        .connectTimeout(PATIENCE)
                        .options(settings.hostOptions())
                        .build()));
        CapsuleRecorder<ResponseCapsule> responses = new CapsuleRecorder<>(settings.responseDemand());
        host.responses().subscribe(responses);
        return new ConnectedPair(listener, host, get(accepted), commands, responses);
    }

    public TransportListener listener() {
        return listener;
    }

    public HostQueuePair host() {
        return host;
    }

    public ControllerQueuePair controller() {
        return controller;
    }

    /** Commands that the controller has received. */
    public CapsuleRecorder<ReceivedCommand> commands() {
        return commands;
    }

    /** Responses that the host has received. */
    public CapsuleRecorder<ResponseCapsule> responses() {
        return responses;
    }

    /** Calls on the host's event loop and waits for the result. */
    public <T> T onHost(Callable<T> call) {
        return on(host, call);
    }

    /** Runs on the host's event loop and waits for the end. */
    public void runOnHost(Runnable task) {
        on(host, () -> {
            task.run();
            return true;
        });
    }

    /** Calls on the controller's event loop and waits for the result. */
    public <T> T onController(Callable<T> call) {
        return on(controller, call);
    }

    /** Runs on the controller's event loop and waits for the end. */
    public void runOnController(Runnable task) {
        on(controller, () -> {
            task.run();
            return true;
        });
    }

    /** Submits on the host's event loop. */
    public <C extends CommandCapsule> C submit(C capsule) {
        runOnHost(() -> host.submit(capsule));
        return capsule;
    }

    /** Submits and waits until the controller has the command. */
    public ReceivedCommand deliver(CommandCapsule capsule) {
        submit(capsule);
        return commands.next();
    }

    /** Responds with success on the controller's event loop, after releasing the command. */
    public void succeed(ReceivedCommand command) {
        runOnController(() -> {
            int commandId = command.entry().commandId();
            command.release();
            controller.submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
        });
    }

    /** Sends a part of the data on the controller's event loop. */
    public SendOutcome send(ReceivedCommand command, long offset, ByteBuf data) {
        return onController(() -> command.send(offset, data));
    }

    /** Releases on the controller's event loop. */
    public void release(ReceivedCommand command) {
        runOnController(command::release);
    }

    /** The controller treats each command this way, on its event loop; the command is released afterwards. */
    public void serve(Consumer<ReceivedCommand> server) {
        commands.handle(command -> {
            try {
                server.accept(command);
            } finally {
                command.release();
            }
        });
    }

    /** How the host's side has ended; waits for it. */
    public Termination hostTermination() {
        return get(host.termination());
    }

    /** How the controller's side has ended; waits for it. */
    public Termination controllerTermination() {
        return get(controller.termination());
    }

    /** Closes everything, waits until both sides have ended, and releases commands nobody asked for. */
    @Override
    public void close() {
        host.close().block(PATIENCE);
        controller.close().block(PATIENCE);
        listener.close().block(PATIENCE);
        runOnController(() -> {
            for (ReceivedCommand command = commands.poll(); command != null; command = commands.poll()) {
                command.release();
            }
        });
    }

    /** Waits for a value and fails if none comes. */
    public static <T> T get(Mono<T> mono) {
        T value = mono.block(PATIENCE);
        if (value == null) {
            throw new AssertionError("completed without a value");
        }
        return value;
    }

    private static <T> T get(CompletableFuture<T> future) {
        return get(Mono.fromFuture(future));
    }

    private static <T> T on(QueuePair queuePair, Callable<T> call) {
        Duration patience = PATIENCE;
        try {
            return queuePair.executor().submit(call).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (Exception e) {
            throw new AssertionError("on the event loop: " + e, e);
        }
    }
}
