package io.nvmf.security.key;

import java.util.Objects;

/**
 * Which key is wanted. A client asks for its own; a target asks for that of the host that has come, with the name that
 * the host gives itself, which nothing proves yet.
 *
 * @param use what it is for
 * @param hostNqn name of the host
 * @param subsystemNqn name of the subsystem; the well-known name for discovery
 */
public record KeyRequest(KeyUse use, String hostNqn, String subsystemNqn) {

    /**
     * Needs all of it.
     *
     * @param use what it is for
     * @param hostNqn name of the host
     * @param subsystemNqn name of the subsystem
     */
    public KeyRequest {
        Objects.requireNonNull(use, "use");
        Objects.requireNonNull(hostNqn, "hostNqn");
        Objects.requireNonNull(subsystemNqn, "subsystemNqn");
    }
}
