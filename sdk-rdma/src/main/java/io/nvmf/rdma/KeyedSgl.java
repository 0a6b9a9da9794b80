package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.support.TransferDescription;
import org.jspecify.annotations.Nullable;

/**
 * How a command says where its data is: a keyed data block, which is a window of the host, or data within the capsule.
 * The host's side writes it, the controller's side checks it.
 */
final class KeyedSgl {

    /** Bytes of the largest keyed data block: its length has 24 bits. */
    static final int MAX_LENGTH = 0xFF_FFFF;

    private KeyedSgl() {}

    /**
     * Completes the entry of a command whose data is not within the capsule: identifier, PSDT and SGL1.
     *
     * @param capsule the command, which has {@linkplain CommandCapsule#encode encoded} its entry
     * @param buffer holds the entry at index 0
     * @param window the memory; null for a command without data, which gets a block of length 0
     * @param invalidate whether the controller is asked to invalidate the key
     */
    static void encode(CommandCapsule capsule, ByteBuf buffer, @Nullable RdmaWindow window, boolean invalidate) {
        TransferDescription.byTransport(capsule, buffer, 0);
        if (window == null) {
            SglDescriptor.keyedDataBlock(buffer, SubmissionQueueEntry.SGL1, 0, 0, 0, false);
        } else {
            SglDescriptor.keyedDataBlock(
                    buffer,
                    SubmissionQueueEntry.SGL1,
                    window.address(),
                    capsule.dataLength(),
                    window.key(),
                    invalidate);
        }
    }

    /** Whether an identifier is that of a keyed data block. */
    static boolean isKeyed(int identifier) {
        return identifier == SglDescriptor.KEYED_DATA_BLOCK || identifier == SglDescriptor.KEYED_DATA_BLOCK_INVALIDATE;
    }

    /**
     * The checks of {@link io.nvmf.transport.ReceivedCommand#validate(boolean)} for this transport. In this order: PSDT
     * says SGL; in-capsule data has the length announced and begins at offset 0; a keyed data block came without data;
     * the descriptor is one of the two. Not strict, a descriptor of length 0 that came without data is good whatever
     * else it says.
     */
    static Status validate(SubmissionQueueEntry entry, int inCapsuleLength, boolean strict) {
        if (entry.psdt() != SubmissionQueueEntry.PSDT_SGL) {
            return Status.of(StatusCode.INVALID_FIELD, true);
        }
        ByteBuf buffer = entry.buffer();
        int sgl = entry.sglAt();
        long length = SglDescriptor.length(buffer, sgl);
        if (!strict && length == 0 && inCapsuleLength == 0) {
            return Status.SUCCESS;
        }
        int identifier = SglDescriptor.identifier(buffer, sgl);
        if (identifier == SglDescriptor.DATA_BLOCK_OFFSET) {
            if (inCapsuleLength != length) {
                return Status.of(StatusCode.DATA_SGL_LENGTH_INVALID, true);
            }
            return SglDescriptor.address(buffer, sgl) == 0
                    ? Status.SUCCESS
                    : Status.of(StatusCode.SGL_OFFSET_INVALID, true);
        }
        if (!isKeyed(identifier)) {
            return Status.of(StatusCode.SGL_DESCRIPTOR_TYPE_INVALID, true);
        }
        return inCapsuleLength > 0 ? Status.of(StatusCode.INVALID_FIELD, true) : Status.SUCCESS;
    }
}
