package io.nvmf.spec;

import java.util.Optional;

/**
 * The Identify Namespace data structure of the NVM command set, CNS 00h (NVM Command Set Specification, "Identify
 * Namespace Data Structure").
 *
 * <p>Numbers are read and written by {@link Field}; identifiers and LBA formats have methods.
 */
public final class IdentifyNamespace extends Structure<IdentifyNamespace.Field, IdentifyNamespace> {
    /** Bytes of the structure. */
    public static final int LENGTH = 4096;
    /** LBA formats in the structure. */
    public static final int LBA_FORMATS = 64;

    /** The numbers of the structure, under the specification's names. */
    public enum Field implements StructureField {
        /** Namespace size, blocks. */
        NSZE(0, 8),
        /** Namespace capacity, blocks. */
        NCAP(8, 8),
        /** Namespace utilization, blocks. */
        NUSE(16, 8),
        /** Namespace features. */
        NSFEAT(24, 1),
        /** Number of LBA formats, 0 based. */
        NLBAF(25, 1),
        /** Formatted LBA size: index of the format in 3:0 and 6:5, bit 4 metadata at the end of the data. */
        FLBAS(26, 1),
        /** Metadata capabilities: 0 extended, 1 separate. */
        MC(27, 1),
        /** Data protection capabilities. */
        DPC(28, 1),
        /** Data protection settings: 2:0 type, bit 3 protection information first. */
        DPS(29, 1),
        /** Multi-path capabilities: bit 0 shared. */
        NMIC(30, 1),
        /** Reservation capabilities. */
        RESCAP(31, 1),
        /** Format progress indicator. */
        FPI(32, 1),
        /** Deallocate features: 2:0 what deallocated blocks read as, bit 3 Write Zeroes deallocates. */
        DLFEAT(33, 1),
        /** Atomic write unit normal, blocks, 0 based. */
        NAWUN(34, 2),
        /** Atomic write unit power fail, blocks, 0 based. */
        NAWUPF(36, 2),
        /** Atomic compare and write unit, blocks, 0 based. */
        NACWU(38, 2),
        /** Atomic boundary size normal, blocks, 0 based. */
        NABSN(40, 2),
        /** Atomic boundary offset, blocks. */
        NABO(42, 2),
        /** Atomic boundary size power fail, blocks, 0 based. */
        NABSPF(44, 2),
        /** Optimal I/O boundary, blocks, 0 for none. */
        NOIOB(46, 2),
        /** NVM capacity, bytes. */
        NVMCAP(48, 16),
        /** Preferred write granularity, blocks, 0 based. */
        NPWG(64, 2),
        /** Preferred write alignment, blocks, 0 based. */
        NPWA(66, 2),
        /** Preferred deallocate granularity, blocks, 0 based. */
        NPDG(68, 2),
        /** Preferred deallocate alignment, blocks, 0 based. */
        NPDA(70, 2),
        /** Optimal write size, blocks, 0 based. */
        NOWS(72, 2),
        /** Most blocks of one source range of a copy. */
        MSSRL(74, 2),
        /** Most blocks of a copy. */
        MCL(76, 4),
        /** Most source ranges of a copy, 0 based. */
        MSRC(80, 1),
        /** ANA group identifier. */
        ANAGRPID(92, 4),
        /** Namespace attributes: bit 0 write protected. */
        NSATTR(99, 1),
        /** NVM set identifier. */
        NVMSETID(100, 2),
        /** Endurance group identifier. */
        ENDGID(102, 2);

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

    private static final int NGUID = 104;
    private static final int EUI64 = 120;
    private static final int LBAF = 128;

    /** Creates a view that has to be {@linkplain #wrap wrapped} around bytes before use. */
    public IdentifyNamespace() {
        super(LENGTH);
    }

    @Override
    IdentifyNamespace self() {
        return this;
    }

    /**
     * One LBA format.
     *
     * @param metadataSize MS, bytes of metadata per block
     * @param lbaDataSize LBADS, blocks have 2^n bytes; 0 for a format that cannot be used
     * @param relativePerformance RP, 0 best to 3 degraded
     */
    public record LbaFormat(int metadataSize, int lbaDataSize, int relativePerformance) {
        private static final int MIN_LBADS = 9;
        private static final int MAX_LBADS = 62;

        /**
         * Bytes of a block without metadata.
         *
         * @return 512 or a larger power of two
         * @throws SpecificationViolationException if LBADS is below 9 or beyond what a {@code long} holds
         */
        public long blockSize() {
            if (lbaDataSize < MIN_LBADS || lbaDataSize > MAX_LBADS) {
                throw new SpecificationViolationException(
                        "LBADS", lbaDataSize, LBAF + 2, "a usable format has " + MIN_LBADS + ".." + MAX_LBADS);
            }
            return 1L << lbaDataSize;
        }
    }

    /** {@return the index of the LBA format in use, 0..63} */
    public int formattedLbaIndex() {
        int flbas = (int) get(Field.FLBAS);
        return Wire.bits(flbas, 0, 4) | Wire.bits(flbas, 5, 2) << 4;
    }

    /** {@return the LBA format in use} */
    public LbaFormat formattedLba() {
        return lbaFormat(formattedLbaIndex());
    }

    /** {@return whether metadata is transferred at the end of each block's data} */
    public boolean extendedLba() {
        return has(Field.FLBAS, 1 << 4);
    }

    /**
     * Reads an LBA format.
     *
     * @param format index, 0..63
     * @return the format
     */
    public LbaFormat lbaFormat(int format) {
        Require.range("LBA format", format, 0, LBA_FORMATS - 1);
        int at = index() + LBAF + 4 * format;
        return new LbaFormat(
                buffer().getUnsignedShortLE(at), buffer().getUnsignedByte(at + 2), buffer().getByte(at + 3) & 3);
    }

    /**
     * Writes an LBA format.
     *
     * @param format index, 0..63
     * @param value the format
     * @return this
     */
    public IdentifyNamespace lbaFormat(int format, LbaFormat value) {
        Require.range("LBA format", format, 0, LBA_FORMATS - 1);
        int at = index() + LBAF + 4 * format;
        buffer().setShortLE(at, value.metadataSize());
        buffer().setByte(at + 2, value.lbaDataSize());
        buffer().setByte(at + 3, value.relativePerformance());
        return this;
    }

    /** {@return NGUID as 32 hexadecimal digits in the order of its bytes, empty if it is all zero} */
    public Optional<String> nguid() {
        return identifier(NGUID, 16);
    }

    /**
     * Sets NGUID.
     *
     * @param value 32 hexadecimal digits
     * @return this
     */
    public IdentifyNamespace nguid(String value) {
        return identifier(NGUID, 16, value);
    }

    /** {@return EUI64 as 16 hexadecimal digits in the order of its bytes, empty if it is all zero} */
    public Optional<String> eui64() {
        return identifier(EUI64, 8);
    }

    /**
     * Sets EUI64.
     *
     * @param value 16 hexadecimal digits
     * @return this
     */
    public IdentifyNamespace eui64(String value) {
        return identifier(EUI64, 8, value);
    }
}
