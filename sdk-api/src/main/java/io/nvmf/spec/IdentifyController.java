package io.nvmf.spec;

import java.time.Duration;
import java.util.Optional;

/**
 * The Identify Controller data structure, CNS 01h (NVMe Base Specification, "Identify Controller Data Structure").
 *
 * <p>Numbers are read and written by {@link Field}; strings and values that need arithmetic have methods. Everything in
 * it comes from the peer: a value used as a size or count still has to be bounded by its user, which the methods here
 * do.
 */
public final class IdentifyController extends Structure<IdentifyController.Field, IdentifyController> {
    /** Bytes of the structure. */
    public static final int LENGTH = 4096;
    /** CNTRLTYPE: I/O controller. */
    public static final int TYPE_IO = 1;
    /** CNTRLTYPE: discovery controller. */
    public static final int TYPE_DISCOVERY = 2;
    /** CNTRLTYPE: administrative controller. */
    public static final int TYPE_ADMINISTRATIVE = 3;
    /** CMIC bit: ANA reporting is supported. */
    public static final int CMIC_ANA = 1 << 3;
    /** CTRATT bit: 128-bit host identifiers are supported. */
    public static final int CTRATT_HOST_ID_128 = 1;
    /** CTRATT bit: traffic based keep alive is supported. */
    public static final int CTRATT_TBKAS = 1 << 6;
    /** ONCS bit: Compare. */
    public static final int ONCS_COMPARE = 1;
    /** ONCS bit: Write Uncorrectable. */
    public static final int ONCS_WRITE_UNCORRECTABLE = 1 << 1;
    /** ONCS bit: Dataset Management. */
    public static final int ONCS_DATASET_MANAGEMENT = 1 << 2;
    /** ONCS bit: Write Zeroes. */
    public static final int ONCS_WRITE_ZEROES = 1 << 3;
    /** ONCS bit: reservations. */
    public static final int ONCS_RESERVATIONS = 1 << 5;
    /** ONCS bit: Verify. */
    public static final int ONCS_VERIFY = 1 << 7;
    /** ONCS bit: Copy. */
    public static final int ONCS_COPY = 1 << 8;
    /** VWC bit: a volatile write cache is present. */
    public static final int VWC_PRESENT = 1;
    /** SGLS value: SGLs are supported, without alignment rule. */
    public static final int SGLS_SUPPORTED = 1;
    /** SGLS bit: keyed data blocks. */
    public static final int SGLS_KEYED = 1 << 2;
    /** SGLS bit: offset addressing, that is in-capsule data. */
    public static final int SGLS_OFFSET = 1 << 20;
    /** SGLS bit: transport data blocks. */
    public static final int SGLS_TRANSPORT = 1 << 21;
    /** OFCS bit: Disconnect. */
    public static final int OFCS_DISCONNECT = 1;

    /** The numbers of the structure, under the specification's names. */
    public enum Field implements StructureField {
        /** PCI vendor identifier. */
        VID(0, 2),
        /** PCI subsystem vendor identifier. */
        SSVID(2, 2),
        /** Recommended arbitration burst. */
        RAB(72, 1),
        /** Multi-path capabilities: 0 ports, 1 controllers, 2 SR-IOV, 3 ANA reporting. */
        CMIC(76, 1),
        /** Maximum data transfer size, 2^n memory pages of CAP.MPSMIN, 0 for no limit. */
        MDTS(77, 1),
        /** Controller identifier. */
        CNTLID(78, 2),
        /** Version, as in {@link Version}. */
        VER(80, 4),
        /** RTD3 resume latency, microseconds. */
        RTD3R(84, 4),
        /** RTD3 entry latency, microseconds. */
        RTD3E(88, 4),
        /** Asynchronous events supported, bits as in {@link AsyncEventConfiguration}. */
        OAES(92, 4),
        /** Controller attributes, {@link IdentifyController#CTRATT_TBKAS} and others. */
        CTRATT(96, 4),
        /** Read recovery levels supported. */
        RRLS(100, 2),
        /** Controller type, {@link IdentifyController#TYPE_IO} and others. */
        CNTRLTYPE(111, 1),
        /** Command retry delay time 1, units of 100 ms. */
        CRDT1(128, 2),
        /** Command retry delay time 2, units of 100 ms. */
        CRDT2(130, 2),
        /** Command retry delay time 3, units of 100 ms. */
        CRDT3(132, 2),
        /** Optional admin commands supported. */
        OACS(256, 2),
        /** Abort command limit, 0 based. */
        ACL(258, 1),
        /** Asynchronous event request limit, 0 based. */
        AERL(259, 1),
        /** Firmware updates. */
        FRMW(260, 1),
        /** Log page attributes. */
        LPA(261, 1),
        /** Error log page entries, 0 based. */
        ELPE(262, 1),
        /** Number of power states, 0 based. */
        NPSS(263, 1),
        /** Warning composite temperature, kelvin. */
        WCTEMP(266, 2),
        /** Critical composite temperature, kelvin. */
        CCTEMP(268, 2),
        /** Maximum time for firmware activation, units of 100 ms, 0 if not stated. */
        MTFA(270, 2),
        /** Total NVM capacity, bytes. */
        TNVMCAP(280, 16),
        /** Unallocated NVM capacity, bytes. */
        UNVMCAP(296, 16),
        /** Extended device self-test time, minutes. */
        EDSTT(316, 2),
        /** Keep alive support, units of 100 ms, 0 for none. */
        KAS(320, 2),
        /** Host controlled thermal management attributes. */
        HCTMA(322, 2),
        /** Sanitize capabilities. */
        SANICAP(328, 4),
        /** Largest NVM set identifier. */
        NSETIDMAX(338, 2),
        /** Largest endurance group identifier. */
        ENDGIDMAX(340, 2),
        /** ANA transition time, seconds. */
        ANATT(342, 1),
        /** ANA capabilities. */
        ANACAP(343, 1),
        /** Largest ANA group identifier. */
        ANAGRPMAX(344, 4),
        /** Number of ANA group identifiers. */
        NANAGRPID(348, 4),
        /** Persistent event log size, units of 64 KiB. */
        PELS(352, 4),
        /** Domain identifier. */
        DOMAINID(356, 2),
        /** Command quiesce time, milliseconds. */
        CQT(386, 2),
        /** Submission queue entry sizes: 3:0 required, 7:4 largest, as powers of two. */
        SQES(512, 1),
        /** Completion queue entry sizes: 3:0 required, 7:4 largest, as powers of two. */
        CQES(513, 1),
        /** Most commands outstanding on an I/O queue. */
        MAXCMD(514, 2),
        /** Highest namespace identifier. */
        NN(516, 4),
        /** Optional NVM commands supported, {@link IdentifyController#ONCS_COMPARE} and others. */
        ONCS(520, 2),
        /** Fused operations: bit 0 compare and write. */
        FUSES(522, 2),
        /** Format NVM attributes. */
        FNA(524, 1),
        /** Volatile write cache: bit 0 present, 2:1 flush of all namespaces. */
        VWC(525, 1),
        /** Atomic write unit normal, blocks, 0 based. */
        AWUN(526, 2),
        /** Atomic write unit power fail, blocks, 0 based. */
        AWUPF(528, 2),
        /** Namespace write protection capabilities. */
        NWPC(531, 1),
        /** Atomic compare and write unit, blocks, 0 based. */
        ACWU(532, 2),
        /** Copy descriptor formats supported. */
        OCFS(534, 2),
        /** SGL support, {@link IdentifyController#SGLS_SUPPORTED} and others. */
        SGLS(536, 4),
        /** Most namespaces that can be allocated, 0 for no statement. */
        MNAN(540, 4),
        /** I/O command capsule size, units of 16 bytes, at least 4. */
        IOCCSZ(1792, 4),
        /** I/O response capsule size, units of 16 bytes. */
        IORCSZ(1796, 4),
        /** In-capsule data offset from the end of the entry, units of 16 bytes. */
        ICDOFF(1800, 2),
        /** Fabrics attributes: bit 0 is 0 for the dynamic controller model, 1 for the static one. */
        FCATT(1802, 1),
        /** Most SGL data block descriptors, 0 for no limit. */
        MSDBD(1803, 1),
        /** Optional Fabrics commands: bit 0 Disconnect. */
        OFCS(1804, 2),
        /** Discovery controller type: 0 not reported, 1 direct, 2 central. */
        DCTYPE(1806, 1);

        private final int offset;
        private final int size;

        Field(int offset, int size) {
            this.offset = offset;
            this.size = size;
        }

        @Override
        public int offset() {
            return offset;
        }

        @Override
        public int size() {
            return size;
        }
    }

    private static final int SERIAL_NUMBER = 4;
    private static final int MODEL_NUMBER = 24;
    private static final int FIRMWARE_REVISION = 64;
    private static final int FGUID = 112;
    private static final int SUBNQN = 768;

    /** Creates a view that has to be {@linkplain #wrap wrapped} around bytes before use. */
    public IdentifyController() {
        super(LENGTH);
    }

    @Override
    IdentifyController self() {
        return this;
    }

    /** {@return SN without padding} */
    public String serialNumber() {
        return text(SERIAL_NUMBER, 20);
    }

    /**
     * Sets SN.
     *
     * @param value at most 20 ASCII characters
     * @return this
     */
    public IdentifyController serialNumber(String value) {
        return text(SERIAL_NUMBER, 20, value, ' ');
    }

    /** {@return MN without padding} */
    public String modelNumber() {
        return text(MODEL_NUMBER, 40);
    }

    /**
     * Sets MN.
     *
     * @param value at most 40 ASCII characters
     * @return this
     */
    public IdentifyController modelNumber(String value) {
        return text(MODEL_NUMBER, 40, value, ' ');
    }

    /** {@return FR without padding} */
    public String firmwareRevision() {
        return text(FIRMWARE_REVISION, 8);
    }

    /**
     * Sets FR.
     *
     * @param value at most 8 ASCII characters
     * @return this
     */
    public IdentifyController firmwareRevision(String value) {
        return text(FIRMWARE_REVISION, 8, value, ' ');
    }

    /** {@return FGUID as 32 hexadecimal digits in the order of its bytes, empty if it is all zero} */
    public Optional<String> fruGuid() {
        return identifier(FGUID, 16);
    }

    /** {@return SUBNQN} */
    public String subsystemNqn() {
        return Wire.terminatedText(buffer(), index() + SUBNQN, Nqn.FIELD_LENGTH);
    }

    /**
     * Sets SUBNQN.
     *
     * @param value at most 223 bytes
     * @return this
     */
    public IdentifyController subsystemNqn(String value) {
        return text(SUBNQN, Nqn.FIELD_LENGTH, Nqn.require(value), 0);
    }

    /** {@return VER} */
    public Version version() {
        return Version.decode((int) get(Field.VER));
    }

    /** {@return whether any command counts as a sign of life (CTRATT.TBKAS)} */
    public boolean trafficBasedKeepAlive() {
        return has(Field.CTRATT, CTRATT_TBKAS);
    }

    /** {@return the granularity of the keep alive timeout (KAS), zero if keep alive is not supported} */
    public Duration keepAliveGranularity() {
        return Duration.ofMillis(100L * get(Field.KAS));
    }

    /**
     * The limit that MDTS sets.
     *
     * @param mpsmin CAP.MPSMIN, which is the unit, whatever CC.MPS is
     * @return bytes of the largest data transfer, {@code Long.MAX_VALUE} if there is no limit or it is beyond 2^62
     */
    public long maximumDataTransferSize(int mpsmin) {
        long mdts = get(Field.MDTS);
        long exponent = 12 + mpsmin + mdts;
        return mdts == 0 || exponent > 62 ? Long.MAX_VALUE : 1L << exponent;
    }

    /** {@return bytes of data that fit into an I/O command capsule (IOCCSZ), 0 if none do or the field is invalid} */
    public long inCapsuleDataSize() {
        return Math.max(0, 16 * get(Field.IOCCSZ) - SubmissionQueueEntry.LENGTH);
    }

    /** {@return bytes between the submission queue entry and in-capsule data (ICDOFF)} */
    public int inCapsuleDataOffset() {
        return (int) (16 * get(Field.ICDOFF));
    }

    /** {@return whether there is a volatile write cache, without which Flush has nothing to do} */
    public boolean volatileWriteCache() {
        return has(Field.VWC, VWC_PRESENT);
    }

    /** {@return whether the subsystem uses the static controller model (FCATT bit 0)} */
    public boolean staticControllerModel() {
        return has(Field.FCATT, 1);
    }

    /** {@return how many asynchronous event requests may be outstanding, AERL plus one} */
    public int asyncEventRequestLimit() {
        return (int) get(Field.AERL) + 1;
    }

    /**
     * The delay that CRD of a status refers to.
     *
     * @param crd CRD, 0..3, as {@link Status#crd()} has it
     * @return the delay, zero for CRD 0
     */
    public Duration commandRetryDelay(int crd) {
        long units = switch (crd) {
            case 1 -> get(Field.CRDT1);
            case 2 -> get(Field.CRDT2);
            case 3 -> get(Field.CRDT3);
            default -> 0;
        };
        return Duration.ofMillis(100 * units);
    }
}
