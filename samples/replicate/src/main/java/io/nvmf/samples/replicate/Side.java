package io.nvmf.samples.replicate;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.IdentifyController;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * One side of a copy: a namespace and the controller that it is reached by.
 *
 * @param address as the user has given it
 * @param controller the association with it
 * @param namespace what is read or written
 */
record Side(NamespaceAddress address, NvmeController controller, NvmeNamespace namespace) {

    /**
     * Connects, works, and closes the connection again, whatever becomes of the work.
     *
     * @param address where the namespace is
     * @param work with the namespace
     * @param <T> what the work comes to
     * @return the same
     */
    static <T> Mono<T> using(NamespaceAddress address, Function<Side, Mono<T>> work) {
        return Mono.usingWhen(
                NvmeClient.from(address.uri()).connect(),
                controller -> controller
                        .namespace(address.nsid())
                        .flatMap(namespace -> work.apply(new Side(address, controller, namespace))),
                NvmeController::close);
    }

    Mono<Void> close() {
        return controller.close();
    }

    /** {@return what the namespace is known by, whatever its address} */
    String identity() {
        return CopyJob.identity(controller, namespace);
    }

    /** {@return whether the controller may lose what it has not flushed} */
    boolean hasVolatileWriteCache() {
        return controller.identify().has(IdentifyController.Field.VWC, IdentifyController.VWC_PRESENT);
    }

    /** {@return the number of the association, once there is one; 0 if there will be none} */
    Mono<Integer> association() {
        return controller
                .states()
                .ofType(ControllerState.Live.class)
                .next()
                .map(ControllerState.Live::generation)
                .defaultIfEmpty(0);
    }
}
