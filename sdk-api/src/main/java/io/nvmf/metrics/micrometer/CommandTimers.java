package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.Timer;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.spec.FabricsCommandType;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a queue by command and status, in arrays, so that finding one costs two loads. Those of common commands
 * that succeed are there from the beginning, others from the first time. A controller that answers with one error after
 * the other gets no more than {@value #MOST_ERRORS} of them; then its errors are all {@value CommandStatuses#OTHER}.
 */
final class CommandTimers {

    /** How many pairs of command and error have timers of their own. */
    static final int MOST_ERRORS = 64;

    private static final int OPCODES = 256;

    private final MeterSet meters;
    private final CommandNames names;
    private final AtomicReferenceArray<@Nullable Timer> successes = new AtomicReferenceArray<>(OPCODES);
    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Timer>> errors =
            new AtomicReferenceArray<>(OPCODES);
    private final AtomicInteger errorTimers = new AtomicInteger();

    CommandTimers(MeterSet meters, boolean admin) {
        this.meters = meters;
        this.names = admin ? CommandNames.ADMIN : CommandNames.IO;
        for (int opcode : names.common()) {
            success(opcode);
        }
    }

    Timer answered(int opcode, int statusCodeType, int statusCode) {
        return (statusCodeType | statusCode) == 0
                ? success(opcode)
                : error(
                        opcode,
                        CommandStatuses.index(statusCodeType, statusCode, opcode == FabricsCommandType.FABRICS_OPCODE));
    }

    Timer unanswered(int opcode, Unanswered why) {
        return error(opcode, CommandStatuses.index(why));
    }

    private Timer success(int opcode) {
        Timer timer = successes.get(opcode);
        if (timer == null) {
            timer = meters.commands(names.name(opcode), CommandStatuses.SUCCESS);
            successes.set(opcode, timer);
        }
        return timer;
    }

    private Timer error(int opcode, int status) {
        AtomicReferenceArray<@Nullable Timer> ofCommand = errors.get(opcode);
        if (ofCommand == null) {
            ofCommand = new AtomicReferenceArray<>(CommandStatuses.COUNT);
            errors.set(opcode, ofCommand);
        }
        Timer timer = ofCommand.get(status);
        if (timer == null) {
            if (status < CommandStatuses.FIRST_BOUNDED || errorTimers.incrementAndGet() <= MOST_ERRORS) {
                timer = meters.commands(names.name(opcode), CommandStatuses.name(status));
            } else {
                timer = error(opcode, CommandStatuses.OTHER_INDEX);
            }
            ofCommand.set(status, timer);
        }
        return timer;
    }
}
