package io.nvmf.spec;

import java.util.Optional;

/**
 * The status field of a completion queue entry (NVMe Base Specification, "Status Field Definition"), without the phase
 * bit.
 *
 * <p>Codes that {@link StatusCode} does not list stay representable.
 */
public final class Status {
    /** Status code type: generic command status. */
    public static final int TYPE_GENERIC = 0;
    /** Status code type: command specific status. */
    public static final int TYPE_COMMAND_SPECIFIC = 1;
    /** Status code type: media and data integrity errors. */
    public static final int TYPE_MEDIA = 2;
    /** Status code type: path related status. */
    public static final int TYPE_PATH = 3;
    /** Status code type: vendor specific. */
    public static final int TYPE_VENDOR = 7;

    /** Successful completion. */
    public static final Status SUCCESS = new Status(0);

    private static final int DNR = 1 << 15;
    private static final int MORE = 1 << 14;

    private final int raw;

    private Status(int raw) {
        this.raw = raw;
    }

    /**
     * Status of a completion.
     *
     * @param raw16 the 16-bit field at offset 14 of the entry; the phase bit is dropped, because it means nothing over
     *     fabrics
     * @return the status
     */
    public static Status of(int raw16) {
        int raw = raw16 & 0xFFFE;
        return raw == 0 ? SUCCESS : new Status(raw);
    }

    /**
     * Status with a known code and no flags.
     *
     * @param code the code
     * @return the status
     */
    public static Status of(StatusCode code) {
        return of(code, false);
    }

    /**
     * Status with a known code.
     *
     * @param code the code
     * @param doNotRetry value of DNR
     * @return the status
     */
    public static Status of(StatusCode code, boolean doNotRetry) {
        return of(raw(code.type(), code.code()) | (doNotRetry ? DNR : 0));
    }

    /**
     * Status from a type and a code.
     *
     * @param type status code type, 0..7
     * @param code status code, 0..255
     * @param doNotRetry value of DNR
     * @return the status
     */
    public static Status of(int type, int code, boolean doNotRetry) {
        Require.range("status code type", type, 0, 7);
        Require.range("status code", code, 0, 0xFF);
        return of(raw(type, code) | (doNotRetry ? DNR : 0));
    }

    private static int raw(int type, int code) {
        return type << 9 | code << 1;
    }

    /** {@return SCT, 0..7} */
    public int statusCodeType() {
        return Wire.bits(raw, 9, 3);
    }

    /** {@return SC, 0..255} */
    public int statusCode() {
        return Wire.bits(raw, 1, 8);
    }

    /** {@return CRD, 0..3: 0 for no delay, else which of CRDT1..CRDT3 of the Identify Controller structure applies} */
    public int crd() {
        return Wire.bits(raw, 12, 2);
    }

    /** {@return whether the error log has more information} */
    public boolean more() {
        return (raw & MORE) != 0;
    }

    /** {@return whether the controller says that the same command will fail again} */
    public boolean doNotRetry() {
        return (raw & DNR) != 0;
    }

    /** {@return whether type and code are 0} */
    public boolean isSuccess() {
        return (raw & 0x0FFE) == 0;
    }

    /** {@return the 16-bit field with the phase bit 0} */
    public int raw() {
        return raw;
    }

    /**
     * What the code means for a command of a set.
     *
     * @param set command set of the command that was answered
     * @return the code, empty if the table does not list it
     */
    public Optional<StatusCode> code(CommandSet set) {
        return StatusCode.find(statusCodeType(), statusCode(), set);
    }

    /**
     * What the code means for an opcode; only the Fabrics opcode makes a difference.
     *
     * @param opcode opcode of the command that was answered
     * @return the code, empty if the table does not list it
     */
    public Optional<StatusCode> code(int opcode) {
        return code(opcode == FabricsCommandType.FABRICS_OPCODE ? CommandSet.FABRICS : CommandSet.NVM);
    }

    /**
     * Whether this is the given code, whatever the flags.
     *
     * @param code code to compare with
     * @return true if type and code agree
     */
    public boolean is(StatusCode code) {
        return statusCodeType() == code.type() && statusCode() == code.code();
    }

    /**
     * Whether sending the command again can help; DNR rules, then a command retry delay, then the code.
     *
     * @param opcode opcode of the command that was answered
     * @return the class
     */
    public Retry retry(int opcode) {
        if (doNotRetry()) {
            return Retry.NEVER;
        }
        if (crd() != 0) {
            return Retry.SAME_PATH;
        }
        Retry unlisted = statusCodeType() == TYPE_PATH ? Retry.OTHER_PATH : Retry.NEVER;
        return code(opcode).map(StatusCode::retry).orElse(unlisted);
    }

    /**
     * Describes the status for a person.
     *
     * @param opcode opcode of the command that was answered
     * @return type, code, text and flags, such as {@code "0/0Bh DNR The namespace or its format is invalid."}
     */
    public String describe(int opcode) {
        String text = code(opcode).map(StatusCode::text).orElse("Code not listed by the specification");
        return this + " " + text;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Status other && other.raw == raw;
    }

    @Override
    public int hashCode() {
        return raw;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format("%d/%02Xh", statusCodeType(), statusCode()));
        if (crd() != 0) {
            text.append(" CRD").append(crd());
        }
        return text.append(more() ? " M" : "")
                .append(doNotRetry() ? " DNR" : "")
                .toString();
    }
}
