package io.nvmf.tcp.capture;

import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.PduType;

/** What a PDU says, for those that Wireshark does not take apart because their data is cut off before a digest. */
final class DataPduText {

    private static final int OPC = 8;
    private static final int CID = 10;

    private static final int CCCID = 8;
    private static final int TTAG = 10;
    private static final int DATAO = 12;
    private static final int DATAL = 16;

    private DataPduText() {}

    static String of(PduType type, byte[] header) {
        int flags = header[1];
        return type
                + (type == PduType.CAPSULE_CMD ? command(header) : fields(type, header))
                + ((flags & CommonHeader.LAST_PDU) != 0 ? ", last" : "")
                + ((flags & CommonHeader.SUCCESS) != 0 ? ", success" : "")
                + "; its data is not captured";
    }

    private static String command(byte[] header) {
        return " with command 0x" + hex(number(header, CID, 2)) + ", opcode 0x" + hex(number(header, OPC, 1));
    }

    private static String fields(PduType type, byte[] header) {
        return " for command 0x" + hex(number(header, CCCID, 2))
                + (type == PduType.H2C_DATA ? ", transfer tag 0x" + hex(number(header, TTAG, 2)) : "")
                + ", offset " + number(header, DATAO, 4)
                + ", length " + number(header, DATAL, 4);
    }

    private static String hex(long number) {
        return String.format("%04x", number);
    }

    private static long number(byte[] bytes, int index, int length) {
        long number = 0;
        for (int i = length - 1; i >= 0; i--) {
            number = number << 8 | bytes[index + i] & 0xFF;
        }
        return number;
    }
}
