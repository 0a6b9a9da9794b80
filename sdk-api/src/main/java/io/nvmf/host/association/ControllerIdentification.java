package io.nvmf.host.association;

import io.nvmf.host.queue.Failures;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import java.util.Locale;
import reactor.core.publisher.Mono;

/**
 * Asks a controller who it is, and refuses one that is of another kind than this association needs (NVMe Base
 * Specification, "Identify Controller Data Structure").
 */
final class ControllerIdentification {

    /** IOCCSZ of a capsule that is no more than a submission queue entry, in units of 16 bytes. */
    private static final int MIN_IOCCSZ = 4;

    /** IORCSZ of a response capsule, in units of 16 bytes. */
    private static final int IORCSZ = CompletionQueueEntry.LENGTH / 16;

    private final AssociationParameters parameters;
    private final StepDeadline deadline;
    private final Failures failures;

    ControllerIdentification(AssociationParameters parameters, StepDeadline deadline, Failures failures) {
        this.parameters = parameters;
        this.deadline = deadline;
        this.failures = failures;
    }

    /**
     * Identifies a controller.
     *
     * @param admin commands over its admin queue
     * @param queue the admin queue, as Connect has left it
     * @return the data structure, on the heap, checked
     */
    Mono<IdentifyController> identify(AdminCommands admin, ConnectedQueue queue) {
        return deadline.bound(
                        "Identify Controller",
                        admin.identify(
                                new IdentifyCommand(IdentifyCommand.CNS_CONTROLLER, 0),
                                data -> new IdentifyController().wrap(data, 0)))
                .doOnNext(controller -> {
                    check(controller, queue.controllerId());
                    if (queue.queue().queuePair().sglSupport().keyedDataBlocks()) {
                        checkKeyed(controller);
                    }
                });
    }

    private void check(IdentifyController controller, int controllerId) {
        long cntlid = controller.get(Field.CNTLID);
        if (cntlid != controllerId) {
            throw failures.protocol("Identify Controller: CNTLID is " + cntlid + ", Connect said " + controllerId);
        }
        if (controller.get(Field.MDTS) > Long.SIZE) {
            throw failures.protocol("Identify Controller: MDTS is " + controller.get(Field.MDTS));
        }
        checkType(controller.get(Field.CNTRLTYPE));
        if (!parameters.discovery() && controller.get(Field.IOCCSZ) < MIN_IOCCSZ) {
            throw failures.protocol("Identify Controller: IOCCSZ is " + controller.get(Field.IOCCSZ)
                    + ", a command capsule has at least " + MIN_IOCCSZ + " units of 16 bytes");
        }
    }

    /** Of a transport on which a controller reaches memory by a key, and has places for messages of a size. */
    private void checkKeyed(IdentifyController controller) {
        long sgls = controller.get(Field.SGLS);
        if ((sgls & IdentifyController.SGLS_KEYED) == 0) {
            throw failures.protocol(
                    "Identify Controller: SGLS is " + Long.toHexString(sgls).toUpperCase(Locale.ROOT)
                            + "h, without keyed data blocks (bit 2), which this transport needs");
        }
        if (!parameters.discovery() && controller.get(Field.IORCSZ) != IORCSZ) {
            throw failures.protocol("Identify Controller: IORCSZ is " + controller.get(Field.IORCSZ)
                    + ", a response capsule of this transport is " + IORCSZ + " unit of 16 bytes");
        }
    }

    /** Controllers of before version 1.4 state no type. */
    private void checkType(long type) {
        boolean otherType = parameters.discovery()
                ? type == IdentifyController.TYPE_IO || type == IdentifyController.TYPE_ADMINISTRATIVE
                : type == IdentifyController.TYPE_DISCOVERY || type == IdentifyController.TYPE_ADMINISTRATIVE;
        if (otherType) {
            throw failures.unreachable(
                    "connect to " + parameters.target(),
                    new UnsupportedOperationException("CNTRLTYPE is " + type + ", this is "
                            + (parameters.discovery() ? "no discovery controller" : "no I/O controller")));
        }
    }
}
