package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.transport.Termination;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;

/**
 * Decides when a connection reads from its socket: while somebody waits for capsules or a transfer for data, and not
 * while reading pauses. Input that is here when a pause begins is kept. Event loop only.
 */
final class ReadingDemand {

    private final Channel channel;
    private final PduReader reader;
    private final BooleanSupplier wanted;
    private final ConnectionLife life;

    /** Input that was read from the socket before the pause, and not looked at yet. */
    private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>();

    private boolean reading;

    /** Input stays where it is until there is memory for what it announces. */
    private boolean paused;

    /**
     * Creates the part.
     *
     * @param channel the connection's
     * @param reader takes what is read
     * @param wanted whether somebody waits for input
     * @param life of the connection
     */
    ReadingDemand(Channel channel, PduReader reader, BooleanSupplier wanted, ConnectionLife life) {
        this.channel = channel;
        this.reader = reader;
        this.wanted = wanted;
        this.life = life;
    }

    /** Starts or stops reading as the demand says. */
    void update() {
        if (life.ended() != null || !life.isInitialized()) {
            return;
        }
        boolean due = !paused && wanted.getAsBoolean();
        if (due != reading) {
            reading = due;
            channel.config().setAutoRead(due);
        }
    }

    /** Whether the connection reads at present. */
    boolean isOn() {
        return reading;
    }

    /** Takes no more input until {@link #resume}; within {@link PduReader.Receiver#received}. */
    void pause() {
        paused = true;
        reader.pause(true);
    }

    /**
     * Takes input again, first what was kept.
     *
     * @return false if there was no pause, or the connection had ended
     */
    boolean resume() {
        if (!paused || life.ended() != null) {
            return false;
        }
        paused = false;
        reader.pause(false);
        try {
            ByteBuf bytes;
            while (!paused && (bytes = kept.poll()) != null) {
                take(bytes);
            }
        } catch (RuntimeException | Error e) {
            // A read pass would have ended the connection for it, too.
            life.end(new Termination.IoFailure(e));
        }
        update();
        return true;
    }

    /** Consumes the buffer, or keeps what is left of it when reading pauses. */
    void take(ByteBuf bytes) {
        if (paused) {
            kept.addLast(bytes);
            return;
        }
        try {
            reader.read(bytes);
        } catch (ProtocolViolation violation) {
            life.violated(violation);
        } finally {
            if (paused && life.ended() == null && bytes.isReadable()) {
                // Before those that were kept behind it.
                kept.addFirst(bytes);
            } else {
                bytes.release();
            }
        }
    }

    /** Reads nothing any more. */
    void stop() {
        reader.stop();
        ByteBuf bytes;
        while ((bytes = kept.poll()) != null) {
            bytes.release();
        }
    }
}
