package io.nvmf.host.association;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.HostBehavior;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.KeepAliveTimer;
import io.nvmf.spec.NumberOfQueues;
import io.nvmf.spec.Property;
import io.nvmf.spec.Version;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The steps from nothing to an association that takes I/O, in the order that the NVMe Base Specification prescribes: connect
 * the admin queue, read CAP and VS, enable the controller, identify it, agree on the number of queues, connect the I/O queues.
 *
 * <p>Used once. The steps run one after the other, so the fields need no protection; only the I/O queues connect at the same
 * time, and they touch no field.
 */
final class ControllerInitialization {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerInitialization.class);

    /** Smallest time to become ready that is believed; it stands for a controller that states 0. */
    private static final Duration MIN_ENABLE_TIME = Duration.ofMillis(500);

    /** CAP.CRMS: CRTO.CRWMT says how long it takes to become ready with media. */
    private static final int CRMS_WITH_MEDIA = 1;

    /** Unit of CRTO.CRWMT in milliseconds. */
    private static final long CRWMT_UNIT_MILLIS = 500;

    /** IOCCSZ of a capsule that is no more than a submission queue entry, in units of 16 bytes. */
    private static final int MIN_IOCCSZ = 4;

    private record Connected(HostQueue queue, int controllerId) {}

    private final AssociationParameters parameters;
    private final Association association;
    private final Failures failures;

    @SuppressWarnings("NullAway.Init") // set by the first step
    private HostQueue admin;

    @SuppressWarnings("NullAway.Init") // set by the first step
    private AdminCommands adminCommands;

    @SuppressWarnings("NullAway.Init") // set by the second step
    private ControllerCapabilities capabilities;

    @SuppressWarnings("NullAway.Init") // set by the second step
    private Version version;

    @SuppressWarnings("NullAway.Init") // set by the third step
    private ControllerConfiguration configuration;

    @SuppressWarnings("NullAway.Init") // set by the fourth step
    private IdentifyController identify;

    private int controllerId;

    /** Where all queues of the association go: what the admin queue was given, and then where that led to. */
    private TransportAddress address;

    /** How long the controller may take to become ready, and which property says so. */
    private Duration readyTime = MIN_ENABLE_TIME;

    private String readyProperty = "CAP.TO";

    ControllerInitialization(AssociationParameters parameters, Association association, Failures failures) {
        this.parameters = parameters;
        this.association = association;
        this.address = parameters.address();
        this.failures = failures;
    }

    Mono<Association.Established> run() {
        return connectAdminQueue()
                .then(Mono.defer(this::readCapabilities))
                .then(Mono.defer(this::readReadyTimeouts))
                .then(Mono.defer(this::enable))
                .then(Mono.defer(this::identifyController))
                .then(Mono.defer(this::agreeOnKeepAlive))
                .then(Mono.defer(this::enableRetryDelays))
                .then(Mono.defer(this::connectIoQueues))
                .map(ioQueues -> new Association.Established(
                        controllerId, capabilities, version, identify, admin, adminCommands, ioQueues, configuration));
    }

    private Mono<Void> connectAdminQueue() {
        return connect(
                        0,
                        parameters.adminQueueSize(),
                        HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA,
                        parameters.keepAlive().toMillis(),
                        ConnectData.CNTLID_DYNAMIC)
                .doOnNext(connected -> {
                    admin = connected.queue();
                    // a name may lead elsewhere a moment later, but all queues go to one controller
                    address = admin.queuePair().remoteAddress().orElse(address);
                    adminCommands = new AdminCommands(admin, failures);
                    controllerId = connected.controllerId();
                    if (controllerId > ConnectData.CNTLID_MAX) {
                        throw failures.protocol("Connect: controller identifier " + controllerId + " is beyond "
                                + ConnectData.CNTLID_MAX);
                    }
                })
                .then();
    }

    private Mono<Void> readCapabilities() {
        return bounded("Property Get CAP", adminCommands.propertyGet(Property.CAP))
                .doOnNext(value -> capabilities = ControllerCapabilities.decode(value))
                .then(Mono.defer(() -> bounded("Property Get VS", adminCommands.propertyGet(Property.VS))))
                .doOnNext(value -> {
                    version = Version.decode(value.intValue());
                    checkCapabilities();
                })
                .then();
    }

    private void checkCapabilities() {
        // MQES is about I/O queues, and some discovery controllers state 0
        if (capabilities.mqes() == 0 && !parameters.discovery()) {
            throw failures.protocol("CAP.MQES is 0, a queue has at least 2 entries");
        }
        if (capabilities.mpsmin() > capabilities.mpsmax()) {
            throw failures.protocol(
                    "CAP.MPSMIN " + capabilities.mpsmin() + " is above CAP.MPSMAX " + capabilities.mpsmax());
        }
    }

    /** CRTO, where CAP.CRMS says that there is one; controllers that have it may state less in CAP.TO than they need. */
    private Mono<Void> readReadyTimeouts() {
        readyTime = longer(readyTime, capabilities.timeout());
        if ((capabilities.crms() & CRMS_WITH_MEDIA) == 0) {
            return Mono.empty();
        }
        return bounded("Property Get CRTO", adminCommands.propertyGet(Property.CRTO))
                .doOnNext(value -> {
                    Duration withMedia = Duration.ofMillis((value & 0xFFFF) * CRWMT_UNIT_MILLIS);
                    if (withMedia.compareTo(readyTime) > 0) {
                        readyTime = withMedia;
                        readyProperty = "CRTO.CRWMT";
                    }
                })
                .then();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private Mono<Void> enable() {
        // MDTS and the host count in pages of the smallest size
        configuration = ControllerConfiguration.enable(commandSets()).withMps(capabilities.mpsmin());
        return bounded(
                        "Property Set CC",
                        adminCommands
                                .propertySet(Property.CC, configuration.encode() & 0xFFFF_FFFFL)
                                .thenReturn(true))
                .then(StatusPoll.until(adminCommands, this::isReady, parameters.timer())
                        .timeout(
                                readyTime,
                                Mono.error(() -> failures.timeout(
                                        "enable the controller of " + parameters.target()
                                                + ": CSTS.RDY did not become 1 within " + readyProperty,
                                        readyTime,
                                        CommandOutcome.NOT_CONNECTED)),
                                parameters.timer()))
                .then();
    }

    private int commandSets() {
        int css = capabilities.css();
        if (parameters.discovery() || (css & ControllerCapabilities.CSS_NVM) != 0) {
            return ControllerConfiguration.CSS_NVM;
        }
        if ((css & ControllerCapabilities.CSS_IO_COMMAND_SETS) != 0) {
            return ControllerConfiguration.CSS_ALL;
        }
        throw failures.unreachable(
                "connect to " + parameters.target(),
                new UnsupportedOperationException("CAP.CSS is " + Integer.toHexString(css)
                        + "h: the controller has no NVM command set, so there is nothing to read or write"));
    }

    private boolean isReady(ControllerStatus status) {
        if (status.fatal()) {
            throw failures.unreachable(
                    "enable the controller of " + parameters.target(),
                    new IllegalStateException("the controller reports a fatal error (CSTS.CFS is 1)"));
        }
        return status.ready();
    }

    private Mono<Void> identifyController() {
        return bounded(
                        "Identify Controller",
                        adminCommands.identify(
                                new IdentifyCommand(IdentifyCommand.CNS_CONTROLLER, 0),
                                data -> new IdentifyController().wrap(data, 0)))
                .doOnNext(structure -> {
                    identify = structure;
                    checkIdentify();
                    failures.retryDelays(structure);
                    association.abortLimit((int) structure.get(Field.ACL));
                })
                .then();
    }

    /**
     * Connect carries KATO as it was asked for, because the granularity (KAS) is not known before. Where it does not fit, the
     * controller is told the value that does, so that both sides count the same; one that does not take it rounds by itself.
     */
    private Mono<Void> agreeOnKeepAlive() {
        Duration asked = parameters.keepAlive();
        int granularity = (int) identify.get(Field.KAS);
        KeepAliveTimer timer =
                granularity == 0 ? new KeepAliveTimer(0) : new KeepAliveTimer(asked.toMillis()).roundedUp(granularity);
        Mono<Void> told = Mono.empty();
        if (!timer.timeout().equals(asked)) {
            LOG.info(
                    "keep alive timeout with {} is {} ms instead of {} ms: the controller's granularity (KAS) is {} ms",
                    parameters.target(),
                    timer.millis(),
                    asked.toMillis(),
                    granularity * 100L);
            if (granularity != 0) {
                told = bounded(
                                "Set Features Keep Alive Timer",
                                adminCommands.setFeature(FeatureId.KEEP_ALIVE_TIMER, timer.encode()))
                        .onErrorResume(NvmeStatusException.class, refused -> {
                            LOG.debug("{} rounds its keep alive timeout itself", parameters.target(), refused);
                            return Mono.empty();
                        })
                        .then();
            }
        }
        return told.then(Mono.fromRunnable(() -> association.keepAlive(admin, identify, timer.timeout())));
    }

    private void checkIdentify() {
        long cntlid = identify.get(Field.CNTLID);
        if (cntlid != controllerId) {
            throw failures.protocol("Identify Controller: CNTLID is " + cntlid + ", Connect said " + controllerId);
        }
        if (identify.get(Field.MDTS) > Long.SIZE) {
            throw failures.protocol("Identify Controller: MDTS is " + identify.get(Field.MDTS));
        }
        long type = identify.get(Field.CNTRLTYPE);
        boolean otherType = parameters.discovery()
                ? type == IdentifyController.TYPE_IO || type == IdentifyController.TYPE_ADMINISTRATIVE
                : type == IdentifyController.TYPE_DISCOVERY || type == IdentifyController.TYPE_ADMINISTRATIVE;
        if (otherType) {
            throw failures.unreachable(
                    "connect to " + parameters.target(),
                    new UnsupportedOperationException("CNTRLTYPE is " + type + ", this is "
                            + (parameters.discovery() ? "no discovery controller" : "no I/O controller")));
        }
        if (!parameters.discovery() && identify.get(Field.IOCCSZ) < MIN_IOCCSZ) {
            throw failures.protocol("Identify Controller: IOCCSZ is " + identify.get(Field.IOCCSZ)
                    + ", a command capsule has at least " + MIN_IOCCSZ + " units of 16 bytes");
        }
    }

    /** Without ACRE a controller may not ask for retry delays. */
    private Mono<Void> enableRetryDelays() {
        boolean delays =
                identify.get(Field.CRDT1) != 0 || identify.get(Field.CRDT2) != 0 || identify.get(Field.CRDT3) != 0;
        if (parameters.discovery() || !delays) {
            return Mono.empty();
        }
        byte[] behavior = new byte[HostBehavior.LENGTH];
        new HostBehavior(true, false, false, false, 0).encode(Unpooled.wrappedBuffer(behavior), 0);
        return bounded(
                        "Set Features Host Behavior Support",
                        adminCommands
                                .setFeature(FeatureId.HOST_BEHAVIOR_SUPPORT, behavior)
                                .thenReturn(true))
                .then();
    }

    private Mono<List<HostQueue>> connectIoQueues() {
        int asked = parameters.ioQueues();
        if (asked == 0) {
            return Mono.just(List.of());
        }
        return bounded(
                        "Set Features Number of Queues",
                        adminCommands.setFeature(FeatureId.NUMBER_OF_QUEUES, new NumberOfQueues(asked, asked).encode()))
                .flatMapMany(granted -> Flux.range(
                        1, Math.min(asked, NumberOfQueues.decode(granted).queuePairs())))
                .flatMap(
                        queueId -> connect(queueId, ioQueueSize(), inCapsuleData(), 0, controllerId), Integer.MAX_VALUE)
                .map(Connected::queue)
                .collectSortedList(Comparator.comparingInt(HostQueue::queueId))
                .map(List::copyOf);
    }

    private int ioQueueSize() {
        int size = Math.min(parameters.queueSize(), capabilities.mqes() + 1);
        int mostCommands = (int) identify.get(Field.MAXCMD);
        return mostCommands == 0 ? size : Math.min(size, mostCommands + 1);
    }

    private int inCapsuleData() {
        if (identify.inCapsuleDataOffset() != 0) {
            return 0;
        }
        return (int) Math.min(identify.inCapsuleDataSize(), Integer.MAX_VALUE);
    }

    private Mono<Connected> connect(int queueId, int queueSize, int inCapsuleData, long kato, int cntlid) {
        HostQueuePairParameters wanted = new HostQueuePairParameters(
                address, queueId == 0, queueSize, inCapsuleData, parameters.stepTimeout(), parameters.options());
        ConnectCommand command = new ConnectCommand(
                0,
                queueId,
                queueSize - 1,
                parameters.sqFlowControl() ? 0 : ConnectCommand.DISABLE_SQ_FLOW_CONTROL,
                kato);
        ConnectData data =
                new ConnectData(parameters.hostId(), cntlid, parameters.subsystemNqn(), parameters.hostNqn());
        return parameters
                .registry()
                .connect(parameters.transportType(), wanted)
                .onErrorMap(cause -> unreachable(queueId, cause))
                .map(queuePair -> association.adopt(queuePair, queueId, queueSize))
                .flatMap(queue -> bounded("Connect of queue " + queueId, send(queue, command, data))
                        .map(answer -> accept(queue, command, data, answer)));
    }

    private Throwable unreachable(int queueId, Throwable cause) {
        String what = "connect queue " + queueId + " to " + parameters.target();
        Throwable root = cause instanceof QueuePairTerminatedException ended
                        && ended.termination() instanceof Termination.IoFailure failure
                ? failure.cause()
                : cause;
        return root instanceof TimeoutException
                ? failures.timeout(
                        what + ": " + root.getMessage(), parameters.stepTimeout(), CommandOutcome.NOT_CONNECTED)
                : failures.unreachable(what, cause);
    }

    /** The status stays in band, for dword 0 says what is wrong with the parameters. */
    private Mono<Completion> send(HostQueue queue, ConnectCommand command, ConnectData data) {
        return queue.execute(Mono.fromSupplier(() -> encode(queue, command, data)))
                .single();
    }

    private Command encode(HostQueue queue, ConnectCommand command, ConnectData data) {
        ByteBuf buffer;
        try {
            buffer = queue.queuePair().allocator().buffer(ConnectData.LENGTH, ConnectData.LENGTH);
        } catch (OutOfMemoryError exhausted) {
            throw failures.noMemory("Connect of queue " + queue.queueId(), ConnectData.LENGTH, exhausted);
        }
        buffer.writeZero(ConnectData.LENGTH);
        data.encode(buffer, 0);
        return AdminCommands.command(command::encode).send(buffer);
    }

    private Connected accept(HostQueue queue, ConnectCommand command, ConnectData data, Completion answer) {
        if (!answer.isSuccess()) {
            throw failures.status(
                    ConnectRefusalText.explain(parameters.target(), command, data, answer),
                    answer.command(),
                    answer.status(),
                    true);
        }
        ConnectResponse response = ConnectResponse.decode(answer.response().dw0());
        if (response.authenticationRequired() || response.secureChannelRequired()) {
            throw failures.unreachable(
                    "connect queue " + queue.queueId() + " to " + parameters.target(),
                    new UnsupportedOperationException(
                            "the controller asks for in-band authentication (AUTHREQ), which this host cannot do;"
                                    + " allow host " + data.hostNqn() + " without"));
        }
        if (!answer.response().sqHeadValid()
                || answer.response().sqHead() != CompletionQueueEntry.SQHD_FLOW_CONTROL_DISABLED) {
            association.sqFlowControlOn();
        }
        return new Connected(queue, response.controllerId());
    }

    private <T> Mono<T> bounded(String step, Mono<T> work) {
        return work.timeout(
                parameters.stepTimeout(),
                Mono.error(() -> failures.timeout(
                        step + " (connect to " + parameters.target() + ")",
                        parameters.stepTimeout(),
                        CommandOutcome.NOT_CONNECTED)),
                parameters.timer());
    }
}
