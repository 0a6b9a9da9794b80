package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * The Firmware Slot Information log page, 03h (NVMe Base Specification, "Firmware Slot Information").
 *
 * @param activeFirmwareInfo AFI: bits 2:0 the active slot, 6:4 the slot that is active after the next reset
 * @param revisions firmware revisions of slots 1 to 7, empty strings for empty slots
 */
public record FirmwareSlotLog(int activeFirmwareInfo, List<String> revisions) {
    /** Bytes of the page. */
    public static final int LENGTH = 512;
    /** Slots in the page. */
    public static final int SLOTS = 7;

    private static final int REVISIONS = 8;
    private static final int REVISION_LENGTH = 8;

    /**
     * Reads the page.
     *
     * @param buffer holds the page
     * @param index absolute index of the page
     * @return the page
     * @throws SpecificationViolationException if there are fewer than 512 bytes
     */
    public static FirmwareSlotLog decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Firmware slot log");
        List<String> revisions = new ArrayList<>(SLOTS);
        for (int slot = 0; slot < SLOTS; slot++) {
            revisions.add(Wire.trimmedAscii(buffer, index + REVISIONS + REVISION_LENGTH * slot, REVISION_LENGTH));
        }
        return new FirmwareSlotLog(buffer.getUnsignedByte(index), List.copyOf(revisions));
    }

    /**
     * Writes all 512 bytes.
     *
     * @param buffer receives the page
     * @param index absolute index of the page
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("number of slots", revisions.size(), 0, SLOTS);
        buffer.setZero(index, LENGTH);
        buffer.setByte(index, activeFirmwareInfo);
        for (int slot = 0; slot < revisions.size(); slot++) {
            String revision = revisions.get(slot);
            if (!revision.isEmpty()) {
                Wire.putPadded(buffer, index + REVISIONS + REVISION_LENGTH * slot, REVISION_LENGTH, revision, ' ');
            }
        }
    }
}
