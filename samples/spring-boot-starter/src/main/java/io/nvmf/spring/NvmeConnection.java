package io.nvmf.spring;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.recovery.ControllerState;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A connection to one subsystem that the whole application shares. It is a bean, made of the properties
 * {@code nvmf.client.*} or {@code nvmf.clients.<name>.*}, and lasts as long as the application does: a controller that
 * is lost for good is followed by another one, so do not keep what {@link #controller()} gives, ask for it again.
 *
 * <pre>{@code
 * Mono<ByteBuf> first(NvmeConnection connection) {
 *     return connection.namespace(1).flatMap(namespace -> namespace.read(0, 1));
 * }
 * }</pre>
 *
 * <p>Thread safe. It is opened and closed with the application, so there is nothing to close here.
 */
public interface NvmeConnection {

    /** Name of the connection that {@code nvmf.client.*} describes. */
    String DEFAULT_NAME = "default";

    /**
     * What the connection is called.
     *
     * @return {@link #DEFAULT_NAME}, or the name in {@code nvmf.clients.<name>.*}
     */
    String name();

    /**
     * What it connects with: address, subsystem and settings, customizers applied.
     *
     * @return the client; its own {@link NvmeClient#connect()} makes associations that nobody else uses
     */
    NvmeClient client();

    /**
     * The controller, shared by all subscribers. Cold: a subscription gets the controller that is there, waits for the
     * attempt that is under way, or begins one. While the next attempt has a time that has not come, it fails at once
     * and says so. Cancelling does not stop an attempt, others may wait for it.
     *
     * @return the controller, not to be closed; fails like {@link NvmeClient#connect()}
     */
    Mono<NvmeController> controller();

    /**
     * A namespace of the controller. Opened once for each controller and then shared, so this costs no command.
     *
     * @param nsid namespace identifier, unsigned, 1..FFFFFFFEh
     * @return the namespace; fails like {@link #controller()} and {@link NvmeController#namespace(int)}
     */
    Mono<NvmeNamespace> namespace(int nsid);

    /**
     * Where the connection is in its life. Hot, begins with the latest state. Before the first attempt there is none.
     * Unlike those of {@link NvmeController#states()}, no state is final: an attempt to reach the subsystem can follow
     * each of them.
     *
     * @return the states; completes when the application has closed the connection for good
     */
    Flux<ControllerState> states();
}
