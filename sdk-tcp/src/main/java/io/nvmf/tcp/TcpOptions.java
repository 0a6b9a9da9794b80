package io.nvmf.tcp;

import io.nvmf.spec.Require;
import io.nvmf.tcp.capture.CaptureSettings;
import io.nvmf.tcp.pdu.IcReq;
import io.nvmf.tcp.pdu.IcResp;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import reactor.netty.resources.LoopResources;

/**
 * Options of the TCP transport, for {@link TransportOptions} and, by name, for the query of a URI. A value
 * is checked when a connection or listener is started, before anything is sent.
 */
public final class TcpOptions {

    /** Smallest legal {@link #MAX_H2C_DATA}, in bytes (NVMe/TCP section 3.6.2.3). */
    public static final int MIN_MAX_H2C_DATA = IcResp.MIN_MAX_H2C_DATA;

    /** Default of {@link #MAX_H2C_DATA} and {@link #MAX_C2H_DATA}, in bytes. */
    public static final int DEFAULT_MAX_DATA = 128 * 1024;

    /** Default of {@link #MAX_R2T}, 0's based. */
    public static final int DEFAULT_MAX_R2T = 3;

    /** Default of {@link #TERMINATION_TIMEOUT} (NVMe/TCP section 3.5). */
    public static final Duration DEFAULT_TERMINATION_TIMEOUT = Duration.ofSeconds(30);

    /** Default of {@link #INITIALIZATION_TIMEOUT}. */
    public static final Duration DEFAULT_INITIALIZATION_TIMEOUT = Duration.ofSeconds(10);

    /** Greatest {@link #TERMINATION_TIMEOUT}. */
    public static final Duration MAX_TERMINATION_TIMEOUT = Duration.ofDays(1);

    /** Least {@link #INITIALIZATION_TIMEOUT}. */
    public static final Duration MIN_INITIALIZATION_TIMEOUT = Duration.ofMillis(1);

    /** Greatest {@link #INITIALIZATION_TIMEOUT}. */
    public static final Duration MAX_INITIALIZATION_TIMEOUT = Duration.ofDays(1);

    /** Greatest {@link #BUSY_POLL}. */
    public static final Duration MAX_BUSY_POLL = Duration.ofSeconds(1);

    /** Default of {@link #ADAPTIVE_POLL}. */
    public static final Duration DEFAULT_ADAPTIVE_POLL = Duration.ofNanos(50_000);

    /** Greatest {@link #ADAPTIVE_POLL}. */
    public static final Duration MAX_ADAPTIVE_POLL = Duration.ofMillis(1);

    /**
     * {@code header-digest}: the host asks for digests of PDU headers and insists on them. Default false. A controller
     * grants what it is asked for.
     */
    public static final TransportOption<Boolean> HEADER_DIGEST =
            TransportOption.of("header-digest", false, TcpOptions::flag);

    /**
     * {@code data-digest}: the host asks for digests of PDU data and insists on them. Default false. A controller
     * grants what it is asked for.
     */
    public static final TransportOption<Boolean> DATA_DIGEST =
            TransportOption.of("data-digest", false, TcpOptions::flag);

    /** {@code hpda}: alignment of data sent to the host, a 0's based number of dwords in 0..31. Default 0. */
    public static final TransportOption<Integer> HOST_PDA =
            TransportOption.of("hpda", 0, text -> number("hpda", text, 0, IcReq.MAX_ALIGNMENT));

    /**
     * {@code cpda}: alignment of data sent to the controller, a 0's based number of dwords in 0..31. Default 0, the
     * only value that Linux hosts accept.
     */
    public static final TransportOption<Integer> CONTROLLER_PDA =
            TransportOption.of("cpda", 0, text -> number("cpda", text, 0, IcResp.MAX_ALIGNMENT));

    /**
     * {@code max-r2t}: R2Ts that the host allows to be outstanding for one command, 0's based, 0..65,535. Default
     * {@value #DEFAULT_MAX_R2T}.
     */
    public static final TransportOption<Integer> MAX_R2T =
            TransportOption.of("max-r2t", DEFAULT_MAX_R2T, text -> number("max-r2t", text, 0, 0xFFFF));

    /**
     * {@code max-h2c-data}: bytes of data in one PDU from host to controller that a controller announces as MAXH2CDATA,
     * a multiple of 4 from {@value #MIN_MAX_H2C_DATA} on. Default {@value #DEFAULT_MAX_DATA}. A host makes its PDUs as
     * large as the controller lets it: Linux controllers compute the data digest of a command as if it had one PDU
     * only.
     */
    public static final TransportOption<Integer> MAX_H2C_DATA = TransportOption.of(
            "max-h2c-data",
            DEFAULT_MAX_DATA,
            text -> number("max-h2c-data", text, MIN_MAX_H2C_DATA, Integer.MAX_VALUE));

    /**
     * {@code max-c2h-data}: bytes of data that a controller puts into one PDU, from {@value #MIN_MAX_H2C_DATA} on.
     * Default {@value #DEFAULT_MAX_DATA}.
     */
    public static final TransportOption<Integer> MAX_C2H_DATA = TransportOption.of(
            "max-c2h-data",
            DEFAULT_MAX_DATA,
            text -> number("max-c2h-data", text, MIN_MAX_H2C_DATA, Integer.MAX_VALUE));

    /**
     * {@code termination-timeout}: how long the peer has to close the connection after a termination request, before
     * this side does, up to {@link #MAX_TERMINATION_TIMEOUT}; text is in milliseconds, or ISO 8601 as in {@code PT10S}.
     * The default is {@link #DEFAULT_TERMINATION_TIMEOUT}. It also bounds how long data that had been given to the
     * socket before may take to leave, and so how long its buffer is held and how late
     * {@link io.nvmf.transport.QueuePair#close()} completes.
     */
    public static final TransportOption<Duration> TERMINATION_TIMEOUT = time(
            "termination-timeout",
            DEFAULT_TERMINATION_TIMEOUT,
            ChronoUnit.MILLIS,
            Duration.ZERO,
            MAX_TERMINATION_TIMEOUT);

    /**
     * {@code initialization-timeout}: how long a host has to send its ICReq after connecting to a controller, over TLS
     * or not, {@link #MIN_INITIALIZATION_TIMEOUT} to {@link #MAX_INITIALIZATION_TIMEOUT}; text is in milliseconds, or ISO 8601.
     * The default is {@link #DEFAULT_INITIALIZATION_TIMEOUT}. The host's own time limit is the connect timeout.
     */
    public static final TransportOption<Duration> INITIALIZATION_TIMEOUT = time(
            "initialization-timeout",
            DEFAULT_INITIALIZATION_TIMEOUT,
            ChronoUnit.MILLIS,
            MIN_INITIALIZATION_TIMEOUT,
            MAX_INITIALIZATION_TIMEOUT);

    /**
     * {@code loop-resources}: the event loops to run on; cannot be given as text. By default all connections of this
     * transport share one set of daemon threads, one per processor, and are spread over them in turn. Resources given
     * here stay the caller's to dispose.
     */
    public static final TransportOption<LoopResources> LOOP_RESOURCES =
            TransportOption.of("loop-resources", null, text -> {
                throw new IllegalArgumentException("loop-resources cannot be given as text");
            });

    /**
     * {@code busy-poll}: how long the event loop of a connection looks for input again and again before it sleeps,
     * while commands are in flight (for a listener: since a host was heard of last); text is in microseconds. Default
     * zero, never; at most {@link #MAX_BUSY_POLL}. 50 µs outlast the answer of a fast controller.
     *
     * <p>It saves the time in which a sleeping thread is woken, which is most of the latency of a command on a fast
     * network, and it costs a processor: the thread of the event loop takes all of one while commands are in flight,
     * whether there is work for it or not. Use it where that processor is to spare, on both sides if they share a
     * machine; otherwise it makes everything slower. Needs epoll, so Linux; without it, connecting fails. Connections
     * share event loops of their own for it, one per processor, unless {@link BusyPollingLoops} are given as
     * {@link #LOOP_RESOURCES}. Other loop resources do not go with it.
     */
    public static final TransportOption<Duration> BUSY_POLL =
            time("busy-poll", Duration.ZERO, ChronoUnit.MICROS, Duration.ZERO, MAX_BUSY_POLL);

    /**
     * {@code adaptive-poll}: how long the event loop of a connection looks for input before it sleeps, where that pays;
     * text is in microseconds. The default is {@link #DEFAULT_ADAPTIVE_POLL}; zero switches it off, and every wait
     * sleeps at once; at most {@link #MAX_ADAPTIVE_POLL}.
     *
     * <p>A loop looks only while commands are in flight, and only where its last waits ended within the time: a slow
     * controller or an idle connection costs nothing. It does not look while as many event loops do so already as the
     * JVM has processors, less one, and stops for a while when the operating system gives its processor to somebody
     * else meanwhile. Needs the event loops of this transport with epoll, so Linux, or {@link BusyPollingLoops};
     * others sleep. It does not count where {@link #BUSY_POLL} is set.
     */
    public static final TransportOption<Duration> ADAPTIVE_POLL =
            time("adaptive-poll", DEFAULT_ADAPTIVE_POLL, ChronoUnit.MICROS, Duration.ZERO, MAX_ADAPTIVE_POLL);

    /**
     * {@code capture}: a file to which connections write what they send and receive, in the pcapng format, which
     * Wireshark opens; none by default, and then it costs nothing. Connections with the same file share it, with the
     * other settings of the first. The file is complete soon after the last of them has ended, and readable at any time.
     * Where it exists, a section is added to it.
     *
     * <p>PDUs are written with their headers, without their data unless {@link #CAPTURE_DATA} says so. Those of
     * connections over TLS are written as they are before encryption and after decryption, so such a file shows what
     * nobody on the way can see; TLS itself is not in it. Data of
     * authentication and security commands is never written. Headers of IP and TCP are made up, with the real addresses
     * and ports. Writing delays no connection: when the disk is too slow, packets are dropped and counted in the file.
     * A file that cannot be written is logged and otherwise ignored. A host and a controller in one JVM that talk to
     * each other need two files, or everything is there twice.
     */
    public static final TransportOption<Path> CAPTURE = TransportOption.of("capture", null, TcpOptions::path);

    /**
     * {@code capture-size}: bytes of one file of {@link #CAPTURE}, from {@value CaptureSettings#MIN_FILE_SIZE} on, at
     * most 1 TiB. Default {@value CaptureSettings#DEFAULT_FILE_SIZE}. When it is full, it is renamed: {@code a.pcapng}
     * to {@code a.1.pcapng}, that to {@code a.2.pcapng}, and so on.
     */
    public static final TransportOption<Long> CAPTURE_SIZE = TransportOption.of(
            "capture-size",
            CaptureSettings.DEFAULT_FILE_SIZE,
            TcpOptions::captureSize,
            value -> Require.range("capture-size", value, CaptureSettings.MIN_FILE_SIZE, CaptureSettings.MAX_FILE_SIZE),
            String::valueOf);

    /**
     * {@code capture-files}: how many files of {@link #CAPTURE} are kept, 1..{@value CaptureSettings#MAX_FILES}. Default
     * {@value CaptureSettings#DEFAULT_FILES}. The oldest goes first; with 1, a full file is begun anew.
     */
    public static final TransportOption<Integer> CAPTURE_FILES = TransportOption.of(
            "capture-files",
            CaptureSettings.DEFAULT_FILES,
            text -> number("capture-files", text, 1, CaptureSettings.MAX_FILES),
            value -> Require.range("capture-files", value, 1, CaptureSettings.MAX_FILES),
            String::valueOf);

    /**
     * {@code capture-data}: bytes of the data of each PDU that {@link #CAPTURE} writes,
     * 0..{@value CaptureSettings#MAX_DATA}. Default 0: headers only. This is what the application reads and writes.
     */
    public static final TransportOption<Integer> CAPTURE_DATA = TransportOption.of(
            "capture-data",
            0,
            text -> number("capture-data", text, 0, CaptureSettings.MAX_DATA),
            value -> Require.range("capture-data", value, 0, CaptureSettings.MAX_DATA),
            String::valueOf);

    private TcpOptions() {}

    static List<TransportOption<?>> all() {
        return List.of(
                HEADER_DIGEST,
                DATA_DIGEST,
                HOST_PDA,
                CONTROLLER_PDA,
                MAX_R2T,
                MAX_H2C_DATA,
                MAX_C2H_DATA,
                TERMINATION_TIMEOUT,
                INITIALIZATION_TIMEOUT,
                LOOP_RESOURCES,
                BUSY_POLL,
                ADAPTIVE_POLL,
                CAPTURE,
                CAPTURE_SIZE,
                CAPTURE_FILES,
                CAPTURE_DATA);
    }

    /** Fails unless every value is in its range. */
    static void validate(TransportOptions options) {
        Require.range("hpda", options.require(HOST_PDA), 0, IcReq.MAX_ALIGNMENT);
        Require.range("cpda", options.require(CONTROLLER_PDA), 0, IcResp.MAX_ALIGNMENT);
        Require.range("max-r2t", options.require(MAX_R2T), 0, 0xFFFF);
        int maxH2CData =
                Require.range("max-h2c-data", options.require(MAX_H2C_DATA), MIN_MAX_H2C_DATA, Integer.MAX_VALUE);
        Require.multiple("max-h2c-data", maxH2CData, 4);
        Require.range("max-c2h-data", options.require(MAX_C2H_DATA), MIN_MAX_H2C_DATA, Integer.MAX_VALUE);
        Duration busyPoll = options.require(BUSY_POLL);
        LoopResources loops = options.get(LOOP_RESOURCES);
        if (!busyPoll.isZero() && loops != null && !(loops instanceof BusyPollingLoops)) {
            throw new IllegalArgumentException("busy-poll needs BusyPollingLoops as loop-resources, or none");
        }
    }

    private static boolean flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("capture names no file");
        }
        return Path.of(text);
    }

    private static long captureSize(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "capture-size '" + text + "' is not a number in " + CaptureSettings.MIN_FILE_SIZE + ".."
                            + CaptureSettings.MAX_FILE_SIZE,
                    e);
        }
    }

    private static int number(String name, String text, int min, int max) {
        try {
            return Require.range(name, Integer.parseInt(text), min, max);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " '" + text + "' is not a number in " + min + ".." + max, e);
        }
    }

    /** A time, as text a whole number of a unit or ISO 8601. */
    private static TransportOption<Duration> time(
            String name, Duration usual, ChronoUnit unit, Duration least, Duration most) {
        return TransportOption.of(
                name,
                usual,
                text -> parseTime(name, text, unit),
                value -> Require.range(name, value, least, most),
                value -> {
                    long whole = value.dividedBy(unit.getDuration());
                    return unit.getDuration().multipliedBy(whole).equals(value)
                            ? Long.toString(whole)
                            : value.toString();
                });
    }

    private static Duration parseTime(String name, String text, ChronoUnit unit) {
        try {
            return text.startsWith("P") ? Duration.parse(text) : Duration.of(Long.parseLong(text), unit);
        } catch (NumberFormatException | DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    name + " '" + text + "' is neither a number of "
                            + unit.name().toLowerCase(Locale.ROOT) + " nor a time as in PT10S",
                    e);
        }
    }
}
