package io.nvmf.tcp.testing.proxy;

/**
 * A PDU that the proxy is about to pass on. Counts begin with 1.
 *
 * @param connection which connection, from 0, as they were made
 * @param direction which way it travels
 * @param type PDU type as it is on the wire
 * @param number the how manieth PDU of this direction of the connection it is
 * @param ofItsType the how manieth of its type
 * @param length PLEN in bytes
 * @param dataOffset where its data begins, 0 if it has none
 */
public record SeenPdu(
        int connection, Direction direction, int type, long number, long ofItsType, int length, int dataOffset) {

    public static final int IC_REQ = 0x00;
    public static final int IC_RESP = 0x01;
    public static final int CAPSULE_CMD = 0x04;
    public static final int CAPSULE_RESP = 0x05;
    public static final int H2C_DATA = 0x06;
    public static final int C2H_DATA = 0x07;
    public static final int R2T = 0x09;
}
