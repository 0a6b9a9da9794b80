package io.nvmf;

import io.nvmf.command.Command;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.association.AdminCommands;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.Failures;
import io.nvmf.namespace.NamespaceIdentity;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.namespace.NamespaceState;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.IdentifyNamespace.LbaFormat;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.Version;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Asks a controller once what is behind an NSID, and refuses what this SDK cannot read and write. */
final class NamespaceIdentification {

    /** Since this version controllers have the namespace identification descriptor list. */
    private static final Version DESCRIPTORS_SINCE = new Version(1, 3, 0);

    private static final String COMMAND_SET = "command set identifier (CSI)";
    private static final String METADATA = "metadata bytes per block (MS)";

    private final Association association;
    private final AdminCommands admin;
    private final Failures failures;
    private final int nsid;
    private final String name;

    /** Whether descriptors that are refused for now are waited for, so that they are not missed later. */
    private final boolean again;

    private NamespaceIdentification(Association association, AdminCommands admin, int nsid, boolean again) {
        this.association = association;
        this.admin = admin;
        this.again = again;
        this.failures = association.failures();
        this.nsid = nsid;
        this.name = "namespace " + Integer.toUnsignedString(nsid);
    }

    /** For a user who opens the namespace. */
    static NamespaceIdentification first(Association association, int nsid) {
        return new NamespaceIdentification(association, association.adminCommands(), nsid, false);
    }

    /** For a namespace that users have; its commands wait behind nobody's. */
    static NamespaceIdentification again(Association association, int nsid) {
        return new NamespaceIdentification(
                association, association.adminCommands().essential(), nsid, true);
    }

    /** Whether a failure says that the namespace is not active. */
    static boolean isInactive(Throwable failure) {
        return failure instanceof NvmeStatusException answer
                && answer.status().is(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
    }

    /** Whether a failure says that the namespace is of a kind that this SDK cannot use. */
    static boolean isUnsupported(Throwable failure) {
        return failure instanceof NvmeLimitException limit
                && (limit.quantity().equals(COMMAND_SET) || limit.quantity().equals(METADATA));
    }

    /** {@return the namespace as it is now; fails with a status, a limit or a protocol failure if it is of no use} */
    Mono<NamespaceState> identify() {
        return descriptors()
                .doOnNext(this::checkCommandSet)
                .flatMap(descriptors -> admin.identify(
                                new IdentifyCommand(IdentifyCommand.CNS_NAMESPACE, nsid),
                                data -> new IdentifyNamespace().wrap(data, 0))
                        .map(identify -> state(identify, descriptors)))
                .onErrorMap(NvmeStatusException.class, this::named);
    }

    /** Some controllers refuse the question although their version has it. */
    private Mono<Optional<NamespaceDescriptors>> descriptors() {
        if (association.version().compareTo(DESCRIPTORS_SINCE) < 0) {
            return Mono.just(Optional.empty());
        }
        return admin.identify(
                        new IdentifyCommand(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, nsid),
                        data -> NamespaceDescriptors.decode(data, 0))
                .map(Optional::of)
                .onErrorResume(
                        NvmeStatusException.class,
                        refused -> again && !refused.doNotRetry() ? Mono.error(refused) : Mono.just(Optional.empty()));
    }

    /** NVM for controllers that do not say. */
    private void checkCommandSet(Optional<NamespaceDescriptors> descriptors) {
        int csi = descriptors
                .map(NamespaceDescriptors::commandSetId)
                .flatMap(id -> id.isPresent() ? Optional.of(id.getAsInt()) : Optional.empty())
                .orElse(IdentifyCommand.CSI_NVM);
        if (csi != IdentifyCommand.CSI_NVM) {
            throw failures.limit(
                    COMMAND_SET,
                    csi,
                    IdentifyCommand.CSI_NVM,
                    name + " is not of the NVM command set, the only one supported");
        }
    }

    private Throwable named(NvmeStatusException answer) {
        return answer.status().is(StatusCode.INVALID_NAMESPACE_OR_FORMAT)
                ? inactive(answer.status(), answer.fromController())
                : answer;
    }

    private RuntimeException inactive(Status status, boolean fromController) {
        return failures.status(
                name + " is not active",
                Command.opcode(AdminOpcode.IDENTIFY).nsid(nsid).build(),
                status,
                fromController);
    }

    private NamespaceState state(IdentifyNamespace identify, Optional<NamespaceDescriptors> descriptors) {
        if (identify.get(IdentifyNamespace.Field.NSZE) == 0) {
            // the specification has controllers answer with zeroes for a namespace that is not active
            throw inactive(Status.of(StatusCode.INVALID_NAMESPACE_OR_FORMAT, true), false);
        }
        LbaFormat format = identify.formattedLba();
        if (format.metadataSize() != 0) {
            throw failures.limit(
                    METADATA,
                    format.metadataSize(),
                    0,
                    name + " is formatted with metadata, which is not supported; format it without");
        }
        NamespaceParameters parameters = new NamespaceParameters(
                association.maxTransferBytes(), association.identify().volatileWriteCache());
        try {
            return new NamespaceState(nsid, identify, NamespaceIdentity.of(descriptors, identify), parameters);
        } catch (SpecificationViolationException e) {
            throw failures.protocol(name + ": " + e.getMessage());
        }
    }
}
