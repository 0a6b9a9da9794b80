package io.nvmf.subsystem.engine;

import io.nvmf.spec.ConnectData;
import io.nvmf.transport.TransportAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import reactor.core.scheduler.Scheduler;

/**
 * One line for each Connect, and each authentication, that is refused: who, from where, which queue, why. At info level for a few in a minute.
 * Thread safe.
 */
final class RefusalLog {

    /** Lines at info level in a minute. */
    static final int LINES = 10;

    private static final int PRINTABLE_FROM = ' ';
    private static final int PRINTABLE_TO = '~';

    private final LinesPerMinute lines;

    RefusalLog(Logger log, Scheduler timer) {
        this.lines = new LinesPerMinute(log, timer, LINES, "more Connects were refused");
    }

    /**
     * Writes the line.
     *
     * @param host what it says of itself, null if that was not looked at
     * @param connected whether the queue has had a Connect before, from that host
     * @param from where its connection comes from, null if the transport does not know
     * @param queueId the queue it asked for
     * @param refusal the status, and the field that it is for
     */
    void log(
            @Nullable ConnectData host,
            boolean connected,
            @Nullable TransportAddress from,
            int queueId,
            ConnectRefusal refusal) {
        lines.write(() -> "refused Connect to queue " + queueId + who(host, connected)
                + (from == null ? "" : " at " + from) + ": " + refusal.status() + refusal.where());
    }

    /**
     * Writes the line about a host that has connected and has not proved who it is.
     *
     * @param host what it says of itself
     * @param from where its connection comes from, null if the transport does not know
     * @param queueId the queue
     * @param why with nothing secret
     */
    void authentication(ConnectData host, @Nullable TransportAddress from, int queueId, String why) {
        lines.write(() -> "refused authentication of queue " + queueId + who(host, true)
                + (from == null ? "" : " at " + from) + ": " + printable(why));
    }

    /** Writes a line about something else that went wrong with strangers. */
    void other(Supplier<String> line) {
        lines.write(() -> printable(line.get()));
    }

    private static String who(@Nullable ConnectData host, boolean connected) {
        if (host == null) {
            return " by a host that is not known yet";
        }
        return " of " + printable(host.subsystemNqn()) + " by host " + printable(host.hostNqn())
                + (connected ? " on a queue that is connected" : " with identifier " + host.hostId());
    }

    /** What a stranger calls itself, without what could break or disguise the line. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> {
            boolean plain = c >= PRINTABLE_FROM && c <= PRINTABLE_TO && c != '"' && c != '\\';
            if (plain || c > PRINTABLE_TO && Character.isLetterOrDigit(c)) {
                printable.appendCodePoint(c);
            } else {
                printable.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return printable.append('"').toString();
    }
}
