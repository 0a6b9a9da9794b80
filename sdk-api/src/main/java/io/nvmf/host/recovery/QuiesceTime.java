package io.nvmf.host.recovery;

import io.nvmf.host.association.Association;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import java.time.Duration;
import java.util.Optional;

/**
 * After which time a lost association can no longer carry out a command (NVMe Base Specification, "Communication Loss
 * Handling"). First the controller has to notice the loss: at the latest when its keep alive timer expires, which with
 * traffic based keep alive may have been started again by the last command of the period. Then it has its Command
 * Quiesce Time to end what is under way. How a connection ended makes that no shorter: something in between may have
 * reset it, and the controller may go on with what comes on the other ones.
 */
final class QuiesceTime {

    private QuiesceTime() {}

    /**
     * The time from the loss on.
     *
     * @param recovery what the user says
     * @param association that is or may be lost
     * @return empty if it cannot be known
     */
    static Optional<Duration> of(Recovery recovery, Association association) {
        if (recovery.quiesceTime().isPresent()) {
            return recovery.quiesceTime();
        }
        Duration keepAlive = association.keepAlive();
        if (keepAlive.isZero()) {
            return Optional.empty();
        }
        IdentifyController identify = association.identify();
        Duration quiesce = Duration.ofMillis(identify.get(Field.CQT));
        Duration noticed = identify.trafficBasedKeepAlive() ? keepAlive.multipliedBy(2) : keepAlive;
        return Optional.of(noticed.plus(quiesce));
    }
}
