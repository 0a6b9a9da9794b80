package io.nvmf;

import io.nvmf.security.Security;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.subsystem.engine.ListenAddress;
import io.nvmf.subsystem.engine.TargetParameters;
import io.nvmf.subsystem.engine.TargetServer;
import io.nvmf.transport.Handover;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportRegistry;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * An embeddable NVMe over Fabrics controller: subsystems with namespaces in memory or in files, and the discovery
 * subsystem that lists them. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * BoundTarget target = NvmeTarget.memory("nqn.2024-01.com.example:disk", 64 << 20, 4096).bind().block();
 * }</pre>
 *
 * <p>Hosts get dynamic controllers of NVMe 1.4 with the NVM command set: Read, Write, Flush, Write Zeroes and Dataset
 * Management. Commands are executed on the event loops of their queues, and file I/O on threads of the store. Memory
 * for data under way is bounded: by default 8 MiB for a connection, 1 MiB for its in-capsule data, and 256 MiB for all,
 * see {@link TargetOptions}.
 */
public final class NvmeTarget {

    /** Host that is listened at when not set: the loopback interface. */
    public static final String DEFAULT_HOST = "127.0.0.1";

    private final TargetConfig config;

    private NvmeTarget(TargetConfig config) {
        this.config = config;
    }

    private NvmeTarget with(Consumer<TargetConfig> change) {
        TargetConfig changed = config.copy();
        change.accept(changed);
        return new NvmeTarget(changed);
    }

    /**
     * A target without subsystems, over TCP, on a free port of the loopback interface.
     *
     * @return a new configuration
     */
    public static NvmeTarget create() {
        return new NvmeTarget(new TargetConfig());
    }

    /**
     * A target with one subsystem of one namespace (NSID 1) in memory.
     *
     * @param nqn name of the subsystem
     * @param size bytes of the namespace, a multiple of the block size
     * @param blockSize bytes of a block, a power of two, 512..65,536
     * @return a new configuration
     */
    public static NvmeTarget memory(String nqn, long size, int blockSize) {
        return create().subsystem(nqn, subsystem -> subsystem.namespace(1, BlockStore.memory(size, blockSize)));
    }

    /**
     * Sets the kind of fabric; TCP when not set.
     *
     * @param value transport type
     * @return a changed copy
     */
    public NvmeTarget transport(TransportType value) {
        Objects.requireNonNull(value, "transport");
        return with(changed -> changed.transport = value);
    }

    /**
     * Sets where the transport is looked for; {@link TransportRegistry#load()} when not set.
     *
     * @param value transports
     * @return a changed copy
     */
    public NvmeTarget registry(TransportRegistry value) {
        Objects.requireNonNull(value, "registry");
        return with(changed -> changed.registry = value);
    }

    /**
     * Sets an option of a transport.
     *
     * @param option which
     * @param value its value
     * @param <T> type of the value
     * @return a changed copy
     */
    public <T> NvmeTarget option(TransportOption<T> option, T value) {
        return with(changed -> changed.transportOptions = changed.transportOptions.with(option, value));
    }

    /**
     * Sets where to listen; a free port of {@value #DEFAULT_HOST} when not set.
     *
     * @param host address or name of an interface of this machine; an IPv6 address that needs one with its scope
     *     ({@code fe80::1%eth0})
     * @param port 0..65,535; 0 for a free one
     * @return a changed copy
     */
    public NvmeTarget bindAddress(String host, int port) {
        TransportAddress value = TransportAddress.of(host, port);
        return with(changed -> changed.address = value);
    }

    /**
     * Listens at one more address, over the same or another transport: the same subsystems, and the same bounds of
     * memory, connections and controllers for all together. The discovery log lists each subsystem once for each
     * address. {@linkplain #option Options} are told to the listeners of the transport that they belong to.
     *
     * <pre>{@code
     * target.bindAddress("0.0.0.0", 4420).alsoListen(TransportType.RDMA, "0.0.0.0", 4421);
     * }</pre>
     *
     * @param transport kind of fabric
     * @param host as for {@link #bindAddress}
     * @param port 0..65,535; 0 for a free one
     * @return a changed copy
     */
    public NvmeTarget alsoListen(TransportType transport, String host, int port) {
        ListenAddress value =
                new ListenAddress(Objects.requireNonNull(transport, "transport"), TransportAddress.of(host, port));
        return with(changed -> changed.listener(value));
    }

    /**
     * Sets the address that the discovery log tells hosts, for targets behind a translated address. When not set, each
     * host is told the one that it came to, so listening at a wildcard address works without this. With
     * {@link #alsoListen} this is about the address of {@link #bindAddress}; without it hosts are told the addresses that
     * are listened at, of which the wildcard one becomes the one that the host came to, with the port of the listener.
     *
     * @param host address as hosts see it
     * @param port 1..65,535
     * @return a changed copy
     */
    public NvmeTarget advertisedAddress(String host, int port) {
        TransportAddress value = TransportAddress.of(host, port);
        return with(changed -> changed.advertisedAddress = value);
    }

    /**
     * Adds a subsystem.
     *
     * @param nqn its name
     * @param configurer adds namespaces and what else differs from the defaults
     * @return a changed copy
     * @throws IllegalArgumentException if the name is not valid
     */
    public NvmeTarget subsystem(String nqn, UnaryOperator<SubsystemOptions> configurer) {
        SubsystemOptions subsystem = configurer.apply(SubsystemOptions.of(nqn));
        return with(changed -> changed.subsystem(subsystem));
    }

    /**
     * Sets how many I/O queue pairs a controller grants; {@value TargetOptions#DEFAULT_IO_QUEUES} when not set.
     *
     * @param max 1..65,534
     * @return a changed copy
     */
    public NvmeTarget ioQueues(int max) {
        return options(options -> options.ioQueues(max));
    }

    /**
     * Sets how many entries an I/O submission queue may have; {@value TargetOptions#DEFAULT_QUEUE_SIZE} when not set.
     *
     * @param max 2..65,535
     * @return a changed copy
     */
    public NvmeTarget queueSize(int max) {
        return options(options -> options.queueSize(max));
    }

    /**
     * Sets how many entries an admin submission queue may have; {@value TargetOptions#DEFAULT_ADMIN_QUEUE_SIZE} when
     * not set.
     *
     * @param max 32..4,096
     * @return a changed copy
     */
    public NvmeTarget adminQueueSize(int max) {
        return options(options -> options.adminQueueSize(max));
    }

    /**
     * Sets how much data an I/O command capsule may carry; {@value TargetOptions#DEFAULT_IN_CAPSULE_DATA} when not set.
     *
     * @param bytes a multiple of 16, 0..16 MiB
     * @return a changed copy
     */
    public NvmeTarget inCapsuleData(int bytes) {
        return options(options -> options.inCapsuleData(bytes));
    }

    /**
     * Sets how much data a command may move (MDTS); 1 MiB when not set.
     *
     * @param bytes a power of two, 8,192..2 GiB, or 0 for no limit
     * @return a changed copy
     */
    public NvmeTarget maxTransfer(long bytes) {
        return options(options -> options.maxTransfer(bytes));
    }

    /**
     * Sets how many controllers, one for each association of a host, there may be at a time;
     * {@value TargetOptions#DEFAULT_CONTROLLERS} when not set.
     *
     * @param max 1..65,519
     * @return a changed copy
     */
    public NvmeTarget controllers(int max) {
        return options(options -> options.controllers(max));
    }

    /**
     * Sets what has no method here: the bounds of memory, connections, time and work, and how strict the target is.
     *
     * @param change makes the new options of those so far; what was set before stays unless it is changed
     * @return a changed copy
     */
    public NvmeTarget options(UnaryOperator<TargetOptions> change) {
        TargetOptions value = Objects.requireNonNull(change.apply(config.options), "options");
        return with(changed -> changed.options = value);
    }

    /**
     * Sets what is asked of hosts, on all addresses and of all subsystems; {@link Security#none()} when not set.
     *
     * @param value secrets, keys and what is insisted on
     * @return a changed copy
     */
    public NvmeTarget security(Security value) {
        Objects.requireNonNull(value, "security");
        return with(changed -> changed.security = value);
    }

    /**
     * Sets what runs keep alive and other time limits; a thread of the SDK when not set.
     *
     * @param value a scheduler, virtual time in tests
     * @return a changed copy
     */
    public NvmeTarget timer(Scheduler value) {
        Objects.requireNonNull(value, "timer");
        return with(changed -> changed.timer = value);
    }

    /**
     * Starts the target. Cold: each subscription listens anew, with the same stores, which are opened if they were
     * closed with an earlier target; so a target that was closed is there again, with the same content. A target that is there when the
     * subscription has been cancelled is closed.
     *
     * @return the running target; an error when an address cannot be bound, a store not be opened, or
     *     {@link io.nvmf.transport.UnsupportedTransportException} when no transport of the type is there
     * @throws IllegalArgumentException if two subsystems have the same name
     */
    public Mono<BoundTarget> bind() {
        TargetParameters parameters = config.conclude();
        Mono<BoundTarget> binding = TargetServer.bind(parameters).map(RunningTarget::new);
        return Handover.of(binding, unwanted -> unwanted.close().subscribe());
    }
}
