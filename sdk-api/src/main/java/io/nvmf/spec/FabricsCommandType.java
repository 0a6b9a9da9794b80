package io.nvmf.spec;

/** FCTYPE values of Fabrics commands (NVMe Base Specification, "Fabrics Command Set"). */
public final class FabricsCommandType {
    /** The opcode that all Fabrics commands share. */
    public static final int FABRICS_OPCODE = 0x7F;
    /** Property Set. */
    public static final int PROPERTY_SET = 0x00;
    /** Connect. */
    public static final int CONNECT = 0x01;
    /** Property Get. */
    public static final int PROPERTY_GET = 0x04;
    /** Authentication Send. */
    public static final int AUTHENTICATION_SEND = 0x05;
    /** Authentication Receive. */
    public static final int AUTHENTICATION_RECEIVE = 0x06;
    /** Disconnect. */
    public static final int DISCONNECT = 0x08;

    private FabricsCommandType() {}
}
