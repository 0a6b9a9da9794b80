package io.nvmf.subsystem.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ControllerQueuePair;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Of the connections that have proved nothing, those go first whose address has another one. */
class StrangersTest {

    private final List<Object> closed = new ArrayList<>();
    private final TargetConnections connections =
            new TargetConnections(TargetOptions.DEFAULTS.connectionsBeforeConnect(3));

    private ControllerQueuePair enter(@Nullable String address) {
        ControllerQueuePair queuePair = (ControllerQueuePair) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ControllerQueuePair.class}, (self, method, arguments) -> {
                    return switch (method.getName()) {
                        case "hashCode" -> System.identityHashCode(self);
                        case "equals" -> self == arguments[0];
                        case "toString" -> "queue pair";
                        case "close" -> {
                            closed.add(self);
                            yield Mono.empty();
                        }
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
        try {
            assertThat(connections.enter(queuePair, address == null ? null : InetAddress.getByName(address)))
                    .isTrue();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
        return queuePair;
    }

    @Test
    void oneAddressCannotHaveTheConnectionsOfOthersClosed() {
        enter("192.0.2.1");
        ControllerQueuePair first = enter("192.0.2.9");
        ControllerQueuePair second = enter("192.0.2.9");
        ControllerQueuePair third = enter("192.0.2.9");
        enter("192.0.2.9");
        assertThat(closed).containsExactly(first, second);
        connections.leave(third);
        enter("192.0.2.9");
        assertThat(closed).hasSize(2);
    }

    @Test
    void whoComesFromAnAddressOfItsOwnTakesThePlaceOfTheOldest() {
        ControllerQueuePair first = enter("192.0.2.9");
        enter("192.0.2.9");
        enter("192.0.2.9");
        enter("192.0.2.1");
        assertThat(closed).containsExactly(first);
    }

    @Test
    void withoutAddressesTheOldestGoes() {
        ControllerQueuePair first = enter(null);
        enter(null);
        enter(null);
        enter(null);
        assertThat(closed).containsExactly(first);
    }
}
