package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.event.NvmeEvent;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.Version;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A controller of a remote subsystem that this host is associated with; comes from {@link NvmeClient#connect()}. It
 * lasts: when its association is lost, another one is made, as {@link NvmeClient#recovery} says, and commands wait for
 * it. The end of one queue pair of an association is the end of all: every command that is outstanding is sent again
 * where that is safe, or fails, once, with what is known of it.
 *
 * <p>Thread safe. Every publisher here is cold but for {@link #events()}, {@link #close()}, {@link #onClose()} and
 * {@link #states()}. What
 * is said of the controller is what the latest association has learnt.
 */
public interface NvmeController {

    /**
     * The controller identifier (CNTLID).
     *
     * @return 0..65,519
     */
    int id();

    /**
     * The Identify Controller data structure as it was when the association came up.
     *
     * @return a view that only may be read
     */
    IdentifyController identify();

    /**
     * The version of the NVMe Base Specification that the controller implements (VS).
     *
     * @return the version
     */
    Version version();

    /**
     * NQN of the subsystem.
     *
     * @return the NQN that was asked for
     */
    String subsystem();

    /**
     * The keep alive timeout (KATO) that both sides count: what {@link NvmeClient#keepAlive} asked for, rounded up to
     * the controller's granularity (KAS).
     *
     * @return zero without keep alive, whether the host asked for none or the controller has none
     */
    Duration keepAlive();

    /**
     * Whether the controller has SQ flow control on for at least one queue, whether the host asked for it or the
     * controller requires it.
     *
     * @return false if flow control was negotiated off
     */
    boolean sqFlowControl();

    /**
     * The I/O queues. May be fewer than asked for.
     *
     * @return by ascending identifier; empty for a discovery controller
     */
    List<NvmeQueue> ioQueues();

    /**
     * The admin queue.
     *
     * @return the queue
     */
    NvmeQueue adminQueue();

    /**
     * The active namespaces that this SDK can use. Those with metadata or of a command set other than NVM are left out;
     * ask for such a one by its identifier to learn why.
     *
     * @return by ascending identifier; identified one by one, on demand
     */
    Flux<NvmeNamespace> namespaces();

    /**
     * Opens a namespace.
     *
     * @param nsid namespace identifier, unsigned, 1..FFFFFFFEh
     * @return the namespace; {@link NvmeStatusException} if it is not active, {@link NvmeLimitException} if it has
     *     metadata or another command set
     * @throws IllegalArgumentException if the identifier is 0 or FFFFFFFFh
     */
    Mono<NvmeNamespace> namespace(int nsid);

    /**
     * Reads a part of a log page.
     *
     * @param command which page and which part, at most as long as MDTS allows
     * @return the bytes; the subscriber owns the buffer
     */
    Mono<ByteBuf> logPage(GetLogPageCommand command);

    /**
     * Reads the SMART / Health Information log page of the controller.
     *
     * @return the page
     */
    Mono<SmartHealthLog> smartHealth();

    /**
     * Reads the Firmware Slot Information log page.
     *
     * @return the page
     */
    Mono<FirmwareSlotLog> firmwareSlots();

    /**
     * Reads the Error Information log page.
     *
     * @return the entries in use, newest first
     */
    Flux<ErrorInformationEntry> errorLog();

    /**
     * What the controller tells without being asked: namespaces that come, go or change their size, its health, errors,
     * firmware, and what else {@link NvmeEvent} has. A controller that knows no events tells none.
     *
     * <p>Hot: everybody who has subscribed gets what is told from then on, and nothing from before. Each subscriber has
     * a pace of its own; up to {@value NvmeEvent#MOST_WAITING} events wait for its demand, then the oldest are dropped
     * and it is told how many ({@link NvmeEvent.Missed}). Signals come on an event loop, so subscribers must not block.
     * One that throws is on its own: it gets no more events, others do.
     *
     * @return the events; completes when {@link #onClose()} does, never an error
     */
    Flux<NvmeEvent> events();

    /**
     * Ends the association in order: refuses new commands, gives those outstanding up to 5 s to finish, shuts the
     * controller down (CC.SHN) and waits for it (RTD3E, 5 s if the controller states none, 60 s at most), then closes
     * all connections. Idempotent: the work starts with the first subscription, and cancelling does not stop it. An
     * association that has ended already is only waited for, see {@link #onClose()}.
     *
     * @return completes when everything is closed, never an error
     */
    Mono<Void> close();

    /**
     * The end of the association, whoever brought it about. Hot and replayed. Commands fail before, at the moment in
     * which the association is lost ({@link #isConnected()}); then all connections are closed, which takes no time but
     * for one on which this host has reported a protocol error: the controller may close that itself, for as long as
     * the transport lets it (NVMe/TCP: 30 s, the option {@code termination-timeout}).
     *
     * @return completes when all connections are closed, never an error; {@link #termination()} then has the reason
     */
    Mono<Void> onClose();

    /**
     * How the association ended.
     *
     * @return empty before {@link #onClose()} has completed
     */
    Optional<Termination> termination();

    /**
     * Where the controller is in its life: whether there is an association, and what is done about it if not. Hot, on
     * an event loop. Begins with the latest state and completes after a final one, so a health check can ask for the
     * first.
     *
     * @return the states; a subscriber that is slow does not hold up anything
     */
    Flux<ControllerState> states();

    /**
     * Resets the controller: commands wait, the controller is disabled (CC.EN), which ends what it is doing, and a new
     * association is made. What was outstanding is sent again, as after a loss. Each subscription asks for a reset;
     * those that come while one is under way share it. Cancelling does not stop it.
     *
     * @return completes when there is a new association; an error if there will be none, or without {@linkplain
     *     NvmeClient#recovery recovery}
     */
    Mono<Void> reset();

    /**
     * Resets the whole NVM subsystem (NSSR), which ends the associations of all hosts with all of its controllers, and
     * makes a new association with this one, as {@link #reset()} does.
     *
     * @return completes when there is a new association; {@link UnsupportedOperationException} if the controller cannot
     *     do that (CAP.NSSRS)
     */
    Mono<Void> resetSubsystem();

    /**
     * Authenticates this host, and the controller where it has a secret, again on all queues that are up, with secrets
     * that are read anew: after a secret was changed, or every so often. I/O goes on meanwhile. Each subscription asks
     * for it; those that come while it is under way share it. Cancelling does not stop it.
     *
     * <p>Where a side has not proved who it is, the association is of no more use and ends, with what follows from that
     * ({@linkplain NvmeClient#recovery recovery}). Where a secret cannot be read, it stays. An association that is lost
     * meanwhile authenticates when it is made anew, and then again for this.
     *
     * @return completes when all queues are authenticated, on an event loop; {@link
     *     io.nvmf.command.NvmeAuthenticationException} if a side has not proved who it is or a secret cannot be read,
     *     {@link IllegalStateException} if the client has no {@linkplain io.nvmf.security.Security#hostSecret() secret}
     */
    Mono<Void> reauthenticate();

    /**
     * Whether commands can be sent at once.
     *
     * @return false while there is no association, and once the controller is closing or closed
     */
    boolean isConnected();
}
