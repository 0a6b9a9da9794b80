package io.nvmf;

import io.nvmf.command.Command;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.association.AdminCommands;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.IdentifyNamespace.LbaFormat;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.Version;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds and identifies namespaces, and refuses those that this SDK cannot read and write. */
final class NamespaceScan {

    private static final Logger LOG = LoggerFactory.getLogger(NamespaceScan.class);

    /** Since this version controllers have the namespace identification descriptor list. */
    private static final Version DESCRIPTORS_SINCE = new Version(1, 3, 0);

    private static final long LAST_LIST_START = 0xFFFF_FFFDL;

    private final Association association;
    private final Failures failures;

    /** One for all namespaces, so that the commands of all take turns; null for a controller without I/O queues. */
    private final @Nullable QueueSelector queues;

    NamespaceScan(Association association) {
        this.association = association;
        this.failures = association.failures();
        this.queues = association.ioQueues().isEmpty() ? null : QueueSelector.roundRobin(association.ioQueues());
    }

    private AdminCommands admin() {
        return association.adminCommands();
    }

    /**
     * The usable active namespaces; one that vanishes between list and identification is left out like one of no use.
     */
    Flux<NvmeNamespace> all() {
        return activeAbove(0)
                .expand(list -> {
                    boolean full = list.length == NamespaceList.MAX_ENTRIES;
                    int last = full ? list[list.length - 1] : 0;
                    return full && Integer.toUnsignedLong(last) <= LAST_LIST_START ? activeAbove(last) : Mono.empty();
                })
                .concatMap(list -> Flux.fromStream(() -> Arrays.stream(list).boxed()), 0)
                .concatMap(
                        nsid -> open(nsid).onErrorResume(NamespaceScan::isUseless, reason -> {
                            LOG.debug("namespace {} is left out", Integer.toUnsignedString(nsid), reason);
                            return Mono.empty();
                        }),
                        0);
    }

    private static boolean isUseless(Throwable failure) {
        return failure instanceof NvmeLimitException
                || (failure instanceof NvmeStatusException answer
                        && answer.status().is(StatusCode.INVALID_NAMESPACE_OR_FORMAT));
    }

    private Mono<int[]> activeAbove(int nsid) {
        return admin().identify(
                        new IdentifyCommand(IdentifyCommand.CNS_ACTIVE_NAMESPACES, nsid),
                        data -> NamespaceList.decode(data, 0))
                .doOnNext(list -> {
                    // else the same list over and over would keep this host busy for ever
                    if (list.length > 0 && Integer.compareUnsigned(list[0], nsid) <= 0) {
                        throw failures.protocol("Identify: the list of namespaces above "
                                + Integer.toUnsignedString(nsid) + " begins with " + Integer.toUnsignedString(list[0]));
                    }
                });
    }

    Mono<NvmeNamespace> open(int nsid) {
        return commandSet(nsid)
                .doOnNext(csi -> checkCommandSet(nsid, csi))
                .then(Mono.defer(() -> admin().identify(
                                new IdentifyCommand(IdentifyCommand.CNS_NAMESPACE, nsid),
                                data -> new IdentifyNamespace().wrap(data, 0))))
                .onErrorMap(NvmeStatusException.class, answer -> named(nsid, answer))
                .map(identify -> namespace(nsid, identify));
    }

    private Throwable named(int nsid, NvmeStatusException answer) {
        return answer.status().is(StatusCode.INVALID_NAMESPACE_OR_FORMAT)
                ? inactive(nsid, answer.status(), answer.fromController())
                : answer;
    }

    private RuntimeException inactive(int nsid, Status status, boolean fromController) {
        return failures.status(
                "namespace " + Integer.toUnsignedString(nsid) + " is not active",
                Command.opcode(AdminOpcode.IDENTIFY).nsid(nsid).build(),
                status,
                fromController);
    }

    /** The command set, NVM for controllers that do not say; some refuse the question although their version has it. */
    private Mono<Integer> commandSet(int nsid) {
        if (association.version().compareTo(DESCRIPTORS_SINCE) < 0) {
            return Mono.just(IdentifyCommand.CSI_NVM);
        }
        return admin().identify(
                        new IdentifyCommand(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, nsid),
                        data -> NamespaceDescriptors.decode(data, 0))
                .map(NamespaceDescriptors::commandSetId)
                .onErrorResume(NvmeStatusException.class, refused -> Mono.just(OptionalInt.empty()))
                .map(csi -> csi.orElse(IdentifyCommand.CSI_NVM));
    }

    private void checkCommandSet(int nsid, int csi) {
        if (csi != IdentifyCommand.CSI_NVM) {
            throw failures.limit(
                    "command set identifier (CSI)",
                    csi,
                    IdentifyCommand.CSI_NVM,
                    "namespace " + Integer.toUnsignedString(nsid)
                            + " is not of the NVM command set, the only one supported");
        }
    }

    private NvmeNamespace namespace(int nsid, IdentifyNamespace identify) {
        String name = "namespace " + Integer.toUnsignedString(nsid);
        if (identify.get(IdentifyNamespace.Field.NSZE) == 0) {
            // the specification has controllers answer with zeroes for a namespace that is not active
            throw inactive(nsid, Status.of(StatusCode.INVALID_NAMESPACE_OR_FORMAT, true), false);
        }
        LbaFormat format = identify.formattedLba();
        if (format.metadataSize() != 0) {
            throw failures.limit(
                    "metadata bytes per block (MS)",
                    format.metadataSize(),
                    0,
                    name + " is formatted with metadata, which is not supported; format it without");
        }
        if (queues == null) {
            throw new IllegalArgumentException("a namespace needs at least one I/O queue");
        }
        NamespaceParameters parameters = new NamespaceParameters(
                association.maxTransferBytes(), association.identify().volatileWriteCache());
        try {
            return new DefaultNamespace(nsid, identify, parameters, queues, failures.forQueue(1));
        } catch (SpecificationViolationException e) {
            throw failures.protocol(name + ": " + e.getMessage());
        }
    }
}
