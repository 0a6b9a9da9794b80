package io.nvmf.host.association;

import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.Version;

/**
 * A controller that is ready for commands.
 *
 * @param capabilities CAP
 * @param version VS
 * @param configuration CC as it was written
 */
record EnabledController(ControllerCapabilities capabilities, Version version, ControllerConfiguration configuration) {}
