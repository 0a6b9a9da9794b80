package io.nvmf.tcp.capture;

import io.nvmf.tcp.pdu.PduType;
import java.util.BitSet;

/**
 * Which data of a connection may be written to the file. Data is somebody's, unless it is known whose: it is kept only
 * for commands that have been seen and whose data is no secret. Those of authentication and of security protocols
 * never are, and of all Fabrics commands only the data of Connect is known not to be. Both directions of a connection
 * share one rule.
 */
final class PayloadRule {

    /** Where the submission queue entry is in a command capsule. */
    private static final int SQE = 8;

    /** Where data PDUs have the identifier of their command. */
    private static final int CCCID = 8;

    private static final int CID = SQE + 2;
    private static final int FCTYPE = SQE + 4;

    private static final int FABRICS = 0x7F;
    private static final int CONNECT = 0x01;

    /** Admin commands, as far as the queue is an admin queue; other queues lose nothing worth having. */
    private static final int SECURITY_SEND = 0x81;

    private static final int SECURITY_RECEIVE = 0x82;

    /** Bytes of the data of Connect. */
    private static final int CONNECT_DATA = 1024;

    private final int dataBytes;

    /** The identifiers of commands whose data is no secret; what is not here is. */
    private final BitSet harmless = new BitSet();

    PayloadRule(int dataBytes) {
        this.dataBytes = dataBytes;
    }

    /** What may be kept of the data of a PDU: a number of bytes, and whether it is a secret with its digest. */
    record Kept(int bytes, boolean secret) {}

    private static final Kept SECRET = new Kept(0, true);

    /**
     * Looks at a header.
     *
     * @param type of the PDU, one with data perhaps
     * @param header its header, of which enough is there
     */
    Kept of(PduType type, byte[] header) {
        if (type == PduType.CAPSULE_CMD) {
            return command(header);
        }
        return harmless.get(unsignedShort(header, CCCID)) ? new Kept(dataBytes, false) : SECRET;
    }

    private Kept command(byte[] header) {
        int opcode = header[SQE] & 0xFF;
        int fabricsType = header[FCTYPE] & 0xFF;
        boolean connect = opcode == FABRICS && fabricsType == CONNECT;
        boolean secret = !connect && (opcode == FABRICS || opcode == SECURITY_SEND || opcode == SECURITY_RECEIVE);
        harmless.set(unsignedShort(header, CID), !secret);
        if (secret) {
            return SECRET;
        }
        return new Kept(connect ? Math.max(CONNECT_DATA, dataBytes) : dataBytes, false);
    }

    private static int unsignedShort(byte[] bytes, int index) {
        return bytes[index] & 0xFF | (bytes[index + 1] & 0xFF) << 8;
    }
}
