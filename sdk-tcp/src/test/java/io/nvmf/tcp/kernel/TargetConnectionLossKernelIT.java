package io.nvmf.tcp.kernel;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.CutController;
import java.util.regex.Pattern;

/** Over NVMe/TCP. */
class TargetConnectionLossKernelIT extends CutController {

    TargetConnectionLossKernelIT() {
        super(
                TransportType.TCP,
                "nqn.2024-01.io.nvmf:test.kernel.loss",
                // Digests, because a cut must not look like a wrong one.
                "-i 2 -c 1 -k 2 -g -G",
                Pattern.compile("pdu|digest|protocol|bug:|call trace", Pattern.CASE_INSENSITIVE));
    }
}
