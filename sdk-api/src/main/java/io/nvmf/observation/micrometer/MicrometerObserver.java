package io.nvmf.observation.micrometer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import io.nvmf.observation.CommandOperation;
import io.nvmf.observation.ConnectOperation;
import io.nvmf.observation.DiscoveryOperation;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.observation.OperationObserver;
import io.nvmf.observation.RecoveryOperation;
import io.nvmf.observation.TransferOperation;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Makes Micrometer observations of the operations of a client, see {@link NvmeObservations}. Immutable: every method that
 * sets something returns a new one.
 *
 * <pre>{@code
 * NvmeClient.from(uri).observation(MicrometerObserver.of(registry)).connect();
 * }</pre>
 *
 * <p>The parent of an observation is the one that the context of the subscriber has, where Micrometer and Spring put it
 * ({@value #KEY}); if it has none, the one that is current on the subscribing thread, but for commands, which have none
 * then. A recovery has none. The
 * observation is in turn in the context of whatever belongs to the operation, such as the source of a write stream. No
 * scope is opened: thread-locals are for automatic context propagation to set.
 */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public final class MicrometerObserver implements NvmeObserver {

    /** Where an observation is in a context of Reactor; the key that Micrometer's own accessor has. */
    static final String KEY = "micrometer.observation";

    private static final ConnectObservationConvention CONNECT = new DefaultConnectObservationConvention();
    private static final DiscoveryObservationConvention DISCOVERY = new DefaultDiscoveryObservationConvention();
    private static final RecoveryObservationConvention RECOVERY = new DefaultRecoveryObservationConvention();
    private static final TransferObservationConvention TRANSFER = new DefaultTransferObservationConvention();
    private static final CommandObservationConvention COMMAND = new DefaultCommandObservationConvention();

    private final ObservationRegistry registry;
    private @Nullable ConnectObservationConvention connect;
    private @Nullable DiscoveryObservationConvention discovery;
    private @Nullable RecoveryObservationConvention recovery;
    private @Nullable TransferObservationConvention transfer;
    private @Nullable CommandObservationConvention command;
    private boolean commands;

    private MicrometerObserver(ObservationRegistry registry) {
        this.registry = registry;
    }

    /**
     * An observer with the conventions as they are documented. Conventions that the registry has come before these.
     *
     * @param registry takes the observations
     * @return the observer
     */
    public static MicrometerObserver of(ObservationRegistry registry) {
        return new MicrometerObserver(Objects.requireNonNull(registry, "registry"));
    }

    private MicrometerObserver with(Consumer<MicrometerObserver> change) {
        MicrometerObserver changed = new MicrometerObserver(registry);
        changed.connect = connect;
        changed.discovery = discovery;
        changed.recovery = recovery;
        changed.transfer = transfer;
        changed.command = command;
        changed.commands = commands;
        change.accept(changed);
        return changed;
    }

    /**
     * Sets names and values of {@link NvmeObservations#CONNECT}.
     *
     * @param convention comes before those of the registry
     * @return a new observer
     */
    public MicrometerObserver connectConvention(ConnectObservationConvention convention) {
        Objects.requireNonNull(convention, "convention");
        return with(changed -> changed.connect = convention);
    }

    /**
     * Sets names and values of {@link NvmeObservations#DISCOVERY}.
     *
     * @param convention comes before those of the registry
     * @return a new observer
     */
    public MicrometerObserver discoveryConvention(DiscoveryObservationConvention convention) {
        Objects.requireNonNull(convention, "convention");
        return with(changed -> changed.discovery = convention);
    }

    /**
     * Sets names and values of {@link NvmeObservations#RECOVERY}.
     *
     * @param convention comes before those of the registry
     * @return a new observer
     */
    public MicrometerObserver recoveryConvention(RecoveryObservationConvention convention) {
        Objects.requireNonNull(convention, "convention");
        return with(changed -> changed.recovery = convention);
    }

    /**
     * Sets names and values of {@link NvmeObservations#TRANSFER}.
     *
     * @param convention comes before those of the registry
     * @return a new observer
     */
    public MicrometerObserver transferConvention(TransferObservationConvention convention) {
        Objects.requireNonNull(convention, "convention");
        return with(changed -> changed.transfer = convention);
    }

    /**
     * Sets names and values of {@link NvmeObservations#COMMAND}.
     *
     * @param convention comes before those of the registry
     * @return a new observer
     */
    public MicrometerObserver commandConvention(CommandObservationConvention convention) {
        Objects.requireNonNull(convention, "convention");
        return with(changed -> changed.command = convention);
    }

    /**
     * Sets whether every command is an observation of its own, {@link NvmeObservations#COMMAND}. That shows where the
     * time of a command goes, and costs some microseconds and kilobytes for each. Controllers that are connected already
     * go on as they are until their next association.
     *
     * @param on false when nothing is set
     * @return a new observer
     */
    public MicrometerObserver commands(boolean on) {
        return with(changed -> changed.commands = on);
    }

    @Override
    public @Nullable OperationObserver connect(ConnectOperation operation, ContextView context) {
        return registry.isNoop()
                ? null
                : childOf(
                        context, NvmeObservations.CONNECT, connect, CONNECT, new ConnectObservationContext(operation));
    }

    @Override
    public @Nullable OperationObserver discovery(DiscoveryOperation operation, ContextView context) {
        return registry.isNoop()
                ? null
                : childOf(
                        context,
                        NvmeObservations.DISCOVERY,
                        discovery,
                        DISCOVERY,
                        new DiscoveryObservationContext(operation));
    }

    @Override
    public @Nullable OperationObserver recovery(RecoveryOperation operation) {
        if (registry.isNoop()) {
            return null;
        }
        RecoveryObservationContext context = new RecoveryObservationContext(operation);
        Observation observation = NvmeObservations.RECOVERY.observation(recovery, RECOVERY, () -> context, registry);
        // whatever runs on this thread just now, it did not ask for this
        return start(observation.parentObservation(null), context);
    }

    @Override
    public @Nullable OperationObserver transfer(TransferOperation operation, ContextView context) {
        return registry.isNoop()
                ? null
                : childOf(
                        context,
                        NvmeObservations.TRANSFER,
                        transfer,
                        TRANSFER,
                        new TransferObservationContext(operation));
    }

    @Override
    public boolean observesCommands() {
        return commands && !registry.isNoop();
    }

    @Override
    public @Nullable OperationObserver command(CommandOperation operation, ContextView context) {
        CommandObservationContext observed = new CommandObservationContext(operation);
        Observation observation = NvmeObservations.COMMAND.observation(command, COMMAND, () -> observed, registry);
        // what is current on the event loop, if anything, need not have to do with the command
        observation.parentObservation(parent(context));
        return start(observation, observed);
    }

    private static @Nullable Observation parent(ContextView context) {
        return context.getOrDefault(KEY, null) instanceof Observation parent ? parent : null;
    }

    private <C extends NvmeObservationContext<?>> @Nullable OperationObserver childOf(
            ContextView subscriber,
            NvmeObservations documentation,
            @Nullable ObservationConvention<C> chosen,
            ObservationConvention<C> usual,
            C context) {
        Observation observation = documentation.observation(chosen, usual, () -> context, registry);
        Observation parent = parent(subscriber);
        if (parent != null) {
            observation.parentObservation(parent);
        }
        return start(observation, context);
    }

    private static @Nullable OperationObserver start(Observation observation, NvmeObservationContext<?> context) {
        return observation.isNoop() ? null : new ObservationOfOperation(observation.start(), context);
    }
}
