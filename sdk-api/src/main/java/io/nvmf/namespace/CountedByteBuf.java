package io.nvmf.namespace;

import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ByteProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;

/**
 * The memory of another buffer, which it owns, with a reference count of its own, so that the stream hears when the last
 * reference to it is gone.
 *
 * <p>It hides the buffer that it wraps: slices, duplicates and composites are made of this one and count its references,
 * and nothing that unwraps buffers gets around it. Its memory address and its NIO buffers are those of the memory, so
 * sockets take it as directly as they take what is wrapped. A leak is reported by the buffer that it wraps.
 */
@SuppressWarnings("deprecation") // order() has to be there
final class CountedByteBuf extends AbstractReferenceCountedByteBuf {

    private final ByteBuf memory;
    private final HeldBytes held;
    private final int bytes;

    /**
     * @param memory with one reference, which is this one's
     * @param held told when this is released
     * @param bytes what to give back then
     */
    CountedByteBuf(ByteBuf memory, HeldBytes held, int bytes) {
        super(memory.maxCapacity());
        this.memory = memory;
        this.held = held;
        this.bytes = bytes;
        setIndex(memory.readerIndex(), memory.writerIndex());
    }

    @Override
    protected void deallocate() {
        try {
            memory.release();
        } finally {
            held.giveBack(bytes);
        }
    }

    @Override
    public ByteBuf touch() {
        memory.touch();
        return this;
    }

    @Override
    public ByteBuf touch(Object hint) {
        memory.touch(hint);
        return this;
    }

    @Override
    public int capacity() {
        return memory.capacity();
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        memory.capacity(newCapacity);
        trimIndicesToCapacity(newCapacity);
        return this;
    }

    @Override
    public ByteBufAllocator alloc() {
        return memory.alloc();
    }

    @Override
    public ByteOrder order() {
        return memory.order();
    }

    @Override
    @SuppressWarnings("NullAway") // as Netty says it for a buffer that wraps none
    public ByteBuf unwrap() {
        return null;
    }

    @Override
    public boolean isDirect() {
        return memory.isDirect();
    }

    @Override
    public boolean isContiguous() {
        return memory.isContiguous();
    }

    @Override
    public boolean hasArray() {
        return memory.hasArray();
    }

    @Override
    public byte[] array() {
        return memory.array();
    }

    @Override
    public int arrayOffset() {
        return memory.arrayOffset();
    }

    @Override
    public boolean hasMemoryAddress() {
        return memory.hasMemoryAddress();
    }

    @Override
    public long memoryAddress() {
        return memory.memoryAddress();
    }

    @Override
    public int nioBufferCount() {
        return memory.nioBufferCount();
    }

    @Override
    public ByteBuffer nioBuffer(int index, int length) {
        return memory.nioBuffer(index, length);
    }

    @Override
    public ByteBuffer internalNioBuffer(int index, int length) {
        return memory.internalNioBuffer(index, length);
    }

    @Override
    public ByteBuffer[] nioBuffers(int index, int length) {
        return memory.nioBuffers(index, length);
    }

    @Override
    public ByteBuf copy(int index, int length) {
        return memory.copy(index, length);
    }

    @Override
    public int forEachByte(int index, int length, ByteProcessor processor) {
        return memory.forEachByte(index, length, processor);
    }

    @Override
    public int forEachByteDesc(int index, int length, ByteProcessor processor) {
        return memory.forEachByteDesc(index, length, processor);
    }

    @Override
    public int indexOf(int fromIndex, int toIndex, byte value) {
        return memory.indexOf(fromIndex, toIndex, value);
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf dst, int dstIndex, int length) {
        memory.getBytes(index, dst, dstIndex, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, byte[] dst, int dstIndex, int length) {
        memory.getBytes(index, dst, dstIndex, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer dst) {
        memory.getBytes(index, dst);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, OutputStream out, int length) throws IOException {
        memory.getBytes(index, out, length);
        return this;
    }

    @Override
    public int getBytes(int index, GatheringByteChannel out, int length) throws IOException {
        return memory.getBytes(index, out, length);
    }

    @Override
    public int getBytes(int index, FileChannel out, long position, int length) throws IOException {
        return memory.getBytes(index, out, position, length);
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf src, int srcIndex, int length) {
        memory.setBytes(index, src, srcIndex, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] src, int srcIndex, int length) {
        memory.setBytes(index, src, srcIndex, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer src) {
        memory.setBytes(index, src);
        return this;
    }

    @Override
    public int setBytes(int index, InputStream in, int length) throws IOException {
        return memory.setBytes(index, in, length);
    }

    @Override
    public int setBytes(int index, ScatteringByteChannel in, int length) throws IOException {
        return memory.setBytes(index, in, length);
    }

    @Override
    public int setBytes(int index, FileChannel in, long position, int length) throws IOException {
        return memory.setBytes(index, in, position, length);
    }

    @Override
    public byte getByte(int index) {
        return memory.getByte(index);
    }

    @Override
    protected byte _getByte(int index) {
        return memory.getByte(index);
    }

    @Override
    protected short _getShort(int index) {
        return memory.getShort(index);
    }

    @Override
    protected short _getShortLE(int index) {
        return memory.getShortLE(index);
    }

    @Override
    protected int _getUnsignedMedium(int index) {
        return memory.getUnsignedMedium(index);
    }

    @Override
    protected int _getUnsignedMediumLE(int index) {
        return memory.getUnsignedMediumLE(index);
    }

    @Override
    protected int _getInt(int index) {
        return memory.getInt(index);
    }

    @Override
    protected int _getIntLE(int index) {
        return memory.getIntLE(index);
    }

    @Override
    protected long _getLong(int index) {
        return memory.getLong(index);
    }

    @Override
    protected long _getLongLE(int index) {
        return memory.getLongLE(index);
    }

    @Override
    protected void _setByte(int index, int value) {
        memory.setByte(index, value);
    }

    @Override
    protected void _setShort(int index, int value) {
        memory.setShort(index, value);
    }

    @Override
    protected void _setShortLE(int index, int value) {
        memory.setShortLE(index, value);
    }

    @Override
    protected void _setMedium(int index, int value) {
        memory.setMedium(index, value);
    }

    @Override
    protected void _setMediumLE(int index, int value) {
        memory.setMediumLE(index, value);
    }

    @Override
    protected void _setInt(int index, int value) {
        memory.setInt(index, value);
    }

    @Override
    protected void _setIntLE(int index, int value) {
        memory.setIntLE(index, value);
    }

    @Override
    protected void _setLong(int index, long value) {
        memory.setLong(index, value);
    }

    @Override
    protected void _setLongLE(int index, long value) {
        memory.setLongLE(index, value);
    }
}
