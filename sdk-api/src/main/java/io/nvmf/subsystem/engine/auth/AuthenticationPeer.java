package io.nvmf.subsystem.engine.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be authenticated, as the Connect command has it, which nothing proves yet.
 *
 * @param hostNqn name of the host
 * @param subsystemNqn name of the subsystem
 * @param address where the connection comes from, null if the transport does not know
 */
public record AuthenticationPeer(
        String hostNqn, String subsystemNqn, @Nullable String address) {

    /** What failures are counted by. */
    List<String> names() {
        String host = "host " + hostNqn;
        return address == null ? List.of(host) : List.of(host, "address " + address);
    }
}
