package io.nvmf.transport.support;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;

/**
 * How a command says where its data is: PSDT and SGL1 of the submission queue entry (NVMe Base Specification, "Scatter
 * Gather List (SGL)"; NVMe over Fabrics, "Data Transfers"). The host's side writes it, the controller's side checks it.
 *
 * <p>This is the description of transports that move data within capsules and in messages of their own. Remote memory
 * access with keyed descriptors writes and checks another one.
 */
public final class TransferDescription {

    /** Bits 7:6 of the flags; the others are FUSE and reserved. */
    private static final int PSDT_MASK = 0xC0;

    private TransferDescription() {}

    /**
     * Completes the entry of a command whose data follows within the capsule, at offset 0: identifier, PSDT and SGL1.
     *
     * @param capsule the command, which has {@linkplain CommandCapsule#encode encoded} its entry
     * @param buffer holds the entry
     * @param entry where the entry starts
     */
    public static void inCapsule(CommandCapsule capsule, ByteBuf buffer, int entry) {
        identify(capsule, buffer, entry);
        SglDescriptor.dataBlockOffset(buffer, entry + SubmissionQueueEntry.SGL1, capsule.dataLength());
    }

    /**
     * Completes the entry of a command without data, or whose data moves in messages of the transport: identifier, PSDT
     * and SGL1.
     *
     * @param capsule the command, which has {@linkplain CommandCapsule#encode encoded} its entry
     * @param buffer holds the entry
     * @param entry where the entry starts
     */
    public static void byTransport(CommandCapsule capsule, ByteBuf buffer, int entry) {
        identify(capsule, buffer, entry);
        SglDescriptor.transportDataBlock(buffer, entry + SubmissionQueueEntry.SGL1, capsule.dataLength());
    }

    private static void identify(CommandCapsule capsule, ByteBuf buffer, int entry) {
        SubmissionQueueEntry.commandId(buffer, entry, capsule.commandId());
        int flags = buffer.getByte(entry + SubmissionQueueEntry.FLAGS);
        buffer.setByte(entry + SubmissionQueueEntry.FLAGS, flags & ~PSDT_MASK | SubmissionQueueEntry.PSDT_SGL << 6);
    }

    /**
     * The checks of {@link io.nvmf.transport.ReceivedCommand#validate(boolean)}. In this order: PSDT says SGL;
     * in-capsule data (01h) has the length announced; a transport data block (5Ah) came without data; the descriptor is
     * one of the two; its address, or offset in the capsule, is 0.
     *
     * <p>Not strict, a descriptor of length 0 that came without data is good whatever its type and address are, because
     * there is nothing to describe; and so is the address of a transport data block, which is reserved.
     *
     * @param entry the submission queue entry
     * @param inCapsuleLength bytes of data that came within the capsule
     * @param strict whether all of the above is looked at
     * @return {@link Status#SUCCESS} or what is wrong, with DNR
     */
    public static Status validate(SubmissionQueueEntry entry, long inCapsuleLength, boolean strict) {
        if (entry.psdt() != SubmissionQueueEntry.PSDT_SGL) {
            return Status.of(StatusCode.INVALID_FIELD, true);
        }
        ByteBuf buffer = entry.buffer();
        int sgl = entry.sglAt();
        long length = SglDescriptor.length(buffer, sgl);
        if (!strict && length == 0 && inCapsuleLength == 0) {
            return Status.SUCCESS;
        }
        boolean addressed;
        switch (SglDescriptor.identifier(buffer, sgl)) {
            case SglDescriptor.DATA_BLOCK_OFFSET -> {
                if (inCapsuleLength != length) {
                    return Status.of(StatusCode.DATA_SGL_LENGTH_INVALID, true);
                }
                addressed = true;
            }
            case SglDescriptor.TRANSPORT_DATA_BLOCK -> {
                if (inCapsuleLength > 0) {
                    return Status.of(StatusCode.INVALID_FIELD, true);
                }
                addressed = strict;
            }
            default -> {
                return Status.of(StatusCode.SGL_DESCRIPTOR_TYPE_INVALID, true);
            }
        }
        return addressed && SglDescriptor.address(buffer, sgl) != 0
                ? Status.of(StatusCode.SGL_OFFSET_INVALID, true)
                : Status.SUCCESS;
    }
}
