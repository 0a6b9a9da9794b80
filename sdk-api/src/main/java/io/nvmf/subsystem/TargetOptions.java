package io.nvmf.subsystem;

import io.nvmf.spec.Require;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Sizes, numbers and bounds of a target, the same for all of its controllers. Immutable: each method with a parameter
 * returns a changed copy, and throws {@link IllegalArgumentException}, with name, value and bounds, if the value is out
 * of its range.
 *
 * <p>What a stranger can make a target hold is the product of these; the guide has the figures for the defaults.
 */
public final class TargetOptions {

    /** I/O queue pairs of a controller by default. */
    public static final int DEFAULT_IO_QUEUES = 16;

    /** Entries of an I/O submission queue by default. */
    public static final int DEFAULT_QUEUE_SIZE = 128;

    /** Entries of an admin submission queue by default. */
    public static final int DEFAULT_ADMIN_QUEUE_SIZE = 128;

    /** Bytes of in-capsule data by default. */
    public static final int DEFAULT_IN_CAPSULE_DATA = 8192;

    /** Most data of one command by default, in bytes. */
    public static final long DEFAULT_MAX_TRANSFER = 1 << 20;

    /** Controllers of NVM subsystems at a time by default. */
    public static final int DEFAULT_CONTROLLERS = 64;

    /** Discovery controllers at a time by default. */
    public static final int DEFAULT_DISCOVERY_CONTROLLERS = 64;

    /** Connections in all by default: more than all controllers need by default. */
    public static final int DEFAULT_CONNECTIONS = 2048;

    /** Connections from one remote address by default. */
    public static final int DEFAULT_CONNECTIONS_PER_ADDRESS = 1024;

    /** Connections without a Connect by default. */
    public static final int DEFAULT_CONNECTIONS_BEFORE_CONNECT = 256;

    /** How long a connection may do without Connect by default. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(30);

    /** How long a discovery controller without a keep alive timeout may be silent by default. */
    public static final Duration DEFAULT_DISCOVERY_IDLE = Duration.ofMinutes(2);

    /** Upper bound of silence by default: none. */
    public static final Duration DEFAULT_IDLE_LIMIT = Duration.ZERO;

    /** Bytes of data under way on one connection by default. */
    public static final int DEFAULT_QUEUE_MEMORY = 8 << 20;

    /** Bytes of in-capsule data held for one connection by default. */
    public static final int DEFAULT_IN_CAPSULE_MEMORY = 1 << 20;

    /** Bytes of data under way and of in-capsule data in all by default. */
    public static final long DEFAULT_MEMORY = 256L << 20;

    /** How long the close of a target waits for commands by default. */
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(5);

    /** How long the close of a target waits for its stores by default. */
    public static final Duration DEFAULT_STORE_TIMEOUT = Duration.ofSeconds(10);

    /** How long commands of a lost association take to end, as hosts are told by default. */
    public static final Duration DEFAULT_QUIESCE_TIME = Duration.ofMillis(500);

    /** Bytes that one command zeroes within one turn of an event loop by default. */
    public static final int DEFAULT_WORK_PER_TURN = 4 << 20;

    /** Ranges of one Dataset Management by default: as many as the command can hold. */
    public static final int DEFAULT_MAX_RANGES = 256;

    /** Most blocks of one range of Dataset Management by default: no limit. */
    public static final long DEFAULT_MAX_RANGE_BLOCKS = 0;

    /** Most bytes that one Write Zeroes fills by default. */
    public static final long DEFAULT_MAX_ZEROES = 256L << 20;

    /** What applies when nothing is set. */
    public static final TargetOptions DEFAULTS = new TargetOptions();

    /** Page size that MDTS and WZSL count in: CAP.MPSMIN is 0. */
    private static final int PAGE = 4096;

    /** IOCCSZ counts in these. */
    private static final int CAPSULE_UNIT = 16;

    private static final Duration LEAST_DURATION = Duration.ofMillis(1);
    private static final Duration MOST_QUIESCE_TIME = Duration.ofMillis(0xFFFF);
    private static final Duration MOST_DURATION = Duration.ofDays(1);

    private int ioQueues = DEFAULT_IO_QUEUES;
    private int queueSize = DEFAULT_QUEUE_SIZE;
    private int adminQueueSize = DEFAULT_ADMIN_QUEUE_SIZE;
    private int inCapsuleData = DEFAULT_IN_CAPSULE_DATA;
    private long maxTransfer = DEFAULT_MAX_TRANSFER;
    private int controllers = DEFAULT_CONTROLLERS;
    private int discoveryControllers = DEFAULT_DISCOVERY_CONTROLLERS;
    private int connections = DEFAULT_CONNECTIONS;
    private int connectionsPerAddress = DEFAULT_CONNECTIONS_PER_ADDRESS;
    private int connectionsBeforeConnect = DEFAULT_CONNECTIONS_BEFORE_CONNECT;
    private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
    private Duration discoveryIdle = DEFAULT_DISCOVERY_IDLE;
    private Duration idleLimit = DEFAULT_IDLE_LIMIT;
    private int queueMemory = DEFAULT_QUEUE_MEMORY;
    private int inCapsuleMemory = DEFAULT_IN_CAPSULE_MEMORY;
    private long memory = DEFAULT_MEMORY;
    private Duration drainTimeout = DEFAULT_DRAIN_TIMEOUT;
    private Duration storeTimeout = DEFAULT_STORE_TIMEOUT;
    private Duration quiesceTime = DEFAULT_QUIESCE_TIME;
    private int workPerTurn = DEFAULT_WORK_PER_TURN;
    private int maxRanges = DEFAULT_MAX_RANGES;
    private long maxRangeBlocks = DEFAULT_MAX_RANGE_BLOCKS;
    private long maxZeroes = DEFAULT_MAX_ZEROES;
    private boolean strict;

    private TargetOptions() {}

    private TargetOptions(TargetOptions original) {
        ioQueues = original.ioQueues;
        queueSize = original.queueSize;
        adminQueueSize = original.adminQueueSize;
        inCapsuleData = original.inCapsuleData;
        maxTransfer = original.maxTransfer;
        controllers = original.controllers;
        discoveryControllers = original.discoveryControllers;
        connections = original.connections;
        connectionsPerAddress = original.connectionsPerAddress;
        connectionsBeforeConnect = original.connectionsBeforeConnect;
        connectTimeout = original.connectTimeout;
        discoveryIdle = original.discoveryIdle;
        idleLimit = original.idleLimit;
        queueMemory = original.queueMemory;
        inCapsuleMemory = original.inCapsuleMemory;
        memory = original.memory;
        drainTimeout = original.drainTimeout;
        storeTimeout = original.storeTimeout;
        quiesceTime = original.quiesceTime;
        workPerTurn = original.workPerTurn;
        maxRanges = original.maxRanges;
        maxRangeBlocks = original.maxRangeBlocks;
        maxZeroes = original.maxZeroes;
        strict = original.strict;
    }

    private TargetOptions with(Consumer<TargetOptions> change) {
        TargetOptions changed = new TargetOptions(this);
        change.accept(changed);
        return changed;
    }

    /**
     * Sets how many I/O queue pairs a controller grants.
     *
     * @param value 1..65,534; {@link #DEFAULT_IO_QUEUES} when not set
     * @return a changed copy
     */
    public TargetOptions ioQueues(int value) {
        return with(changed -> changed.ioQueues = Require.range("ioQueues", value, 1, 65_534));
    }

    /** {@return I/O queue pairs a controller grants} */
    public int ioQueues() {
        return ioQueues;
    }

    /**
     * Sets how many entries an I/O submission queue may have (CAP.MQES plus one, MAXCMD).
     *
     * @param value 2..65,535; {@link #DEFAULT_QUEUE_SIZE} when not set
     * @return a changed copy
     */
    public TargetOptions queueSize(int value) {
        return with(changed -> changed.queueSize = Require.range("queueSize", value, 2, 65_535));
    }

    /** {@return most entries of an I/O submission queue} */
    public int queueSize() {
        return queueSize;
    }

    /**
     * Sets how many entries an admin submission queue may have (ASQSZ in the discovery log).
     *
     * @param value 32..4,096; {@link #DEFAULT_ADMIN_QUEUE_SIZE} when not set
     * @return a changed copy
     */
    public TargetOptions adminQueueSize(int value) {
        return with(changed -> changed.adminQueueSize = Require.range("adminQueueSize", value, 32, 4_096));
    }

    /** {@return most entries of an admin submission queue} */
    public int adminQueueSize() {
        return adminQueueSize;
    }

    /**
     * Sets how much data an I/O command capsule may carry (IOCCSZ).
     *
     * @param value bytes, a multiple of 16, 0..16 MiB; {@link #DEFAULT_IN_CAPSULE_DATA} when not set
     * @return a changed copy
     */
    public TargetOptions inCapsuleData(int value) {
        return with(changed -> changed.inCapsuleData =
                Require.multiple("inCapsuleData", Require.range("inCapsuleData", value, 0, 16 << 20), CAPSULE_UNIT));
    }

    /** {@return bytes of data that an I/O command capsule may carry} */
    public int inCapsuleData() {
        return inCapsuleData;
    }

    /**
     * Sets how much data a command may move (MDTS).
     *
     * @param value bytes, a power of two, 8,192..2 GiB, or 0 for no limit; {@link #DEFAULT_MAX_TRANSFER} when not set
     * @return a changed copy
     */
    public TargetOptions maxTransfer(long value) {
        return with(changed -> changed.maxTransfer = powerOfTwoOrZero("maxTransfer", value, 2 * PAGE, 1L << 31));
    }

    /** {@return most bytes of data of one command; 0 for no limit} */
    public long maxTransfer() {
        return maxTransfer;
    }

    /**
     * Sets how many controllers of NVM subsystems, one for each association of a host, may exist at a time.
     *
     * @param value 1..65,519; {@link #DEFAULT_CONTROLLERS} when not set
     * @return a changed copy
     */
    public TargetOptions controllers(int value) {
        return with(changed -> changed.controllers = Require.range("controllers", value, 1, 65_519));
    }

    /** {@return controllers of NVM subsystems that may exist at a time} */
    public int controllers() {
        return controllers;
    }

    /**
     * Sets how many discovery controllers may exist at a time. They are counted apart, so that hosts which only look
     * cannot take the place of those that work.
     *
     * @param value 1..65,519; {@link #DEFAULT_DISCOVERY_CONTROLLERS} when not set
     * @return a changed copy
     */
    public TargetOptions discoveryControllers(int value) {
        return with(changed -> changed.discoveryControllers = Require.range("discoveryControllers", value, 1, 65_519));
    }

    /** {@return discovery controllers that may exist at a time} */
    public int discoveryControllers() {
        return discoveryControllers;
    }

    /**
     * Sets how many connections may exist at a time, in all. One beyond that is closed as soon as it is accepted.
     *
     * @param value 1..1,000,000; {@link #DEFAULT_CONNECTIONS} when not set
     * @return a changed copy
     */
    public TargetOptions connections(int value) {
        return with(changed -> changed.connections = Require.range("connections", value, 1, 1_000_000));
    }

    /** {@return most connections in all} */
    public int connections() {
        return connections;
    }

    /**
     * Sets how many connections may exist at a time from one remote address; transports without addresses are exempt.
     * One beyond that is closed as soon as it is accepted. Hosts behind one translated address share it.
     *
     * @param value 1..1,000,000; {@link #DEFAULT_CONNECTIONS_PER_ADDRESS} when not set
     * @return a changed copy
     */
    public TargetOptions connectionsPerAddress(int value) {
        return with(
                changed -> changed.connectionsPerAddress = Require.range("connectionsPerAddress", value, 1, 1_000_000));
    }

    /** {@return most connections from one remote address} */
    public int connectionsPerAddress() {
        return connectionsPerAddress;
    }

    /**
     * Sets how many connections may exist at a time on which no Connect has succeeded yet, or whose host has still to
     * prove who it is. One more closes the oldest of them from its own address, or of all if there is none: a rightful
     * host is through in a moment, and those that stay silent must not keep it out.
     *
     * @param value 1..1,000,000; {@link #DEFAULT_CONNECTIONS_BEFORE_CONNECT} when not set
     * @return a changed copy
     */
    public TargetOptions connectionsBeforeConnect(int value) {
        return with(changed ->
                changed.connectionsBeforeConnect = Require.range("connectionsBeforeConnect", value, 1, 1_000_000));
    }

    /** {@return most connections without a Connect so far} */
    public int connectionsBeforeConnect() {
        return connectionsBeforeConnect;
    }

    /**
     * Sets how long a connection may do without Connect, and without the proof of its host where that is asked for,
     * before it is closed; and how long a host may take to prove itself once more.
     *
     * @param value 1 ms..1 day; {@link #DEFAULT_CONNECT_TIMEOUT} when not set
     * @return a changed copy
     */
    public TargetOptions connectTimeout(Duration value) {
        return with(changed ->
                changed.connectTimeout = Require.range("connectTimeout", value, LEAST_DURATION, MOST_DURATION));
    }

    /** {@return how long a connection may do without Connect} */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * Sets how long a host may be silent on a discovery controller that it gave no keep alive timeout (KATO 0), before
     * the association ends.
     *
     * @param value 1 ms..1 day, or zero for no limit; {@link #DEFAULT_DISCOVERY_IDLE} when not set
     * @return a changed copy
     */
    public TargetOptions discoveryIdle(Duration value) {
        return with(changed ->
                changed.discoveryIdle = Require.zeroOrRange("discoveryIdle", value, LEAST_DURATION, MOST_DURATION));
    }

    /** {@return how long a discovery controller with KATO 0 may be silent; zero for ever} */
    public Duration discoveryIdle() {
        return discoveryIdle;
    }

    /**
     * Sets an upper bound for the silence of a host, whatever keep alive timeout it asked for: with KATO 0, or one
     * above this, its association ends when nothing was heard of it for that long. Off by default, because KATO 0 is a
     * host's right and a dead peer is noticed by the transport.
     *
     * @param value 1 ms..1 day, or zero for no limit; {@link #DEFAULT_IDLE_LIMIT} when not set
     * @return a changed copy
     */
    public TargetOptions idleLimit(Duration value) {
        return with(
                changed -> changed.idleLimit = Require.zeroOrRange("idleLimit", value, LEAST_DURATION, MOST_DURATION));
    }

    /** {@return how long any host may be silent whatever its KATO; zero for no limit} */
    public Duration idleLimit() {
        return idleLimit;
    }

    /**
     * Sets how much memory the data under way on one connection may take: data of reads, of Identify and of log pages
     * until it has left, and the homes of write data that was asked for. A piece that is larger goes alone.
     *
     * @param value bytes, 4,096..1 GiB; {@link #DEFAULT_QUEUE_MEMORY} when not set
     * @return a changed copy
     */
    public TargetOptions queueMemory(int value) {
        return with(changed -> changed.queueMemory = Require.range("queueMemory", value, 4_096, 1 << 30));
    }

    /** {@return most bytes of data under way on one connection} */
    public int queueMemory() {
        return queueMemory;
    }

    /**
     * Sets how much memory data that came with command capsules may take on one connection until its commands are done.
     * The connection is not read while more would be needed; a capsule that is larger goes alone.
     *
     * @param value bytes, 4,096..1 GiB; {@link #DEFAULT_IN_CAPSULE_MEMORY} when not set
     * @return a changed copy
     */
    public TargetOptions inCapsuleMemory(int value) {
        return with(changed -> changed.inCapsuleMemory = Require.range("inCapsuleMemory", value, 4_096, 1 << 30));
    }

    /** {@return most bytes of in-capsule data held for one connection} */
    public int inCapsuleMemory() {
        return inCapsuleMemory;
    }

    /**
     * Sets how much memory data under way and in-capsule data may take on all connections together. A connection that
     * holds nothing is granted one piece, of at most 128 KiB or one capsule, whatever the others hold, so that none can
     * stop the rest.
     *
     * @param value bytes, 4,096..1 TiB; {@link #DEFAULT_MEMORY} when not set
     * @return a changed copy
     */
    public TargetOptions memory(long value) {
        return with(changed -> changed.memory = Require.range("memory", value, 4_096, 1L << 40));
    }

    /** {@return most bytes of data under way and of in-capsule data on all connections} */
    public long memory() {
        return memory;
    }

    /**
     * Sets how long the close of a target lets commands finish before it closes their connections.
     *
     * @param value 0..1 day; {@link #DEFAULT_DRAIN_TIMEOUT} when not set
     * @return a changed copy
     */
    public TargetOptions drainTimeout(Duration value) {
        return with(changed ->
                changed.drainTimeout = Require.zeroOrRange("drainTimeout", value, Duration.ZERO, MOST_DURATION));
    }

    /** {@return how long the close of a target waits for commands} */
    public Duration drainTimeout() {
        return drainTimeout;
    }

    /**
     * Sets how long the close of a target waits for the flush, and then for the close, of its stores, all at a time.
     *
     * @param value 1 ms..1 day; {@link #DEFAULT_STORE_TIMEOUT} when not set
     * @return a changed copy
     */
    public TargetOptions storeTimeout(Duration value) {
        return with(
                changed -> changed.storeTimeout = Require.range("storeTimeout", value, LEAST_DURATION, MOST_DURATION));
    }

    /** {@return how long the close of a target waits for a store} */
    public Duration storeTimeout() {
        return storeTimeout;
    }

    /**
     * Sets how long commands of an association take to end at most, once the controller has noticed that it is lost:
     * what hosts are told as the command quiesce time (CQT), and wait before they send commands again whose outcome they
     * do not know. Commands that wait end at once. One that a store is at work for cannot be called back, so the time
     * has to cover the longest call of a store ({@link BlockStore}): nothing stops a call that takes longer; a warning
     * names it. Whatever the time is, the same host does not get a controller of the subsystem that is ready
     * (CSTS.RDY) before all calls for its lost associations have ended, so that what it wrote before overtakes nothing
     * that it writes here later.
     *
     * @param value 1..65,535 ms, or zero, which says nothing to hosts, for stores whose calls have no known bound;
     *     {@link #DEFAULT_QUIESCE_TIME} when not set
     * @return a changed copy
     */
    public TargetOptions quiesceTime(Duration value) {
        return with(changed ->
                changed.quiesceTime = Require.zeroOrRange("quiesceTime", value, LEAST_DURATION, MOST_QUIESCE_TIME));
    }

    /** {@return how long commands of a lost association take to end; zero if that is not known} */
    public Duration quiesceTime() {
        return quiesceTime;
    }

    /**
     * Sets how many bytes one command zeroes before it lets the event loop turn to others. Of Dataset Management it is
     * one range, and of a range 256 times as many bytes, because a store only forgets them.
     *
     * @param value bytes, a multiple of 65,536, 64 KiB..1 GiB; {@link #DEFAULT_WORK_PER_TURN} when not set
     * @return a changed copy
     */
    public TargetOptions workPerTurn(int value) {
        return with(changed -> changed.workPerTurn =
                Require.multiple("workPerTurn", Require.range("workPerTurn", value, 1 << 16, 1 << 30), 1 << 16));
    }

    /** {@return bytes that one command zeroes within one turn of an event loop} */
    public int workPerTurn() {
        return workPerTurn;
    }

    /**
     * Sets how many ranges one Dataset Management may have (DMRL).
     *
     * @param value 1..256; {@link #DEFAULT_MAX_RANGES} when not set
     * @return a changed copy
     */
    public TargetOptions maxRanges(int value) {
        return with(changed -> changed.maxRanges = Require.range("maxRanges", value, 1, 256));
    }

    /** {@return most ranges of one Dataset Management} */
    public int maxRanges() {
        return maxRanges;
    }

    /**
     * Sets how many logical blocks one range of Dataset Management may have (DMRSL).
     *
     * @param value 1..4,294,967,295, or 0 for no limit; {@link #DEFAULT_MAX_RANGE_BLOCKS} when not set
     * @return a changed copy
     */
    public TargetOptions maxRangeBlocks(long value) {
        return with(changed -> changed.maxRangeBlocks = Require.range("maxRangeBlocks", value, 0, 0xFFFF_FFFFL));
    }

    /** {@return most blocks of one range of Dataset Management; 0 for no limit} */
    public long maxRangeBlocks() {
        return maxRangeBlocks;
    }

    /**
     * Sets how many bytes one Write Zeroes may fill (WZSL).
     *
     * @param value bytes, a power of two, 8,192..256 GiB, or 0 for no limit; {@link #DEFAULT_MAX_ZEROES} when not set
     * @return a changed copy
     */
    public TargetOptions maxZeroes(long value) {
        return with(changed -> changed.maxZeroes = powerOfTwoOrZero("maxZeroes", value, 2 * PAGE, 1L << 38));
    }

    /** {@return most bytes that one Write Zeroes fills; 0 for no limit} */
    public long maxZeroes() {
        return maxZeroes;
    }

    /**
     * Sets whether hosts that take liberties with the specification are refused. By default what widely used hosts get
     * wrong, and what endangers nothing, is let pass; {@code docs/compliance.md} lists it.
     *
     * @param value true to refuse; false when not set
     * @return a changed copy
     */
    public TargetOptions strict(boolean value) {
        return with(changed -> changed.strict = value);
    }

    /** {@return whether hosts that take liberties with the specification are refused} */
    public boolean strict() {
        return strict;
    }

    /** {@return MDTS as Identify Controller has it: a power of two pages of 4 KiB, 0 for no limit} */
    public int mdts() {
        return exponent(maxTransfer);
    }

    /**
     * {@return WZSL as Identify Controller of the NVM command set has it: a power of two pages of 4 KiB, 0 for no
     * limit}
     */
    public int wzsl() {
        return exponent(maxZeroes);
    }

    /** {@return DMRL as Identify Controller of the NVM command set has it: ranges, 0 for no limit} */
    public int dmrl() {
        return maxRanges > 0xFF ? 0 : maxRanges;
    }

    /** {@return DMRSL as Identify Controller of the NVM command set has it: blocks, 0 for no limit} */
    public long dmrsl() {
        return maxRangeBlocks;
    }

    private static int exponent(long bytes) {
        return bytes == 0 ? 0 : Long.numberOfTrailingZeros(bytes / PAGE);
    }

    /**
     * Whether a command may move that much.
     *
     * @param length bytes
     * @return false for more than {@link #maxTransfer()}
     */
    public boolean permits(long length) {
        return maxTransfer == 0 || length <= maxTransfer;
    }

    /** A limit of one page is out of range, because MDTS and WZSL cannot say it: their 0 means no limit. */
    private static long powerOfTwoOrZero(String name, long value, long min, long max) {
        if (value != 0 && (value < min || value > max || Long.bitCount(value) != 1)) {
            throw new IllegalArgumentException(
                    name + ' ' + value + " is neither 0 nor a power of two within " + min + ".." + max);
        }
        return value;
    }
}
