package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Reusable view of the Commands Supported and Effects log page, 05h (NVMe Base Specification, "Commands Supported and
 * Effects").
 *
 * <p>Instances hold no bytes and are not thread safe.
 */
public final class CommandsSupportedAndEffects {
    /** Bytes of the page. */
    public static final int LENGTH = 4096;
    /** Effect bit: the command is supported. */
    public static final int SUPPORTED = 1;
    /** Effect bit: the command may change the content of logical blocks. */
    public static final int LOGICAL_BLOCK_CONTENT_CHANGE = 1 << 1;
    /** Effect bit: the command may change a namespace's capabilities. */
    public static final int NAMESPACE_CAPABILITY_CHANGE = 1 << 2;
    /** Effect bit: the command may change which namespaces there are. */
    public static final int NAMESPACE_INVENTORY_CHANGE = 1 << 3;
    /** Effect bit: the command may change the controller's capabilities. */
    public static final int CONTROLLER_CAPABILITY_CHANGE = 1 << 4;

    private static final int IO = 1024;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int index;

    /** Creates a view that has to be {@linkplain #wrap wrapped} around bytes before use. */
    public CommandsSupportedAndEffects() {}

    /**
     * Points this view at a page.
     *
     * @param buffer holds the page below its writer index
     * @param index absolute index of the page
     * @return this
     * @throws SpecificationViolationException if there are fewer than 4096 bytes
     */
    public CommandsSupportedAndEffects wrap(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Commands supported and effects");
        this.buffer = buffer;
        this.index = index;
        return this;
    }

    /**
     * Effects of an admin command.
     *
     * @param opcode opcode, 0..255
     * @return effect bits, 0 if it is not supported
     */
    public int admin(int opcode) {
        return buffer.getIntLE(at(0, opcode));
    }

    /**
     * Sets the effects of an admin command.
     *
     * @param opcode opcode, 0..255
     * @param effects effect bits; {@link #SUPPORTED} is added
     * @return this
     */
    public CommandsSupportedAndEffects admin(int opcode, int effects) {
        buffer.setIntLE(at(0, opcode), effects | SUPPORTED);
        return this;
    }

    /**
     * Effects of an I/O command.
     *
     * @param opcode opcode, 0..255
     * @return effect bits, 0 if it is not supported
     */
    public int io(int opcode) {
        return buffer.getIntLE(at(IO, opcode));
    }

    /**
     * Sets the effects of an I/O command.
     *
     * @param opcode opcode, 0..255
     * @param effects effect bits; {@link #SUPPORTED} is added
     * @return this
     */
    public CommandsSupportedAndEffects io(int opcode, int effects) {
        buffer.setIntLE(at(IO, opcode), effects | SUPPORTED);
        return this;
    }

    private int at(int table, int opcode) {
        Require.range("opcode", opcode, 0, 0xFF);
        return index + table + 4 * opcode;
    }
}
