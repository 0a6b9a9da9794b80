package io.nvmf.rdma.kernel;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.CutController;
import java.util.regex.Pattern;

/** Over NVMe/RDMA. */
class TargetRdmaLossKernelIT extends CutController {

    TargetRdmaLossKernelIT() {
        super(
                TransportType.RDMA,
                "nqn.2024-01.io.nvmf:test.kernel.rdma.loss",
                "-i 2 -c 1 -k 2",
                // The check sums are on.
                Pattern.compile(
                        "siw|bogus|protocol|invalid|unexpected|bug:|call trace|oops", Pattern.CASE_INSENSITIVE));
    }
}
