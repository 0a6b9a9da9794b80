package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * Set Features and Get Features (NVMe Base Specification, "Set Features command", "Get Features command").
 *
 * @param set whether this is Set Features
 * @param nsid namespace identifier, 0 where the feature is not specific to a namespace
 * @param featureId one of {@link FeatureId}
 * @param select SEL of Get Features, {@link #SELECT_CURRENT} and so on
 * @param save SV of Set Features
 * @param cdw11 first feature-specific dword
 * @param cdw12 second feature-specific dword
 */
public record FeatureCommand(boolean set, int nsid, int featureId, int select, boolean save, int cdw11, int cdw12) {
    /** SEL: the current value. */
    public static final int SELECT_CURRENT = 0;
    /** SEL: the default value. */
    public static final int SELECT_DEFAULT = 1;
    /** SEL: the saved value. */
    public static final int SELECT_SAVED = 2;
    /** SEL: what may be done with the feature. */
    public static final int SELECT_SUPPORTED_CAPABILITIES = 3;

    private static final int SV = 1 << 31;

    /**
     * Set Features of a controller-wide feature, not saved.
     *
     * @param featureId one of {@link FeatureId}
     * @param cdw11 the value
     * @return the command
     */
    public static FeatureCommand set(int featureId, int cdw11) {
        return new FeatureCommand(true, 0, featureId, 0, false, cdw11, 0);
    }

    /**
     * Get Features of the current value of a controller-wide feature.
     *
     * @param featureId one of {@link FeatureId}
     * @return the command
     */
    public static FeatureCommand get(int featureId) {
        return new FeatureCommand(false, 0, featureId, SELECT_CURRENT, false, 0, 0);
    }

    /**
     * Reads a Set Features or Get Features entry.
     *
     * @param buffer holds the entry, whose opcode is one of the two
     * @param index absolute index of the entry
     * @return the fields
     */
    public static FeatureCommand decode(ByteBuf buffer, int index) {
        boolean set = SubmissionQueueEntry.opcode(buffer, index) == AdminOpcode.SET_FEATURES;
        int cdw10 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW10);
        return new FeatureCommand(
                set,
                SubmissionQueueEntry.nsid(buffer, index),
                cdw10 & 0xFF,
                set ? 0 : Wire.bits(cdw10, 8, 3),
                set && (cdw10 & SV) != 0,
                SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW11),
                SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW12));
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("FID", featureId, 0, 0xFF);
        Require.range("SEL", select, 0, 7);
        int modifier = set ? (save ? SV : 0) : select << 8;
        SubmissionQueueEntry.start(buffer, index, set ? AdminOpcode.SET_FEATURES : AdminOpcode.GET_FEATURES, nsid);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW10, featureId | modifier);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW11, cdw11);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW12, cdw12);
    }
}
