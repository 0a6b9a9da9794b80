package io.nvmf.subsystem.engine;

import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerConfiguration.ShutdownNotification;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.spec.Version;
import java.time.Duration;

/**
 * The properties of a controller: CAP and VS, which say what it can do, CC, which the host writes, and CSTS (NVMe Base
 * Specification, "Controller Properties"). Event loop of the controller only.
 */
final class ControllerProperties {

    /** Specification level that this controller keeps. */
    static final Version VERSION = new Version(1, 4, 0);

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(15);

    /** CAP.CSS: hosts can select the NVM command set (CC.CSS 000b), or all there are (110b), which is the same here. */
    private static final int COMMAND_SETS = ControllerCapabilities.CSS_NVM | ControllerCapabilities.CSS_IO_COMMAND_SETS;

    /** CAP.NSSRS. */
    private static final long SUBSYSTEM_RESET = 1L << 36;

    private static final int IOSQES = 6;
    private static final int IOCQES = 4;

    private final boolean discovery;
    private final ControllerCapabilities capabilities;
    private ControllerConfiguration configuration = ControllerConfiguration.decode(0);
    private ControllerStatus status = new ControllerStatus(false, false, ShutdownStatus.NONE);

    /**
     * Creates the properties of a controller that is not enabled.
     *
     * @param discovery whether it is a discovery controller
     * @param queueSize the most entries of an I/O queue
     */
    ControllerProperties(boolean discovery, int queueSize) {
        this.discovery = discovery;
        ControllerCapabilities common = ControllerCapabilities.fabrics(queueSize - 1, READY_TIMEOUT, COMMAND_SETS);
        this.capabilities = discovery ? common : new ControllerCapabilities(common.raw() | SUBSYSTEM_RESET);
    }

    ControllerCapabilities capabilities() {
        return capabilities;
    }

    ControllerConfiguration configuration() {
        return configuration;
    }

    ControllerStatus status() {
        return status;
    }

    /** Takes a CC that is {@linkplain #accepts acceptable}. */
    void configuration(ControllerConfiguration written) {
        configuration = written;
    }

    /**
     * Whether CC may become this. What EN comes with is looked at when it is set, and stays as it is until it is
     * cleared.
     */
    boolean accepts(ControllerConfiguration requested) {
        if (requested.shutdown() == ShutdownNotification.RESERVED) {
            return false;
        }
        if (!requested.enabled()) {
            return true;
        }
        return configuration.enabled()
                ? requested.withShutdown(configuration.shutdown()).equals(configuration)
                : supported(requested);
    }

    private boolean supported(ControllerConfiguration requested) {
        return (requested.css() == ControllerConfiguration.CSS_NVM
                        || requested.css() == ControllerConfiguration.CSS_ALL)
                && requested.mps() == 0
                && requested.ams() == 0
                && supported(requested.iosqes(), IOSQES)
                && supported(requested.iocqes(), IOCQES);
    }

    /** A discovery controller has no I/O queues, so their entries need not have a size. */
    private boolean supported(int entrySize, int required) {
        return entrySize == required || discovery && entrySize == 0;
    }

    /** CSTS begins anew: not ready, no error, no shutdown. */
    void restart() {
        status = new ControllerStatus(false, false, ShutdownStatus.NONE);
    }

    /** CSTS.RDY is set. */
    void ready() {
        status = new ControllerStatus(true, status.fatal(), status.shutdown());
    }

    /** CSTS.CFS is set. */
    void fatal() {
        status = new ControllerStatus(status.ready(), true, status.shutdown());
    }

    /** CSTS.SHST changes. */
    void shutdown(ShutdownStatus progress) {
        status = new ControllerStatus(status.ready(), status.fatal(), progress);
    }
}
