package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.rdma.spi.RdmaWindow;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * An end of a connection under test: calls on the event loop, whoever calls, and notes what comes back. What breaks the
 * contract in a call-back is kept as a violation, because call-backs must not throw.
 */
final class RdmaEndpoint implements RdmaReceiver {

    /** A message that has come. */
    record Message(List<Byte> bytes, int invalidated) {}

    private static final long PATIENCE_SECONDS = 30;

    private final RdmaConnection connection;
    private final Queue<String> violations;
    private final Queue<Message> messages = new ConcurrentLinkedQueue<>();
    private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
    private final List<RecordedOperation> completed = new CopyOnWriteArrayList<>();
    private final List<RecordedOperation> started = new CopyOnWriteArrayList<>();
    private final AtomicInteger operations = new AtomicInteger();
    private final AtomicInteger writableChanges = new AtomicInteger();
    private volatile boolean keeping;
    private volatile Consumer<ByteBuf> onMessage = message -> {};
    private volatile Runnable onWritable = () -> {};
    private volatile Runnable onEnd = () -> {};
    private volatile @Nullable RdmaEnd end;
    private @Nullable String inCallBack;

    RdmaEndpoint(RdmaConnection connection, Queue<String> violations) {
        this.connection = connection;
        this.violations = violations;
    }

    RdmaConnection connection() {
        return connection;
    }

    /** Becomes the receiver. */
    RdmaEndpoint listen() {
        run(() -> connection.receiver(this));
        return this;
    }

    void violation(String what) {
        violations.add(what);
    }

    /** A call-back of the provider. */
    void callBack(String what, Runnable work) {
        // the event loop that is gone cannot be where the rest is told
        if (!connection.executor().inEventLoop() && !connection.executor().isShutdown()) {
            violation(what + " on another thread: " + Thread.currentThread().getName());
        }
        if (inCallBack != null) {
            violation(what + " within: " + inCallBack);
        }
        String before = inCallBack;
        inCallBack = what;
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            violation(what + ": " + e);
        } finally {
            inCallBack = before;
        }
    }

    @Override
    public void received(ByteBuf message, int invalidated) {
        callBack("a message", () -> {
            requireLife("a message");
            onMessage.accept(message);
            byte[] bytes = ByteBufUtil.getBytes(message);
            if (keeping) {
                kept.add(message);
            } else {
                message.release();
            }
            messages.add(new Message(boxed(bytes), invalidated));
        });
    }

    @Override
    public void writableChanged() {
        callBack("writableChanged", () -> {
            requireLife("writableChanged");
            writableChanges.incrementAndGet();
            onWritable.run();
        });
    }

    @Override
    public void ended(RdmaEnd how) {
        callBack("ended", () -> {
            requireLife("ended");
            end = how;
            onEnd.run();
        });
    }

    private void requireLife(String what) {
        if (end != null) {
            violation(what + " after the end");
        }
    }

    void completed(RecordedOperation operation) {
        completed.add(operation);
    }

    /** Runs on the event loop, and waits. */
    void run(Runnable task) {
        call(() -> {
            task.run();
            return true;
        });
    }

    /** Calls on the event loop, and waits for the result. */
    <T> T call(Callable<T> task) {
        try {
            if (connection.executor().inEventLoop()) {
                return task.call();
            }
            return connection.executor().submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new AssertionError("on the event loop: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (TimeoutException e) {
            throw new AssertionError("the event loop takes no turn", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Sends; see {@link RdmaConnection#send}. */
    RecordedOperation send(ByteBuf header, @Nullable ByteBuf data, int invalidate) {
        List<ByteBuf> given = data == null ? List.of(header) : List.of(header, data);
        RecordedOperation operation = operation(RecordedOperation.Kind.SEND, given);
        start(operation, () -> connection.send(header, data, invalidate, operation));
        return operation;
    }

    RecordedOperation send(ByteBuf message) {
        return send(message, null, RdmaConnection.NO_KEY);
    }

    /** Writes; see {@link RdmaConnection#write}. */
    RecordedOperation write(ByteBuf data, long address, int key) {
        RecordedOperation operation = operation(RecordedOperation.Kind.WRITE, List.of(data));
        start(operation, () -> connection.write(data, address, key, operation));
        return operation;
    }

    /** Reads; see {@link RdmaConnection#read}. */
    RecordedOperation read(ByteBuf memory, int index, int length, long address, int key) {
        RecordedOperation operation = operation(RecordedOperation.Kind.READ, List.of());
        start(operation, () -> connection.read(memory, index, length, address, key, operation));
        return operation;
    }

    private void start(RecordedOperation operation, Runnable call) {
        run(() -> {
            operation.start(call);
            started.add(operation);
        });
    }

    private RecordedOperation operation(RecordedOperation.Kind kind, List<ByteBuf> given) {
        return new RecordedOperation(kind, operations.getAndIncrement(), this, given);
    }

    RdmaWindow expose(ByteBuf memory, int index, int length, RdmaAccess access) {
        return call(() -> connection.expose(memory, index, length, access));
    }

    /** Exposes all of it. */
    RdmaWindow expose(ByteBuf memory, RdmaAccess access) {
        return expose(memory, 0, memory.capacity(), access);
    }

    boolean close(RdmaWindow window) {
        return call(window::close);
    }

    /** Does something with each message, in the call-back. */
    void onMessage(Consumer<ByteBuf> action) {
        onMessage = action;
    }

    /** Does something when the connection takes data again or no more, in the call-back. */
    void onWritable(Runnable action) {
        onWritable = action;
    }

    /** Does something when the connection has ended, in the call-back. */
    void onEnd(Runnable action) {
        onEnd = action;
    }

    /** Keeps messages from now on instead of releasing them. */
    void keepMessages() {
        keeping = true;
    }

    /** Releases what was kept, on the event loop if there is one. */
    void releaseKept() {
        Runnable release = () -> {
            for (ByteBuf message = kept.poll(); message != null; message = kept.poll()) {
                message.release();
            }
        };
        if (connection.executor().isShuttingDown()) {
            release.run();
        } else {
            run(release);
        }
    }

    Queue<ByteBuf> kept() {
        return kept;
    }

    /** Waits for the next message. */
    Message next() {
        return Awaitility.await().alias("a message").until(messages::poll, message -> message != null);
    }

    /** Messages that nobody has asked for. */
    int waiting() {
        return messages.size();
    }

    /** Operations that were not refused by an exception, in the order of their calls. */
    List<RecordedOperation> started() {
        return started;
    }

    /** Operations in the order of their completions. */
    List<RecordedOperation> completed() {
        return completed;
    }

    int writableChanges() {
        return writableChanges.get();
    }

    boolean hasEnded() {
        return end != null;
    }

    /** Waits for the end. */
    RdmaEnd end() {
        return Awaitility.await().alias("the connection ends").until(() -> end, how -> how != null);
    }

    static List<Byte> boxed(byte[] bytes) {
        Byte[] boxed = new Byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            boxed[i] = bytes[i];
        }
        return List.of(boxed);
    }
}
