package io.nvmf.tcp.testing.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One direction of a connection: PDUs that wait, and the one that is on its way. One thread only. */
final class Pipe {

    /** The type of what cannot be a PDU. */
    private static final int NO_PDU = -1;

    private static final int HIGH_WATER_MARK = 4 << 20;
    private static final int HEADER = 8;

    private final ProxiedConnection connection;
    private final Direction direction;
    private final Channel source;
    private final Channel sink;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    private final long[] ofType = new long[256];
    private @Nullable PduPassage current;
    private long waitingBytes;
    private long count;
    private boolean busy;
    private boolean taking;
    private boolean held;
    private boolean ended;
    private boolean over;

    Pipe(ProxiedConnection connection, Direction direction, Channel source, Channel sink) {
        this.connection = connection;
        this.direction = direction;
        this.source = source;
        this.sink = sink;
        source.pipeline().addLast(new PduSplitter(this), new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, ByteBuf pdu) {
                add(pdu.retain());
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                connection.sideGone(Pipe.this);
            }
        });
    }

    ProxiedConnection connection() {
        return connection;
    }

    Direction direction() {
        return direction;
    }

    /** PDUs that have been passed on. */
    long count() {
        return count;
    }

    boolean isOver() {
        return over;
    }

    private void add(ByteBuf pdu) {
        if (over) {
            pdu.release();
            return;
        }
        waiting.add(pdu);
        waitingBytes += pdu.readableBytes();
        if (waitingBytes > HIGH_WATER_MARK) {
            source.config().setAutoRead(false);
        }
        take();
    }

    /** The source will send nothing more. */
    void end() {
        ended = true;
        take();
    }

    /** Nothing more is taken from the source; what has come is passed on after a time, and then the end. */
    void endLate(Duration time) {
        held = true;
        ended = true;
        after(time, this::release);
    }

    void hold() {
        held = true;
    }

    void release() {
        held = false;
        take();
    }

    private void take() {
        if (taking) {
            return;
        }
        taking = true;
        while (!busy && !held && !over) {
            ByteBuf pdu = waiting.poll();
            if (pdu == null) {
                break;
            }
            waitingBytes -= pdu.readableBytes();
            if (waitingBytes <= HIGH_WATER_MARK / 2) {
                source.config().setAutoRead(true);
            }
            busy = true;
            current = new PduPassage(this, look(pdu), pdu);
            connection.proxy().script().at(current.seen()).happen(current);
        }
        taking = false;
        if (ended && waiting.isEmpty() && !busy && !held) {
            halfClose();
        }
    }

    private SeenPdu look(ByteBuf pdu) {
        int length = pdu.readableBytes();
        boolean whole = length >= HEADER && pdu.getUnsignedIntLE(pdu.readerIndex() + 4) == length;
        int type = whole ? pdu.getUnsignedByte(pdu.readerIndex()) : NO_PDU;
        int dataOffset = whole ? pdu.getUnsignedByte(pdu.readerIndex() + 3) : 0;
        return new SeenPdu(
                connection.number(), direction, type, count + 1, whole ? ++ofType[type] : 0, length, dataOffset);
    }

    /** The PDU is through. */
    void next() {
        if (over) {
            return;
        }
        busy = false;
        count++;
        dropCurrent();
        connection.proxy().passed(this);
        take();
    }

    void write(ByteBuf bytes, Runnable then) {
        if (over) {
            bytes.release();
            return;
        }
        sink.writeAndFlush(bytes).addListener(written -> {
            if (written.isSuccess()) {
                then.run();
            } else {
                connection.cut();
            }
        });
    }

    void after(Duration time, Runnable then) {
        source.eventLoop()
                .schedule(
                        () -> {
                            if (!over) {
                                then.run();
                            }
                        },
                        time.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    void halfClose() {
        if (!over) {
            stop();
            ((SocketChannel) sink).shutdownOutput();
            connection.halfClosed();
        }
    }

    /** Nothing is passed on any more. */
    void stop() {
        over = true;
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        dropCurrent();
    }

    private void dropCurrent() {
        PduPassage dropped = current;
        current = null;
        if (dropped != null) {
            dropped.release();
        }
    }
}
