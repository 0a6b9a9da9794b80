package io.nvmf.transport;

import io.nvmf.spec.ConnectData;
import io.nvmf.spec.Require;
import java.time.Duration;
import java.util.Objects;

/**
 * What a transport is told of a host queue pair that it shall connect: where to, which queue of which controller it
 * will be, how large it is, and how much data its command capsules may hold. Immutable.
 *
 * <p>Queue identifier, controller identifier and names are the same as in the Connect command that follows. They are
 * here for transports that need them before, such as RDMA, whose connection request carries the queue and controller
 * identifiers, or TLS, whose pre-shared keys belong to names.
 */
public final class HostQueuePairParameters {

    /** In-capsule data that every controller takes on an admin queue, in bytes (NVMe/TCP section 3.3.2.1). */
    public static final int ADMIN_IN_CAPSULE_DATA = 8192;

    /** Entries of a submission queue where nothing else is said: the least that Fabrics ask for on an admin queue. */
    public static final int DEFAULT_QUEUE_SIZE = 32;

    /** Bound on connecting where nothing else is said. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final TransportAddress address;
    private final String hostNqn;
    private final String subsystemNqn;
    private final int queueId;
    private final int controllerId;
    private final int queueSize;
    private final int inCapsuleSpace;
    private final int inCapsuleDataOffset;
    private final Duration connectTimeout;
    private final TransportOptions options;
    private final String association;

    private HostQueuePairParameters(Builder builder) {
        this.address = builder.address;
        this.hostNqn = builder.hostNqn;
        this.subsystemNqn = builder.subsystemNqn;
        this.queueId = builder.queueId;
        this.controllerId = builder.controllerId;
        this.queueSize = builder.queueSize;
        this.inCapsuleSpace = builder.inCapsuleSpace;
        this.inCapsuleDataOffset = builder.inCapsuleDataOffset;
        this.connectTimeout = builder.connectTimeout;
        this.options = builder.options;
        this.association = builder.association;
    }

    /**
     * Parameters of an admin queue. The controller is not known yet, and capsules hold {@link #ADMIN_IN_CAPSULE_DATA}.
     *
     * @param address where to connect to
     * @param hostNqn the host
     * @param subsystemNqn the subsystem
     * @return to be completed
     */
    public static Builder adminQueue(TransportAddress address, String hostNqn, String subsystemNqn) {
        return new Builder(address, hostNqn, subsystemNqn, 0, ConnectData.CNTLID_DYNAMIC, ADMIN_IN_CAPSULE_DATA);
    }

    /**
     * Parameters of an I/O queue. Capsules hold no data until {@link Builder#inCapsuleData} says otherwise.
     *
     * @param address where to connect to
     * @param hostNqn the host
     * @param subsystemNqn the subsystem
     * @param queueId QID, 1..65,535
     * @param controllerId CNTLID of the controller that the admin queue has reached, 0..65,519 (FFEFh)
     * @return to be completed
     * @throws IllegalArgumentException if an identifier is out of range
     */
    public static Builder ioQueue(
            TransportAddress address, String hostNqn, String subsystemNqn, int queueId, int controllerId) {
        Require.range("queueId", queueId, 1, 0xFFFF);
        Require.range("controllerId", controllerId, 0, ConnectData.CNTLID_MAX);
        return new Builder(address, hostNqn, subsystemNqn, queueId, controllerId, 0);
    }

    /** Collects the parameters; not thread safe. */
    public static final class Builder {

        private final TransportAddress address;
        private final String hostNqn;
        private final String subsystemNqn;
        private final int queueId;
        private final int controllerId;
        private int queueSize = DEFAULT_QUEUE_SIZE;
        private int inCapsuleSpace;
        private int inCapsuleDataOffset;
        private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
        private TransportOptions options = TransportOptions.none();
        private String association = "";

        private Builder(
                TransportAddress address,
                String hostNqn,
                String subsystemNqn,
                int queueId,
                int controllerId,
                int inCapsuleSpace) {
            this.address = Objects.requireNonNull(address, "address");
            this.hostNqn = Objects.requireNonNull(hostNqn, "hostNqn");
            this.subsystemNqn = Objects.requireNonNull(subsystemNqn, "subsystemNqn");
            this.queueId = queueId;
            this.controllerId = controllerId;
            this.inCapsuleSpace = inCapsuleSpace;
        }

        /**
         * Sets the size of the queue.
         *
         * @param entries number of submission queue entries, 2..65,536
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder queueSize(int entries) {
            queueSize = Require.range(
                    "queueSize",
                    entries,
                    ControllerQueuePairParameters.MIN_QUEUE_SIZE,
                    ControllerQueuePairParameters.MAX_QUEUE_SIZE);
            return this;
        }

        /**
         * Sets what the controller takes within a command capsule.
         *
         * @param space bytes behind the submission queue entry (IOCCSZ × 16 − 64), 0 for none
         * @param offset bytes between the submission queue entry and the data (ICDOFF × 16)
         * @return this
         * @throws IllegalArgumentException if one is negative
         */
        public Builder inCapsuleData(int space, int offset) {
            inCapsuleSpace = Require.range("space", space, 0, Integer.MAX_VALUE);
            inCapsuleDataOffset = Require.range("offset", offset, 0, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Bounds connecting and the transport's own handshake.
         *
         * @param timeout more than zero
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = Require.positive("connectTimeout", timeout);
            return this;
        }

        /**
         * Sets options of the transport.
         *
         * @param transportOptions the options
         * @return this
         */
        public Builder options(TransportOptions transportOptions) {
            options = Objects.requireNonNull(transportOptions, "options");
            return this;
        }

        /**
         * Names the association that the queue pair is for.
         *
         * @param id a short name, for lines of the log
         * @return this
         */
        public Builder association(String id) {
            association = Objects.requireNonNull(id, "id");
            return this;
        }

        /**
         * The parameters as set so far.
         *
         * @return the parameters
         */
        public HostQueuePairParameters build() {
            return new HostQueuePairParameters(this);
        }
    }

    /**
     * Where to connect to.
     *
     * @return the address
     */
    public TransportAddress address() {
        return address;
    }

    /**
     * The NVMe qualified name of this host (HOSTNQN).
     *
     * @return the name
     */
    public String hostNqn() {
        return hostNqn;
    }

    /**
     * The NVMe qualified name of the subsystem (SUBNQN).
     *
     * @return the name
     */
    public String subsystemNqn() {
        return subsystemNqn;
    }

    /**
     * The queue identifier (QID).
     *
     * @return 0..65,535; 0 is the admin queue
     */
    public int queueId() {
        return queueId;
    }

    /**
     * Whether this is the admin queue.
     *
     * @return true for queue identifier 0
     */
    public boolean admin() {
        return queueId == 0;
    }

    /**
     * The controller identifier (CNTLID).
     *
     * @return 0..65,519; {@link ConnectData#CNTLID_DYNAMIC} (FFFFh) on the admin queue, where the subsystem chooses the
     *     controller
     */
    public int controllerId() {
        return controllerId;
    }

    /**
     * The size of the submission queue.
     *
     * @return number of entries, 2..65,536
     */
    public int queueSize() {
        return queueSize;
    }

    /**
     * The largest data that may go directly behind the submission queue entry; for transports that put it nowhere else.
     *
     * @return bytes; 0 if the controller expects in-capsule data at an {@linkplain #inCapsuleDataOffset offset}
     */
    public int maxInCapsuleData() {
        return inCapsuleDataOffset == 0 ? inCapsuleSpace : 0;
    }

    /**
     * The largest data that may go within the capsule at {@link #inCapsuleDataOffset}; for transports that leave the
     * gap which the controller asks for.
     *
     * @return bytes
     */
    public int maxInCapsuleDataAtOffset() {
        return Math.max(0, inCapsuleSpace - inCapsuleDataOffset);
    }

    /**
     * Where in-capsule data begins (ICDOFF). A transport that cannot leave a gap goes by {@link #maxInCapsuleData}.
     *
     * @return bytes between the submission queue entry and the data, 0 on the admin queue
     */
    public int inCapsuleDataOffset() {
        return inCapsuleDataOffset;
    }

    /**
     * How long connecting and the transport's own handshake may take.
     *
     * @return more than zero
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * Options of the transport.
     *
     * @return the options
     */
    public TransportOptions options() {
        return options;
    }

    /**
     * A short name of the association, for lines of the log: the same for all of its queues, and another one for the
     * next association.
     *
     * @return the name; empty if nobody has given one
     */
    public String association() {
        return association;
    }

    @Override
    public String toString() {
        return "HostQueuePairParameters[address=" + address + ", subsystemNqn=" + subsystemNqn + ", hostNqn=" + hostNqn
                + ", queueId=" + queueId + ", controllerId=" + controllerId + ", queueSize=" + queueSize
                + ", inCapsuleSpace=" + inCapsuleSpace + ", inCapsuleDataOffset=" + inCapsuleDataOffset
                + ", connectTimeout=" + connectTimeout + ", options=" + options + ']';
    }
}
