package io.nvmf;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.host.association.Association;
import io.nvmf.host.association.AssociationParameters;
import io.nvmf.host.queue.LateSignals;
import io.nvmf.host.recovery.ControllerRecovery;
import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.Security;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.Require;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.Handover;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Connects to controllers of remote NVMe subsystems. Immutable: every method that sets something returns a new client,
 * so a client can be shared, kept and refined.
 *
 * <pre>{@code
 * NvmeClient.create()
 *         .remoteAddress("192.0.2.1", 4420)
 *         .subsystem("nqn.2014-08.com.example:disks")
 *         .connect()
 * }</pre>
 *
 * <p>Values out of range fail at once with {@link IllegalArgumentException}; what is missing fails when subscribing to
 * {@link #connect()}.
 */
public final class NvmeClient {

    /** Port of I/O controllers when none is set, as assigned by IANA. */
    public static final int DEFAULT_PORT = 4420;

    /** Port of discovery controllers over TCP when none is set, as assigned by IANA. */
    public static final int DEFAULT_DISCOVERY_PORT = 8009;

    /** I/O queues asked for when nothing is set. */
    public static final int DEFAULT_IO_QUEUES = 2;

    /** Entries of an I/O submission queue when nothing is set. */
    public static final int DEFAULT_QUEUE_SIZE = 128;

    /** Entries of the admin submission queue, which every controller has at least. */
    public static final int ADMIN_QUEUE_SIZE = 32;

    /** SQ flow control when nothing is set. */
    public static final boolean DEFAULT_SQ_FLOW_CONTROL = true;

    /** Keep alive timeout (KATO) when nothing is set. */
    public static final Duration DEFAULT_KEEP_ALIVE = Duration.ofSeconds(10);

    /** Bound on each step of connecting when nothing is set. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Bound on each I/O command when nothing is set. */
    public static final Duration DEFAULT_COMMAND_TIMEOUT = Duration.ofSeconds(30);

    /** Bound on each admin command when nothing is set. */
    public static final Duration DEFAULT_ADMIN_TIMEOUT = Duration.ofSeconds(60);

    /** Commands that may wait for a free slot, per queue, when nothing is set. */
    public static final int DEFAULT_PENDING_COMMANDS = 1024;

    /** Greatest {@link #keepAlive(Duration)}: KATO has 32 bits of milliseconds, which are 49 days. */
    public static final Duration MAX_KEEP_ALIVE = Duration.ofMillis(0xFFFF_FFFFL);

    /** Greatest {@link #connectTimeout(Duration)}. */
    public static final Duration MAX_CONNECT_TIMEOUT = Duration.ofDays(1);

    /** Least {@link #commandTimeout(Duration)} and {@link #adminTimeout(Duration)} but zero, which is none. */
    public static final Duration MIN_COMMAND_TIMEOUT = Duration.ofMillis(1);

    /** Greatest {@link #commandTimeout(Duration)} and {@link #adminTimeout(Duration)}; zero is for none. */
    public static final Duration MAX_COMMAND_TIMEOUT = Duration.ofDays(365);

    private static final int MAX_QUEUES = 0xFFFF;
    private static final int MAX_QUEUE_SIZE = 0x1_0000;

    private final ClientConfig config;

    private NvmeClient(ClientConfig config) {
        this.config = config;
    }

    /**
     * A client with defaults only; address and subsystem are to be set.
     *
     * @return the client
     */
    public static NvmeClient create() {
        return new NvmeClient(new ClientConfig());
    }

    /**
     * A client from a URI such as {@code nvme+tcp://host:port/subsystem-nqn?header-digest=true&io-queues=2}. IPv6
     * addresses are in brackets; without a port it is {@link #DEFAULT_PORT}, or {@link #DEFAULT_DISCOVERY_PORT} for the
     * discovery subsystem.
     *
     * <p>Names may contain anything, percent-encoded as UTF-8 where a URI demands it: {@code %20} for a space,
     * {@code %25} for a percent sign, {@code %3F} and {@code %23} for question mark and hash. Host names are whatever
     * the resolver takes, underscores included; the scope of an IPv6 address is written {@code [fe80::1%25eth0]}.
     *
     * <p>Parameters are {@code service} (of an address whose service is no port number), {@code host-nqn},
     * {@code host-id}, {@code io-queues}, {@code queue-size}, {@code sq-flow-control}, {@code keep-alive},
     * {@code connect-timeout}, {@code command-timeout}, {@code admin-timeout}, {@code pending-commands}; of the
     * {@linkplain #recovery recovery} {@code recovery} ({@code none}), {@code reconnect-delay},
     * {@code max-reconnect-delay}, {@code loss-timeout}, {@code fail-fast}, {@code quiesce-time}, {@code repeat-writes},
     * {@code status-retries}, {@code patient-connect}; and the options of the transport by their names. Times are
     * {@code 500ms}, {@code 10s}, {@code 2m} or ISO 8601.
     *
     * @param uri the URI
     * @return the client, the same as from the methods of the same names
     * @throws IllegalArgumentException if the URI has a mistake; the message names it
     */
    public static NvmeClient from(String uri) {
        return ClientUri.parse(uri);
    }

    /**
     * A client from a URI, such as {@link BoundTarget#uri} and {@link #uri} give it.
     *
     * @param uri see {@link #from(String)}
     * @return the client
     * @throws IllegalArgumentException if the URI has a mistake; the message names it
     */
    public static NvmeClient from(URI uri) {
        return ClientUri.parse(uri.toString());
    }

    /**
     * This client as text that {@link #from(URI)} makes the same client of. What has no text is not in it: the
     * registry, the timer, the recorder of metrics, the observer, and options of the transport that are objects of this
     * JVM. Neither is what is left at its default, so the identity of this host is in it only if it was set.
     *
     * @return the URI, names percent-encoded where need be
     * @throws IllegalStateException if no address is set
     */
    public URI uri() {
        return ClientUriText.of(config);
    }

    private NvmeClient with(Consumer<ClientConfig> change) {
        ClientConfig changed = config.copy();
        change.accept(changed);
        return new NvmeClient(changed);
    }

    ClientConfig config() {
        return config;
    }

    /**
     * Sets where the subsystem's port is.
     *
     * @param host host name or address, IPv6 without brackets
     * @param port 1..65,535
     * @return a new client
     */
    public NvmeClient remoteAddress(String host, int port) {
        Require.range("port", port, 1, 65_535);
        return remoteAddress(TransportAddress.of(host, port));
    }

    /**
     * Sets where the subsystem's port is, in the words of the transport.
     *
     * @param address the address
     * @return a new client
     */
    public NvmeClient remoteAddress(TransportAddress address) {
        requireHost(address.host());
        return service(address.service()).with(changed -> changed.host = address.host());
    }

    /**
     * Sets the host of the subsystem, on the default port.
     *
     * @param host host name or address, IPv6 without brackets
     * @return a new client
     */
    public NvmeClient remoteHost(String host) {
        requireHost(host);
        return with(changed -> {
            changed.host = host;
            changed.service = null;
        });
    }

    NvmeClient service(String service) {
        requireText("service", service);
        return with(changed -> changed.service = service);
    }

    private static void requireHost(String host) {
        requireText("host", host);
    }

    private static void requireText(String name, String text) {
        if (text.isEmpty() || !Nqn.isText(text)) {
            throw new IllegalArgumentException(name + " '" + text + "' is empty or has characters that no name has");
        }
    }

    /**
     * Sets the subsystem.
     *
     * @param nqn its NQN, 11..223 bytes
     * @return a new client
     */
    public NvmeClient subsystem(String nqn) {
        Nqn.require(nqn);
        return with(changed -> changed.subsystem = nqn);
    }

    /**
     * Sets the subsystem, the kind of fabric and the address as the discovery log has them. Where the entry says that a
     * secure channel is required (TREQ), the client insists on having one: {@link #connect()} fails before it connects
     * unless {@link #security} has TLS or concatenation. A client that has it does so too where the entry says that there
     * is none, so it fails there instead of going on without.
     *
     * @param entry of {@link #discover()}
     * @return a new client
     * @throws IllegalArgumentException if the entry has a transport type without a name, or names that no entry may have
     */
    public NvmeClient subsystem(DiscoveryLogEntry entry) {
        TransportType type = entry.transport()
                .orElseThrow(() -> new IllegalArgumentException(
                        "TRTYPE " + entry.transportType() + " of the discovery log entry is not known"));
        TransportAddress address = new TransportAddress(entry.transportAddress(), entry.transportServiceId());
        return subsystem(entry.subsystemNqn())
                .transport(type)
                .remoteAddress(address)
                .with(changed -> changed.secureChannelRequired = entry.secureChannelRequired());
    }

    /**
     * Sets the kind of fabric.
     *
     * @param type the transport, {@link TransportType#TCP} when nothing is set
     * @return a new client
     */
    public NvmeClient transport(TransportType type) {
        Objects.requireNonNull(type, "type");
        return with(changed -> changed.transport = type);
    }

    /**
     * Sets the NQN of this host. When nothing is set it is of the UUID form and made up once per JVM.
     *
     * @param nqn the NQN, 11..223 bytes; of the UUID form, with a whole UUID
     * @return a new client
     */
    public NvmeClient hostNqn(String nqn) {
        Identifiers.hostNqn(nqn);
        return with(changed -> changed.hostNqn = nqn);
    }

    /**
     * Sets the identifier of this host. When nothing is set it follows from the host NQN: its UUID, or one computed
     * from it.
     *
     * @param id not the nil UUID
     * @return a new client
     */
    public NvmeClient hostId(UUID id) {
        Identifiers.hostId(id);
        return with(changed -> changed.hostId = id);
    }

    /**
     * Sets how many I/O queues to ask for; the controller may grant fewer.
     *
     * @param count 1..65,535, {@link #DEFAULT_IO_QUEUES} when nothing is set
     * @return a new client
     */
    public NvmeClient ioQueues(int count) {
        Require.range("ioQueues", count, 1, MAX_QUEUES);
        return with(changed -> changed.ioQueues = count);
    }

    /**
     * Sets the number of entries of each I/O submission queue; one less may be outstanding. The controller's limits
     * (CAP.MQES, MAXCMD) may make it fewer.
     *
     * @param entries 2..65,536, {@link #DEFAULT_QUEUE_SIZE} when nothing is set
     * @return a new client
     */
    public NvmeClient queueSize(int entries) {
        Require.range("queueSize", entries, 2, MAX_QUEUE_SIZE);
        return with(changed -> changed.queueSize = entries);
    }

    /**
     * Sets whether to leave SQ flow control on. With flow control off, a controller may omit the response capsule of a
     * read. A controller that cannot turn it off keeps it on.
     *
     * @param on {@link #DEFAULT_SQ_FLOW_CONTROL} when nothing is set
     * @return a new client
     */
    public NvmeClient sqFlowControl(boolean on) {
        return with(changed -> changed.sqFlowControl = on);
    }

    /**
     * Sets the keep alive timeout (KATO). The host sends Keep Alive every half of this time and ends the association
     * when no answer comes within the whole of it. The time is rounded up to the controller's granularity (KAS);
     * {@link NvmeController#keepAlive()} has the result.
     *
     * @param timeout whole milliseconds up to {@link #MAX_KEEP_ALIVE}, zero for none (discovery controllers are always
     *     kept alive); {@link #DEFAULT_KEEP_ALIVE} when nothing is set
     * @return a new client
     */
    public NvmeClient keepAlive(Duration timeout) {
        if (timeout.isNegative() || timeout.compareTo(MAX_KEEP_ALIVE) > 0 || timeout.toNanosPart() % 1_000_000 != 0) {
            throw new IllegalArgumentException("keepAlive " + timeout + " is not a whole number of milliseconds in 0.."
                    + MAX_KEEP_ALIVE.toMillis());
        }
        return with(changed -> changed.keepAlive = timeout);
    }

    /**
     * Sets the bound on each step of connecting: resolving the name, connecting to each address it has, each queue's
     * handshake, and each command of the bring-up. Waiting for the controller to become ready is bounded by its own
     * CAP.TO or CRTO instead.
     *
     * @param timeout positive, at most {@link #MAX_CONNECT_TIMEOUT}; {@link #DEFAULT_CONNECT_TIMEOUT} when nothing is
     *     set
     * @return a new client
     */
    public NvmeClient connectTimeout(Duration timeout) {
        Require.positive("connectTimeout", timeout, MAX_CONNECT_TIMEOUT);
        return with(changed -> changed.connectTimeout = timeout);
    }

    /**
     * Sets the timeout of each I/O command, counted from its submission: waiting for a free slot takes its time, too. A
     * command that passes it fails, as not sent if it was still waiting; else its outcome is unknown, and it is
     * aborted. If that is not answered within the same time again, the connection is closed. The same happens when a
     * cancelled command is not answered within this time (30 seconds if there is no timeout), because its slot would be
     * lost otherwise. {@link NvmeNamespace#with} sets another one for some commands.
     *
     * @param timeout zero for none, else {@link #MIN_COMMAND_TIMEOUT}..{@link #MAX_COMMAND_TIMEOUT}; {@link
     *     #DEFAULT_COMMAND_TIMEOUT} when nothing is set
     * @return a new client
     */
    public NvmeClient commandTimeout(Duration timeout) {
        Require.zeroOrRange("commandTimeout", timeout, MIN_COMMAND_TIMEOUT, MAX_COMMAND_TIMEOUT);
        return with(changed -> changed.commandTimeout = timeout);
    }

    /**
     * Sets the timeout of each admin command, counted and followed as {@link #commandTimeout(Duration)} says. It bounds
     * Aborts, too: one that is not answered within two of these times (within a minute if there is no timeout) costs
     * the association. Keep Alive has a bound of its own, {@link #keepAlive(Duration)}, and waits behind no other
     * command.
     *
     * @param timeout zero for none, else {@link #MIN_COMMAND_TIMEOUT}..{@link #MAX_COMMAND_TIMEOUT};
     *     {@link #DEFAULT_ADMIN_TIMEOUT} when nothing is set
     * @return a new client
     */
    public NvmeClient adminTimeout(Duration timeout) {
        Require.zeroOrRange("adminTimeout", timeout, MIN_COMMAND_TIMEOUT, MAX_COMMAND_TIMEOUT);
        return with(changed -> changed.adminTimeout = timeout);
    }

    /**
     * Sets how many commands may wait for a free slot, per queue; more fail with {@link NvmeLimitException}.
     *
     * @param commands 0 or more, {@link #DEFAULT_PENDING_COMMANDS} when nothing is set
     * @return a new client
     */
    public NvmeClient pendingCommands(int commands) {
        Require.notNegative("pendingCommands", commands);
        return with(changed -> changed.pendingCommands = commands);
    }

    /**
     * Sets how connections are protected, and what is insisted on; {@link Security#none()} when not set. It holds for
     * every queue of every association, also after a loss.
     *
     * @param value secrets, keys and algorithms
     * @return a new client
     */
    public NvmeClient security(Security value) {
        Objects.requireNonNull(value, "security");
        return with(changed -> changed.security = value);
    }

    /**
     * Sets what happens when the association with a controller is lost, and how patient {@link #connect()} is.
     *
     * @param recovery all of its timers; {@link Recovery#defaults()} when nothing is set, {@link Recovery#none()} for
     *     controllers that end with their association
     * @return a new client
     * @throws IllegalArgumentException if two of the times contradict each other; the message names both
     */
    public NvmeClient recovery(Recovery recovery) {
        recovery.validated();
        return changedRecovery(before -> recovery);
    }

    /** Unchecked: what contradicts the other settings may be changed next. */
    NvmeClient changedRecovery(UnaryOperator<Recovery> change) {
        return with(changed -> changed.recovery = change.apply(changed.recovery));
    }

    /**
     * Sets an option of the transport.
     *
     * @param option one of those the transport lists
     * @param value its value
     * @param <T> type of the value
     * @return a new client
     */
    public <T> NvmeClient option(TransportOption<T> option, T value) {
        return with(changed -> changed.options = changed.options.with(option, value));
    }

    NvmeClient namedOption(String name, String value) {
        return with(changed -> changed.namedOption(name, value));
    }

    /**
     * Sets the transports to choose from.
     *
     * @param registry the transports; when nothing is set, those that {@link java.util.ServiceLoader} finds
     * @return a new client
     */
    public NvmeClient registry(TransportRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        return with(changed -> changed.registry = registry);
    }

    /**
     * Sets what runs the timers: deadlines, keep alive, polling.
     *
     * @param scheduler must not block or be kept busy by others; a thread of the SDK when nothing is set
     * @return a new client
     */
    public NvmeClient timer(Scheduler scheduler) {
        Objects.requireNonNull(scheduler, "scheduler");
        return with(changed -> changed.timer = scheduler);
    }

    /**
     * Sets who hears of the operations of this client and of its controllers: connecting, recovery, discovery, read and
     * write streams, and single commands if the observer asks for them.
     *
     * @param observer what it is told by; nobody is told when nothing is set
     * @return a new client
     */
    public NvmeClient observation(NvmeObserver observer) {
        Objects.requireNonNull(observer, "observer");
        return with(changed -> changed.observer = observer);
    }

    /**
     * Sets whether controllers are measured with Micrometer, in its global registry. {@link
     * io.nvmf.metrics.micrometer.NvmeMeters} lists the meters.
     *
     * @param on off when nothing is set
     * @return a new client
     * @throws UnsupportedOperationException if Micrometer is not there: {@code io.micrometer:micrometer-core} is an
     *     optional dependency, which the application has to bring
     */
    public NvmeClient metrics(boolean on) {
        MetricsRecorder recorder = on ? GlobalMetrics.recorder() : null;
        return with(changed -> changed.metrics = recorder);
    }

    /**
     * Sets who measures controllers. Commands cost a little more then; without a recorder nothing is measured and
     * nothing is paid. Discovery is not measured.
     *
     * @param recorder of Micrometer, {@link io.nvmf.metrics.micrometer.MicrometerRecorder#of}, or any other one
     * @return a new client
     */
    public NvmeClient metrics(MetricsRecorder recorder) {
        Objects.requireNonNull(recorder, "recorder");
        return with(changed -> changed.metrics = recorder);
    }

    /**
     * Connects: admin queue, enabling and identifying the controller, I/O queues. Cold: each subscription makes an
     * association of its own. If a name has several addresses they are tried in order, and all queues go to the one
     * that the admin queue reached.
     *
     * <p>When a step fails or the subscription is cancelled, everything that had been opened is closed. A cancel from
     * another thread that comes before {@code onNext} and {@code onComplete} have returned closes the controller,
     * unless a command has been sent with it; after that it is the subscriber's to close, whatever is cancelled.
     * Operators that take from several sources or delay the controller, such as {@code zip} or {@code delayUntil}, have
     * taken it only 100 ms later. What they do with it then is out of reach, so use it within {@link
     * Mono#usingWhen(org.reactivestreams.Publisher, Function, Function)} and set time limits behind that.
     *
     * <p>Signals come on an event loop of the association, on the subscribing thread for a configuration that is
     * incomplete.
     *
     * @return the controller, ready for I/O; {@link IllegalArgumentException} if the configuration is incomplete,
     *     {@link NvmeConnectionException} if the address does not answer as a controller or the connection is lost,
     *     {@link NvmeStatusException} if the controller refuses, {@link NvmeAuthenticationException} if a side has not
     *     proved who it is or a key is missing, {@link NvmeTimeoutException} if a step takes too long,
     *     be it of the transport or of the controller, {@link NvmeProtocolException} if the controller breaks the
     *     protocol, {@link NvmeLimitException} if there is no memory. Where these have an outcome it is
     *     {@link CommandOutcome#NOT_CONNECTED}, whichever step has failed
     */
    public Mono<NvmeController> connect() {
        return Mono.defer(() -> {
            AssociationParameters parameters = config.conclude();
            Observing observing = Observing.of(config.observer, parameters);
            Mono<NvmeController> connecting = ControllerRecovery.<DefaultController>connect(
                            parameters,
                            config.recovery,
                            config.metrics,
                            recovery -> new DefaultController(recovery, parameters.subsystemNqn(), observing),
                            DefaultController::prepare)
                    .cast(NvmeController.class);
            return observing == null ? connecting : observing.connect(connecting);
        });
    }

    /**
     * Reads the discovery log page of the discovery controller at the address, whatever subsystem is set. Cold. The
     * page is read as a whole before its first entry is emitted, again if it changes meanwhile (up to
     * {@value NvmeDiscovery#MAX_READS} times), and the association is ended before that, too. Cancelling ends the
     * association, whatever step it is in.
     *
     * @return the entries; fails like {@link #connect()} until there is an association, and then like any command
     */
    public Flux<DiscoveryLogEntry> discover() {
        Mono<List<DiscoveryLogEntry>> page = Mono.defer(() -> {
            AssociationParameters parameters = subsystem(Nqn.DISCOVERY).config.conclude();
            Observing observing = Observing.of(config.observer, parameters);
            Mono<List<DiscoveryLogEntry>> reading = Mono.usingWhen(
                    Association.connect(parameters, Function.identity()),
                    association -> new NvmeDiscovery(association).entries(),
                    Association::close);
            return observing == null ? reading : observing.discovery(reading);
        });
        // keeps what comes while the association is being ended from a subscriber that has gone
        return Handover.<List<DiscoveryLogEntry>>create(
                        handover -> {
                            Disposable.Swap reading = Disposables.swap();
                            handover.onCancel(reading::dispose);
                            reading.update(page.subscribe(
                                    handover::give, handover::fail, null, LateSignals.handledIn(handover.context())));
                        },
                        unwanted -> {})
                .flatMapIterable(Function.identity());
    }
}
