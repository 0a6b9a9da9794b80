package io.nvmf.samples.webflux.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All transfers that are under way, as many as the limits of downloads and uploads allow. Thread safe.
 */
public final class Transfers {

    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, Transfer> active = new ConcurrentHashMap<>();
    private final LongAdder downloaded = new LongAdder();
    private final LongAdder uploaded = new LongAdder();
    private volatile Consumer<TransferView> ended = view -> {};

    /** Creates the list, with nothing in it. */
    public Transfers() {}

    /**
     * Lets somebody know of ends.
     *
     * @param listener gets each transfer once, on the thread on which it ends
     */
    public void onEnd(Consumer<TransferView> listener) {
        ended = listener;
    }

    /**
     * Begins a download.
     *
     * @param nsid of the namespace
     * @param total bytes to be read
     * @return the transfer, to be ended
     */
    public Transfer download(int nsid, long total) {
        return begin("download", nsid, total, downloaded);
    }

    /**
     * Begins an upload.
     *
     * @param nsid of the namespace
     * @param total bytes to be written
     * @return the transfer, to be ended
     */
    public Transfer upload(int nsid, long total) {
        return begin("upload", nsid, total, uploaded);
    }

    private Transfer begin(String direction, int nsid, long total, LongAdder sum) {
        long id = lastId.incrementAndGet();
        Transfer transfer = new Transfer(id, direction, nsid, total, sum);
        active.put(id, transfer);
        return transfer;
    }

    /**
     * Ends a transfer.
     *
     * @param transfer which
     * @param failure why it ended early; null if it did not
     */
    public void end(Transfer transfer, @Nullable String failure) {
        transfer.end(failure);
        TransferView view = transfer.view();
        if (active.remove(view.id()) != null) {
            ended.accept(view);
        }
    }

    /**
     * Ends a transfer early.
     *
     * @param transfer which
     * @param failure why; one without a message is told by its name, because it is no success
     */
    public void fail(Transfer transfer, Throwable failure) {
        String message = failure.getMessage();
        end(transfer, message == null ? failure.toString() : message);
    }

    /** {@return the transfers under way at this moment} */
    public List<TransferView> active() {
        List<TransferView> views = new ArrayList<>();
        active.values().forEach(transfer -> views.add(transfer.view()));
        return views;
    }

    /** {@return bytes of all downloads so far} */
    public long downloaded() {
        return downloaded.sum();
    }

    /** {@return bytes of all uploads so far} */
    public long uploaded() {
        return uploaded.sum();
    }
}
