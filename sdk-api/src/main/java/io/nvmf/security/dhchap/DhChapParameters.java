package io.nvmf.security.dhchap;

import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.SecureChannel;
import java.util.List;
import java.util.Optional;

/**
 * What a transaction has to know before it starts; the same for both sides. The secrets stay their owner's.
 *
 * @param hostNqn name of the host
 * @param subsystemNqn name of the subsystem
 * @param hostSecret what the host proves itself with
 * @param controllerSecret what the controller proves itself with; at a host, empty if it need not
 * @param algorithms what is allowed
 * @param secureChannel what has to follow; unless it is {@link SecureChannel#NONE} the transaction makes a key
 */
public record DhChapParameters(
        String hostNqn,
        String subsystemNqn,
        DhChapSecret hostSecret,
        Optional<DhChapSecret> controllerSecret,
        DhChapAlgorithms algorithms,
        SecureChannel secureChannel) {
    boolean concatenates() {
        return secureChannel != SecureChannel.NONE;
    }

    /** Without an exchange there is nothing to make a key of. */
    List<DhGroup> groups() {
        return algorithms.groups().stream()
                .filter(group -> !concatenates() || group != DhGroup.NULL)
                .toList();
    }
}
