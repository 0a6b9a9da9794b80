package io.nvmf;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import java.util.SortedMap;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * A subsystem of a target that listens: its namespaces come and go while hosts use it, and hosts that asked for it are
 * told so by an asynchronous event (Namespace Attribute Changed), after which they find the NSID in log page 04h. Thread
 * safe. What is changed here lasts until the target is closed.
 */
public interface BoundSubsystem {

    /**
     * The name.
     *
     * @return the NQN
     */
    String nqn();

    /**
     * The namespaces that there are now.
     *
     * @return stores by NSID, a copy
     */
    SortedMap<Integer, BlockStore> namespaces();

    /**
     * Opens a store and adds it as a namespace. Its NGUID and UUID are made of the subsystem's name and the NSID, so
     * hosts take it for the same one as any other that had this NSID; {@link #addNamespace(int, BlockStore, UUID)} says
     * otherwise. The target closes the store when it is closed. Cold.
     *
     * @param nsid its identifier, 1..{@value SubsystemOptions#MAX_NSID}
     * @param store its blocks
     * @return completes when hosts can use it and all controllers have taken note; {@link IllegalStateException} if the identifier is taken, or the
     *     subsystem is that of discovery; an error if the store cannot be opened
     * @throws IllegalArgumentException if the identifier is out of range
     */
    Mono<Void> addNamespace(int nsid, BlockStore store);

    /**
     * Adds a namespace with an identifier of its own, so that hosts tell it from another one that had the same NSID.
     *
     * @param nsid its identifier in this subsystem, 1..{@value SubsystemOptions#MAX_NSID}
     * @param store its blocks
     * @param uuid its UUID, of which its NGUID is made
     * @return as of {@link #addNamespace(int, BlockStore)}
     * @throws IllegalArgumentException if the NSID is out of range
     */
    Mono<Void> addNamespace(int nsid, BlockStore store, UUID uuid);

    /**
     * Removes a namespace. Commands that come from now on, and those that wait for memory or for data of their host,
     * are answered with Invalid Namespace or Format; what the store is at work for is answered with what the store
     * says. The store is not closed: it is the caller's again. Cold.
     *
     * @param nsid identifier of the namespace
     * @return completes when all controllers have taken note and the store is at work for no command any more, which
     *     takes as long as the store takes;
     *     {@link IllegalStateException} if there is no such namespace
     */
    Mono<Void> removeNamespace(int nsid);

    /**
     * Gives a namespace another size, larger or smaller: its store is replaced by another of the same block size, most
     * often by {@link BlockStore#resized} of the one it has. Commands under way go on with the new store; those that
     * lie beyond its end are answered with LBA Out of Range. The store before is not closed: it is the caller's again,
     * unless it shares what it has with the new one. Cold.
     *
     * @param nsid identifier of the namespace
     * @param store its blocks from now on
     * @return completes when the store before is at work for no command any more; {@link IllegalStateException} if
     *     there is no such namespace, {@link IllegalArgumentException} if the block size is another, and an error if
     *     the store cannot be opened
     */
    Mono<Void> resizeNamespace(int nsid, BlockStore store);

    /**
     * Tells every host that is connected now of an event, to see what a host does with it. A host that has not enabled
     * the event by Asynchronous Event Configuration, where that has a bit for it, is not told; one that was told of the
     * same kind of event and has not read its log page since is not told again. Nothing else changes: not the log
     * page, nor what Identify Controller says of supported events. Hot: it happens with the call, whoever subscribes.
     *
     * @param event what hosts get, such as {@code new AsyncEvent(AsyncEvent.TYPE_NOTICE,
     *     AsyncEvent.INFO_NOTICE_FIRMWARE_ACTIVATION, LogPage.FIRMWARE_SLOT, 0)}
     * @return completes when the event has been posted for each of them, or dropped
     */
    Mono<Void> postEvent(AsyncEvent event);

    /**
     * Makes every controller fail that is ready now, to see what a host does about it: CSTS.CFS is set, I/O commands
     * are answered with Command Sequence Error, and the connections stay. A host that resets the controller (CC.EN), or
     * connects anew, finds one that works. Hot: it
     * happens with the call, whoever subscribes.
     *
     * @return completes when all have failed
     */
    Mono<Void> failControllers();
}
