package io.nvmf.rdma.iwarp;

import io.nvmf.spec.Require;
import io.nvmf.transport.TransportOption;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import reactor.netty.resources.LoopResources;

/**
 * Options of the iWARP provider, for {@link io.nvmf.transport.TransportOptions} and, by name, for the query of a URI.
 * Times are, as text, a whole number of milliseconds or ISO 8601, such as {@code PT2S}.
 */
public final class IwarpOptions {

    /** Least {@link #MULPDU}, in bytes (RFC 5044 section 3.1). */
    public static final int MIN_MULPDU = Fpdu.LEAST_ULPDU;

    /** Greatest {@link #MULPDU}, in bytes (RFC 5044 section 3.1). */
    public static final int MAX_MULPDU = Fpdu.MOST_ULPDU;

    /** Most reads that {@link #UNNEGOTIATED_READS} can say, and that a connection can have under way. */
    public static final int MAX_READS = 128;

    /** Greatest of the times here. */
    public static final Duration MAX_TIME = Duration.ofHours(1);

    /**
     * {@code crc}: CRC-32C over every FPDU, in both directions. Default true. With false, there is one only if the peer
     * wants it; for networks that do not damage what they carry, such as the loopback.
     */
    public static final TransportOption<Boolean> CRC = TransportOption.of("crc", true, IwarpOptions::flag);

    /**
     * {@code mulpdu}: bytes of one DDP segment that is sent, at most, {@value #MIN_MULPDU}..{@value #MAX_MULPDU}. By
     * default what fits into a segment of TCP, which devices want; where that is not known, a segment is taken to be 1,448
     * bytes. {@value #MAX_MULPDU} costs least to a peer that is software. What is received may have any size.
     */
    public static final TransportOption<Integer> MULPDU = TransportOption.of(
            "mulpdu",
            null,
            text -> number("mulpdu", text, MIN_MULPDU, MAX_MULPDU),
            value -> Require.range("mulpdu", value, MIN_MULPDU, MAX_MULPDU),
            String::valueOf);

    /**
     * {@code peer-to-peer}: who connects asks for the peer-to-peer mode of MPA (RFC 6581), without which Intel's network
     * cards take no connection. Default false, as Linux' siw must not be asked for it. Who listens grants it in any case.
     */
    public static final TransportOption<Boolean> PEER_TO_PEER =
            TransportOption.of("peer-to-peer", false, IwarpOptions::flag);

    /**
     * {@code unnegotiated-reads}: RDMA reads that the peer is taken to serve, and to issue, at once where it does not say,
     * as with revision 1 of MPA; 0..{@value #MAX_READS}. Default 16.
     */
    public static final TransportOption<Integer> UNNEGOTIATED_READS = TransportOption.of(
            "unnegotiated-reads",
            16,
            text -> number("unnegotiated-reads", text, 0, MAX_READS),
            value -> Require.range("unnegotiated-reads", value, 0, MAX_READS),
            String::valueOf);

    /**
     * {@code start-timeout}: who listens gives the peer this long to say what it wants, from 1 ms on. Default 10 s. How
     * long connecting may take says the request to connect.
     */
    public static final TransportOption<Duration> START_TIMEOUT =
            time("start-timeout", Duration.ofSeconds(10), Duration.ofMillis(1));

    /**
     * {@code start-pause}: who connects waits this long before it sends its first message. Default 10 ms: Linux' siw
     * tends to miss what comes at once.
     */
    public static final TransportOption<Duration> START_PAUSE =
            time("start-pause", Duration.ofMillis(10), Duration.ZERO);

    /**
     * {@code start-nudge}: when the peer has not answered the first message after this time, a write of nothing wakes it,
     * and again after twice the time, a few times. Default 50 ms; zero is never.
     */
    public static final TransportOption<Duration> START_NUDGE =
            time("start-nudge", Duration.ofMillis(50), Duration.ZERO);

    /**
     * {@code close-timeout}: how long closing may take: to send what is left, a Terminate message included, and until the
     * peer has closed, too. From 1 ms on. Default 2 s.
     */
    public static final TransportOption<Duration> CLOSE_TIMEOUT =
            time("close-timeout", Duration.ofSeconds(2), Duration.ofMillis(1));

    /**
     * {@code loop-resources}: the event loops, which stay the caller's. By default daemon threads that all connections
     * of this JVM share. Has no text.
     */
    public static final TransportOption<LoopResources> LOOP_RESOURCES =
            TransportOption.of("loop-resources", null, text -> {
                throw new IllegalArgumentException("loop-resources cannot be written as text");
            });

    private IwarpOptions() {}

    static List<TransportOption<?>> all() {
        return List.of(
                CRC,
                MULPDU,
                PEER_TO_PEER,
                UNNEGOTIATED_READS,
                START_TIMEOUT,
                START_PAUSE,
                START_NUDGE,
                CLOSE_TIMEOUT,
                LOOP_RESOURCES);
    }

    private static boolean flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    private static int number(String name, String text, int min, int max) {
        try {
            return Require.range(name, Integer.parseInt(text), min, max);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " '" + text + "' is not a number in " + min + ".." + max, e);
        }
    }

    private static TransportOption<Duration> time(String name, Duration usual, Duration least) {
        return TransportOption.of(
                name,
                usual,
                text -> parseTime(name, text),
                value -> Require.range(name, value, least, MAX_TIME),
                value -> Duration.ofMillis(value.toMillis()).equals(value)
                        ? Long.toString(value.toMillis())
                        : value.toString());
    }

    private static Duration parseTime(String name, String text) {
        try {
            return text.startsWith("P") ? Duration.parse(text) : Duration.ofMillis(Long.parseLong(text));
        } catch (NumberFormatException | DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    name + " '" + text + "' is neither a number of milliseconds nor a time as in PT10S", e);
        }
    }
}
