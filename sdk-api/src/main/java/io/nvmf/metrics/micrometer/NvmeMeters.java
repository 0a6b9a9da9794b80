package io.nvmf.metrics.micrometer;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;

/**
 * The meters that {@link MicrometerRecorder} registers: their names, types, base units and tags. The values of the tags
 * are bounded; no block address, namespace or user is among them.
 *
 * <p>Commands by which a connection is set up are not counted, because the meters of an association are made when it is
 * ready for commands. Asynchronous Event Request is not counted either: it waits in the controller until something
 * happens.
 */
// Not transitive in the module's descriptor: then every program would have to have Micrometer.
@SuppressWarnings("exports")
public enum NvmeMeters implements MeterDocumentation {

    /** Time from the moment in which a command has a slot until its answer and its data are in; with a histogram. */
    COMMANDS(
            "nvmf.client.commands",
            Meter.Type.TIMER,
            Units.SECONDS,
            "Time from the moment in which a command has a slot until its answer and its data are in",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE,
            Tag.COMMAND,
            Tag.STATUS),

    /** Bytes of data that commands have moved which the controller has answered. */
    BYTES(
            "nvmf.client.bytes",
            Meter.Type.COUNTER,
            Units.BYTES,
            "Data moved by commands that the controller has answered",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE,
            Tag.DIRECTION),

    /** Commands that have a slot, and that somebody waits for. */
    IN_FLIGHT(
            "nvmf.client.inflight",
            Meter.Type.GAUGE,
            Units.COMMANDS,
            "Commands that have a slot and that somebody waits for",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** How long commands and streams of commands have waited for a free slot; those that found one at once are not in. */
    SLOT_WAITS(
            "nvmf.client.slot.waits",
            Meter.Type.TIMER,
            Units.SECONDS,
            "Time that commands waited for a free slot, not counting those that found one at once",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** Commands and streams of commands that wait for a free slot now. */
    SLOT_WAITING(
            "nvmf.client.slot.waiting",
            Meter.Type.GAUGE,
            Units.COMMANDS,
            "Commands, and streams of commands, that wait for a free slot",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** How many commands may be in flight. */
    QUEUE_DEPTH(
            "nvmf.client.queue.depth",
            Meter.Type.GAUGE,
            Units.COMMANDS,
            "Commands that may be in flight, not counting the slots that the connection itself needs",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** Commands that were sent, that nobody waits for any more, and that the controller has not answered. */
    ORPHANS(
            "nvmf.client.orphans",
            Meter.Type.GAUGE,
            Units.COMMANDS,
            "Commands that were sent, that nobody waits for any more, and that the controller has not answered",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** Memory that the controller or the transport may still touch. */
    MEMORY(
            "nvmf.client.memory",
            Meter.Type.GAUGE,
            Units.BYTES,
            "Buffers of commands that have a slot",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** Transfers whose data digest was wrong. */
    DIGEST_ERRORS(
            "nvmf.client.digest.errors",
            Meter.Type.COUNTER,
            Units.TRANSFERS,
            "Transfers whose data digest was wrong",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.QUEUE),

    /** Time from Keep Alive to its answer. */
    KEEP_ALIVE(
            "nvmf.client.keepalive",
            Meter.Type.TIMER,
            Units.SECONDS,
            "Time from Keep Alive to its answer",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER),

    /** Aborts that were sent. */
    ABORTS(
            "nvmf.client.aborts",
            Meter.Type.COUNTER,
            Units.COMMANDS,
            "Aborts that were sent for commands that were cancelled or took too long",
            Tag.SUBSYSTEM,
            Tag.CONTROLLER,
            Tag.RESULT),

    /** Events that controllers have told of. */
    EVENTS(
            "nvmf.client.events",
            Meter.Type.COUNTER,
            Units.EVENTS,
            "Asynchronous events",
            Tag.SUBSYSTEM,
            Tag.ADDRESS,
            Tag.KIND),

    /** Controllers in each state; with one controller at an address, one of the states is 1 and all others are 0. */
    STATE(
            "nvmf.client.state",
            Meter.Type.GAUGE,
            Units.CONTROLLERS,
            "Controllers in a state: with one controller, 1 for the state that it is in",
            Tag.SUBSYSTEM,
            Tag.ADDRESS,
            Tag.STATE),

    /** Attempts to make a new association after one was lost. */
    RECONNECTS(
            "nvmf.client.reconnects",
            Meter.Type.COUNTER,
            Units.ATTEMPTS,
            "Attempts to connect again after a connection was lost",
            Tag.SUBSYSTEM,
            Tag.ADDRESS,
            Tag.RESULT),

    /** Times without an association that are over. */
    OUTAGES(
            "nvmf.client.outages",
            Meter.Type.TIMER,
            Units.SECONDS,
            "Times without a connection that are over, be it because there is a new one or because it was given up",
            Tag.SUBSYSTEM,
            Tag.ADDRESS),

    /** Controllers without an association, and for how long they have had none. */
    OUTAGES_ACTIVE(
            "nvmf.client.outages.active",
            Meter.Type.LONG_TASK_TIMER,
            Units.SECONDS,
            "Controllers without a connection, and for how long",
            Tag.SUBSYSTEM,
            Tag.ADDRESS);

    /** The tags of {@link NvmeMeters}. */
    public enum Tag implements KeyName {

        /** The subsystem. */
        SUBSYSTEM("subsystem", "NQN of the subsystem"),

        /** The controller, which may be another one after each reconnect. */
        CONTROLLER("controller", "identifier of the controller (CNTLID), decimal"),

        /** Where the subsystem is, as it was configured. */
        ADDRESS("address", "host and service of the subsystem as configured, such as `array-1:4420`"),

        /** The queue. */
        QUEUE("queue", "identifier of the queue, decimal; 0 for the admin queue"),

        /** The command. */
        COMMAND("command", "name of the command in the specification, such as `read`, or its opcode, such as `c1h`"),

        /** What became of a command. */
        STATUS(
                "status",
                "`success`, name of the status code such as `lba_out_of_range`, or `other`;"
                        + " without an answer `timeout`, `cancelled`, `lost` or `not_sent`"),

        /** The way of data. */
        DIRECTION("direction", "`read` from the controller or `write` to it"),

        /** What came of an attempt. */
        RESULT("result", "for aborts `aborted`, `not_aborted` or `unanswered`, for reconnects `success` or `failure`"),

        /** The kind of event. */
        KIND("kind", "kind of event, such as `namespaces_changed`"),

        /** The state of a controller. */
        STATE("state", "`live`, `resetting`, `reconnecting`, `connecting` or `lost`");

        private final String key;
        private final String description;

        Tag(String key, String description) {
            this.key = key;
            this.description = description;
        }

        @Override
        public String asString() {
            return key;
        }

        /**
         * What the values are.
         *
         * @return text in Markdown, a part of a sentence
         */
        public String description() {
            return description;
        }
    }

    /** Names of units, which registries such as Prometheus' append to the names of meters. */
    private static final class Units {
        static final String SECONDS = "seconds";
        static final String BYTES = "bytes";
        static final String COMMANDS = "commands";
        static final String TRANSFERS = "transfers";
        static final String EVENTS = "events";
        static final String CONTROLLERS = "controllers";
        static final String ATTEMPTS = "attempts";
    }

    private final String name;
    private final Meter.Type type;
    private final String unit;
    private final String description;

    /** Never handed out, and so never changed. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final Tag[] tags;

    NvmeMeters(String name, Meter.Type type, String unit, String description, Tag... tags) {
        this.name = name;
        this.type = type;
        this.unit = unit;
        this.description = description;
        this.tags = tags;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public Meter.Type getType() {
        return type;
    }

    /**
     * The base unit.
     *
     * @return its plural; for timers seconds, as far as the registry does not use another one
     */
    @Override
    public String getBaseUnit() {
        return unit;
    }

    @Override
    public KeyName[] getKeyNames() {
        return tags.clone();
    }

    @Override
    public String getPrefix() {
        return "nvmf.client.";
    }

    /**
     * What is measured, as registries show it.
     *
     * @return a part of a sentence without a full stop
     */
    public String description() {
        return description;
    }
}
