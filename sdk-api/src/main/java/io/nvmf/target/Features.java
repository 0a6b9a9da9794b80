package io.nvmf.target;

import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.KeepAliveTimer;
import io.nvmf.spec.NumberOfQueues;
import io.nvmf.spec.Status;
import io.nvmf.spec.VolatileWriteCache;

/**
 * The features of a controller (Get Features, Set Features). Those without a meaning for a controller in software (arbitration,
 * error recovery and the like, which every controller has to have) keep what is written to them.
 */
final class Features {

    /** Feature of the write atomicity, which {@link FeatureId} does not name. */
    private static final int WRITE_ATOMICITY = 0x0A;

    /** NSQR or NCQR of 65,535 would be 65,536 queues, one more than identifiers. */
    private static final int TOO_MANY_QUEUES = 0x10000;

    private static final int POWER_STATE = 0x1F;
    private static final int THRESHOLD_UNDER = 1 << 20;
    private static final int THRESHOLD_SELECT = 0xF << 16;
    private static final int THRESHOLD_TYPE = 3 << 20;
    private static final int THRESHOLD = 0xFFFF;

    private static final int NO_VALUE = 0;

    private final Controller controller;
    private int ioQueues;
    private int arbitration;
    private int errorRecovery;
    private int writeAtomicity;
    private int asyncEvents;
    private int overThreshold = THRESHOLD;
    private int underThreshold;

    Features(Controller controller) {
        this.controller = controller;
        this.ioQueues = controller.limits().ioQueues();
    }

    /** How many I/O queue pairs the host may connect. */
    int ioQueues() {
        return ioQueues;
    }

    /** A status and, with success, dword 0 of the response. */
    record Answer(Status status, int dw0) {
        static Answer of(int dw0) {
            return new Answer(Status.SUCCESS, dw0);
        }

        static Answer of(Status status) {
            return new Answer(status, 0);
        }
    }

    Answer get(FeatureCommand command) {
        if (command.select() != FeatureCommand.SELECT_CURRENT) {
            return Answer.of(Statuses.INVALID_FIELD);
        }
        boolean discovery = controller.subsystem().isDiscovery();
        return switch (command.featureId()) {
            case FeatureId.ASYNC_EVENT_CONFIGURATION -> Answer.of(asyncEvents);
            case FeatureId.KEEP_ALIVE_TIMER ->
                Answer.of(new KeepAliveTimer(controller.keepAlive().timeout()).encode());
            default -> discovery ? Answer.of(Statuses.INVALID_FIELD) : getIo(command);
        };
    }

    private Answer getIo(FeatureCommand command) {
        return switch (command.featureId()) {
            case FeatureId.ARBITRATION -> Answer.of(arbitration);
            case FeatureId.POWER_MANAGEMENT -> Answer.of(NO_VALUE);
            case FeatureId.TEMPERATURE_THRESHOLD ->
                Answer.of((command.cdw11() & THRESHOLD_UNDER) != 0 ? underThreshold : overThreshold);
            case FeatureId.ERROR_RECOVERY -> Answer.of(errorRecovery);
            case FeatureId.VOLATILE_WRITE_CACHE ->
                Answer.of(new VolatileWriteCache(!controller.writeThrough()).encode());
            case FeatureId.NUMBER_OF_QUEUES -> Answer.of(new NumberOfQueues(ioQueues, ioQueues).encode());
            case WRITE_ATOMICITY -> Answer.of(writeAtomicity);
            default -> Answer.of(Statuses.INVALID_FIELD);
        };
    }

    Answer set(FeatureCommand command) {
        if (command.save()) {
            return Answer.of(Statuses.FEATURE_NOT_SAVEABLE);
        }
        switch (command.featureId()) {
            case FeatureId.ASYNC_EVENT_CONFIGURATION -> asyncEvents = command.cdw11();
            case FeatureId.KEEP_ALIVE_TIMER -> {
                long millis = KeepAliveTimer.decode(command.cdw11()).millis();
                controller.keepAlive().start(millis);
            }
            default -> {
                return controller.subsystem().isDiscovery() ? Answer.of(Statuses.INVALID_FIELD) : setIo(command);
            }
        }
        return Answer.of(NO_VALUE);
    }

    private Answer setIo(FeatureCommand command) {
        int value = command.cdw11();
        switch (command.featureId()) {
            case FeatureId.ARBITRATION -> arbitration = value;
            case FeatureId.ERROR_RECOVERY -> errorRecovery = value;
            case WRITE_ATOMICITY -> writeAtomicity = value;
            case FeatureId.VOLATILE_WRITE_CACHE -> {
                boolean cached = VolatileWriteCache.decode(value).enabled();
                controller.writeThrough(!cached);
            }
            case FeatureId.POWER_MANAGEMENT -> {
                return Answer.of((value & POWER_STATE) == 0 ? Status.SUCCESS : Statuses.INVALID_FIELD);
            }
            case FeatureId.TEMPERATURE_THRESHOLD -> {
                return setThreshold(value);
            }
            case FeatureId.NUMBER_OF_QUEUES -> {
                return setNumberOfQueues(NumberOfQueues.decode(value));
            }
            default -> {
                return Answer.of(Statuses.INVALID_FIELD);
            }
        }
        return Answer.of(NO_VALUE);
    }

    /** Only the composite temperature has thresholds, and it never crosses them. */
    private Answer setThreshold(int value) {
        if ((value & THRESHOLD_SELECT) != 0 || (value & THRESHOLD_TYPE & ~THRESHOLD_UNDER) != 0) {
            return Answer.of(Statuses.INVALID_FIELD);
        }
        if ((value & THRESHOLD_UNDER) != 0) {
            underThreshold = value & THRESHOLD;
        } else {
            overThreshold = value & THRESHOLD;
        }
        return Answer.of(NO_VALUE);
    }

    private Answer setNumberOfQueues(NumberOfQueues requested) {
        if (controller.hasIoQueues()) {
            return Answer.of(Statuses.COMMAND_SEQUENCE_ERROR);
        }
        if (requested.submissionQueues() == TOO_MANY_QUEUES || requested.completionQueues() == TOO_MANY_QUEUES) {
            return Answer.of(Statuses.INVALID_FIELD);
        }
        ioQueues = Math.min(requested.queuePairs(), controller.limits().ioQueues());
        return Answer.of(new NumberOfQueues(ioQueues, ioQueues).encode());
    }
}
