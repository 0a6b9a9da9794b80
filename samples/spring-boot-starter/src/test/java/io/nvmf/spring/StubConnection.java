package io.nvmf.spring;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.recovery.ControllerState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A connection that is in whatever state a test wants.
 *
 * @param client where it goes
 * @param controller what it gives
 * @param now its state
 */
public record StubConnection(NvmeClient client, Mono<NvmeController> controller, AtomicReference<ControllerState> now)
        implements NvmeConnection {

    @Override
    public String name() {
        return DEFAULT_NAME;
    }

    @Override
    public Mono<NvmeNamespace> namespace(int nsid) {
        return controller.flatMap(there -> there.namespace(nsid));
    }

    @Override
    public Flux<ControllerState> states() {
        return Flux.defer(() -> Flux.just(now.get()));
    }

    /** A controller, but for what one method of it returns. */
    public static NvmeController with(NvmeController controller, String changed, Object answer) {
        return (NvmeController) Proxy.newProxyInstance(
                StubConnection.class.getClassLoader(),
                new Class<?>[] {NvmeController.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals(changed)) {
                        return answer;
                    }
                    try {
                        return method.invoke(controller, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
