package io.nvmf.subsystem.engine;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.KeepAliveTimer;
import io.nvmf.spec.NumberOfQueues;
import io.nvmf.spec.Status;
import io.nvmf.spec.VolatileWriteCache;

/**
 * The features of a controller (Get Features, Set Features). Those without a meaning for a controller in software
 * (arbitration, error recovery and the like, which every controller has to have) keep what is written to them.
 */
final class Features {

    /** Feature of the write atomicity, which {@link FeatureId} does not name. */
    private static final int WRITE_ATOMICITY = 0x0A;

    /** NSQR or NCQR of 65,535 would be 65,536 queues, one more than identifiers. */
    private static final int TOO_MANY_QUEUES = 0x10000;

    private static final int POWER_STATE = 0x1F;

    private static final int NO_VALUE = 0;

    /** Index of the one combination of I/O command sets there is, which is the NVM command set alone. */
    private static final int ONLY_PROFILE = 0;

    private static final int PROFILE = 0x1FF;

    private final Controller controller;
    private final TemperatureThresholds temperature = new TemperatureThresholds();
    private int ioQueues;
    private int arbitration;
    private int errorRecovery;
    private int writeAtomicity;
    private int asyncEvents;

    Features(Controller controller) {
        this.controller = controller;
        this.ioQueues = controller.limits().ioQueues();
    }

    /** Back to the defaults, as a controller reset does; the keep alive timer is the association's and goes on. */
    void reset() {
        ioQueues = controller.limits().ioQueues();
        arbitration = 0;
        errorRecovery = 0;
        writeAtomicity = 0;
        asyncEvents = 0;
        temperature.reset();
        controller.writeThrough(false);
    }

    /** Bits of the critical warning in the SMART log. */
    int criticalWarning() {
        return temperature.crossed() ? TemperatureThresholds.WARNING : 0;
    }

    /** Whether the host wants to hear of an event, or cannot say that it does not. */
    boolean wants(AsyncEvent event) {
        int bits = EventMask.of(event);
        return bits == 0 || (asyncEvents & bits) != 0;
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
            return Answer.of(TargetStatus.INVALID_FIELD);
        }
        boolean discovery = controller.subsystem().isDiscovery();
        return switch (command.featureId()) {
            case FeatureId.ASYNC_EVENT_CONFIGURATION -> Answer.of(asyncEvents);
            case FeatureId.KEEP_ALIVE_TIMER ->
                Answer.of(new KeepAliveTimer(controller.keepAlive().timeout()).encode());
            default -> discovery ? Answer.of(TargetStatus.INVALID_FIELD) : getIo(command);
        };
    }

    private Answer getIo(FeatureCommand command) {
        return switch (command.featureId()) {
            case FeatureId.ARBITRATION -> Answer.of(arbitration);
            case FeatureId.POWER_MANAGEMENT -> Answer.of(NO_VALUE);
            case FeatureId.TEMPERATURE_THRESHOLD -> Answer.of(temperature.get(command.cdw11()));
            case FeatureId.ERROR_RECOVERY -> Answer.of(errorRecovery);
            case FeatureId.VOLATILE_WRITE_CACHE ->
                Answer.of(new VolatileWriteCache(!controller.writeThrough()).encode());
            case FeatureId.NUMBER_OF_QUEUES -> Answer.of(new NumberOfQueues(ioQueues, ioQueues).encode());
            case WRITE_ATOMICITY -> Answer.of(writeAtomicity);
            case FeatureId.IO_COMMAND_SET_PROFILE -> Answer.of(ONLY_PROFILE);
            default -> Answer.of(TargetStatus.INVALID_FIELD);
        };
    }

    Answer set(FeatureCommand command) {
        if (command.save()) {
            return Answer.of(TargetStatus.FEATURE_NOT_SAVEABLE);
        }
        switch (command.featureId()) {
            case FeatureId.ASYNC_EVENT_CONFIGURATION -> {
                asyncEvents = command.cdw11();
                controller.eventsConfigured();
                warn();
            }
            case FeatureId.KEEP_ALIVE_TIMER -> {
                long millis = KeepAliveTimer.decode(command.cdw11()).millis();
                controller.keepAlive().start(millis);
            }
            default -> {
                return controller.subsystem().isDiscovery() ? Answer.of(TargetStatus.INVALID_FIELD) : setIo(command);
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
                return Answer.of((value & POWER_STATE) == 0 ? Status.SUCCESS : TargetStatus.INVALID_FIELD);
            }
            case FeatureId.TEMPERATURE_THRESHOLD -> {
                if (!temperature.set(value)) {
                    return Answer.of(TargetStatus.INVALID_FIELD);
                }
                warn();
            }
            case FeatureId.IO_COMMAND_SET_PROFILE -> {
                return (value & PROFILE) == ONLY_PROFILE
                        ? Answer.of(ONLY_PROFILE)
                        : Answer.of(TargetStatus.COMMAND_SET_COMBINATION_REJECTED);
            }
            case FeatureId.NUMBER_OF_QUEUES -> {
                return setNumberOfQueues(NumberOfQueues.decode(value));
            }
            default -> {
                return Answer.of(TargetStatus.INVALID_FIELD);
            }
        }
        return Answer.of(NO_VALUE);
    }

    /** Whatever comes second, the condition or the wish to hear of it, is when the event is told. */
    private void warn() {
        if ((asyncEvents & criticalWarning()) != 0) {
            controller.events().post(TemperatureThresholds.EVENT);
        } else {
            controller.events().withdraw(TemperatureThresholds.EVENT::equals);
        }
    }

    private Answer setNumberOfQueues(NumberOfQueues requested) {
        if (controller.hasIoQueues()) {
            return Answer.of(TargetStatus.COMMAND_SEQUENCE_ERROR);
        }
        if (requested.submissionQueues() == TOO_MANY_QUEUES || requested.completionQueues() == TOO_MANY_QUEUES) {
            return Answer.of(TargetStatus.INVALID_FIELD);
        }
        ioQueues = Math.min(requested.queuePairs(), controller.limits().ioQueues());
        return Answer.of(new NumberOfQueues(ioQueues, ioQueues).encode());
    }
}
