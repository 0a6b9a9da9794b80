package io.nvmf.observation.micrometer;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;
import java.util.stream.Stream;

/**
 * The observations that {@link MicrometerObserver} makes. Values of low cardinality become tags of the timers that
 * Micrometer makes of observations, all values become tags of spans.
 */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public enum NvmeObservations implements ObservationDocumentation {

    /** A client connects. */
    CONNECT(
            "nvmf.connect",
            DefaultConnectObservationConvention.class,
            "A client connects: from the subscription to a controller that is ready for commands.",
            new LowKey[] {},
            new HighKey[] {HighKey.CONTROLLER}),

    /** A discovery log page is read. */
    DISCOVERY(
            "nvmf.discovery",
            DefaultDiscoveryObservationConvention.class,
            "A discovery log page is read: from the subscription to the end of its association.",
            new LowKey[] {},
            new HighKey[] {HighKey.ENTRIES}),

    /** A new association is made. */
    RECOVERY(
            "nvmf.recovery",
            DefaultRecoveryObservationConvention.class,
            "An association was lost or is being reset: until there is a new one, or the controller is given up or"
                    + " closed. Has no parent.",
            new LowKey[] {LowKey.CAUSE},
            new HighKey[] {HighKey.CONTROLLER, HighKey.ATTEMPTS},
            Event.ATTEMPT,
            Event.ATTEMPT_FAILED),

    /** A read or write stream. */
    TRANSFER(
            "nvmf.transfer",
            DefaultTransferObservationConvention.class,
            "A read or write stream: from the subscription to its end.",
            new LowKey[] {LowKey.DIRECTION},
            new HighKey[] {HighKey.CONTROLLER, HighKey.NAMESPACE, HighKey.OFFSET, HighKey.LENGTH, HighKey.BYTES},
            Event.FIRST_DATA),

    /** A single command; only if it is asked for. */
    COMMAND(
            "nvmf.command",
            DefaultCommandObservationConvention.class,
            "A command: from the moment in which a queue accepts it to its end. Only with `commands(true)`.",
            new LowKey[] {LowKey.COMMAND, LowKey.STATUS},
            new HighKey[] {
                HighKey.CONTROLLER, HighKey.QUEUE, HighKey.NAMESPACE, HighKey.LBA, HighKey.BLOCKS, HighKey.BYTES
            },
            Event.QUEUED,
            Event.WRITTEN,
            Event.R2T,
            Event.DATA,
            Event.COMPLETED);

    private final String name;
    private final Class<? extends ObservationConvention<? extends Observation.Context>> convention;
    private final String description;

    // Never handed out, and so never changed.
    @SuppressWarnings("ImmutableEnumChecker")
    private final LowKey[] lowKeys;

    @SuppressWarnings("ImmutableEnumChecker")
    private final HighKey[] highKeys;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Event[] events;

    NvmeObservations(
            String name,
            Class<? extends ObservationConvention<? extends Observation.Context>> convention,
            String description,
            LowKey[] lowKeys,
            HighKey[] highKeys,
            Event... events) {
        this.name = name;
        this.convention = convention;
        this.description = description;
        this.lowKeys = Stream.concat(Stream.of(LowKey.SUBSYSTEM, LowKey.TRANSPORT, LowKey.OUTCOME), Stream.of(lowKeys))
                .toArray(LowKey[]::new);
        this.highKeys =
                Stream.concat(Stream.of(HighKey.ADDRESS), Stream.of(highKeys)).toArray(HighKey[]::new);
        this.events = events;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
        return convention;
    }

    @Override
    public LowKey[] getLowCardinalityKeyNames() {
        return lowKeys.clone();
    }

    @Override
    public HighKey[] getHighCardinalityKeyNames() {
        return highKeys.clone();
    }

    @Override
    public Event[] getEvents() {
        return events.clone();
    }

    @Override
    public String getPrefix() {
        return "";
    }

    /**
     * What is observed.
     *
     * @return sentences in Markdown
     */
    public String description() {
        return description;
    }

    /** Names of values of which there are few. */
    public enum LowKey implements KeyName {
        /** The subsystem. */
        SUBSYSTEM("subsystem", "NQN of the subsystem"),

        /** The kind of fabric. */
        TRANSPORT("transport", "kind of fabric, such as `tcp`"),

        /** How it has ended. */
        OUTCOME("outcome", "`completed`, `failed` or `cancelled`; `none` while it goes on"),

        /** Which way the bytes go. */
        DIRECTION("direction", "`read` from the namespace or `write` to it"),

        /** Why there is a recovery. */
        CAUSE("cause", "`loss` or `reset`"),

        /** The command. */
        COMMAND(
                "command",
                "name of the command in the specification, such as `read`, or its opcode, such as `c1h`; `none` while it"
                        + " waits for a slot"),

        /** What the controller has said. */
        STATUS(
                "status",
                "`success`, name of the status code such as `lba_out_of_range`, or `other`; `none` without an answer");

        private final String key;
        private final String description;

        LowKey(String key, String description) {
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

    /** Names of values of which there may be many. */
    public enum HighKey implements KeyName {
        /** Where the subsystem is. */
        ADDRESS("address", "host and service of the subsystem as configured, such as `array-1:4420`"),

        /** The controller. */
        CONTROLLER("controller", "identifier of the controller (CNTLID), decimal; absent until it is connected"),

        /** What was found. */
        ENTRIES("entries", "number of entries of the log page"),

        /** How often it was tried. */
        ATTEMPTS("attempts", "number of attempts to connect"),

        /** The queue. */
        QUEUE("queue", "identifier of the queue, decimal; 0 for the admin queue"),

        /** The namespace. */
        NAMESPACE("namespace", "identifier of the namespace (NSID), decimal; absent for commands without one"),

        /** Where a stream begins. */
        OFFSET("offset", "first byte of the stream in the namespace"),

        /** How long a stream is. */
        LENGTH("length", "bytes that the stream will have; absent if that is not known"),

        /** The first block. */
        LBA("lba", "first block; absent for commands without blocks"),

        /** How many blocks. */
        BLOCKS("blocks", "number of blocks; absent for commands without blocks"),

        /** How much was moved. */
        BYTES("bytes", "bytes given to the subscriber, known written, or moved by the command");

        private final String key;
        private final String description;

        HighKey(String key, String description) {
            this.key = key;
            this.description = description;
        }

        @Override
        public String asString() {
            return key;
        }

        @Override
        public boolean isRequired() {
            return switch (this) {
                case CONTROLLER, NAMESPACE, LENGTH, LBA, BLOCKS -> false;
                default -> true;
            };
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

    /** What happens during an observation. */
    public enum Event implements Observation.Event {
        /** An attempt begins. */
        ATTEMPT("attempt", "attempt", "an attempt to connect begins"),

        /** An attempt has failed. */
        ATTEMPT_FAILED("attempt.failed", "attempt failed", "the attempt has failed"),

        /** There is data. */
        FIRST_DATA("first.data", "first data", "the first bytes have arrived at the subscriber, or are known written"),

        /** There is a slot. */
        QUEUED("queued", "queued", "the command has a slot, after it has waited for one if need be"),

        /** The command has left. */
        WRITTEN("written", "written", "the command capsule has become bytes of the connection"),

        /** The controller wants data. */
        R2T("r2t", "r2t", "the controller asks for data of a write (R2T)"),

        /** The data has been moved. */
        DATA("data", "data", "the transfer of its data is over"),

        /** The controller has answered. */
        COMPLETED("completed", "completed", "the controller has answered");

        private final String name;
        private final String contextualName;
        private final String description;

        Event(String name, String contextualName, String description) {
            this.name = name;
            this.contextualName = contextualName;
            this.description = description;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public String getContextualName() {
            return contextualName;
        }

        /**
         * What has happened.
         *
         * @return text in Markdown, a part of a sentence
         */
        public String description() {
            return description;
        }
    }
}
