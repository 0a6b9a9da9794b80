package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.SglSupport;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** What Identify tells: the controller, its namespaces, their list and their descriptors, as NVMe 1.4 has them. */
final class IdentifyPages {

    /** Firmware revision (FR); eight characters at most. */
    static final String FIRMWARE_REVISION = "0.1";

    private static final int MULTIPLE_CONTROLLERS = 1 << 1;
    private static final int RTD3E_MICROS = 30_000_000;
    /** FRMW: one slot, read only. */
    private static final int FIRMWARE = 1 << 1 | 1;
    /** LPA: Commands Supported and Effects, and offsets in Get Log Page. */
    private static final int LOG_ATTRIBUTES = 1 << 1 | 1 << 2;
    /** Smallest and largest size of queue entries, as powers of two. */
    private static final int SQES = 0x66;

    private static final int CQES = 0x44;
    /** VWC: there is a cache, and Flush takes the broadcast NSID. */
    private static final int WRITE_CACHE = IdentifyController.VWC_PRESENT | 3 << 1;
    /** IOCCSZ and IORCSZ count in these. */
    private static final int CAPSULE_UNIT = 16;
    /** NMIC: any number of controllers. */
    private static final int SHARED = 1;
    /**
     * Fields of the controller structure of the NVM command set: sizes of Write Zeroes, ranges of Dataset Management,
     * their blocks.
     */
    private static final int WZSL = 1;

    private static final int DMRL = 3;
    private static final int DMRSL = 4;
    /** Fields of the namespace structure that is independent of the command set. */
    private static final int INDEPENDENT_NMIC = 1;

    private static final int INDEPENDENT_NSTAT = 14;
    private static final int NAMESPACE_READY = 1;
    /** CNTID of Identify: the controller that processes the command. */
    private static final int THIS_CONTROLLER = 0xFFFF;
    /** DLFEAT: deallocated blocks read as zeros. */
    private static final int READ_ZEROS = 1;

    private final Controller controller;
    private final Subsystem subsystem;
    private final HostNamespaces namespaces;

    IdentifyPages(Controller controller) {
        this.controller = controller;
        this.subsystem = controller.subsystem();
        this.namespaces = controller.namespaces();
    }

    /** Writes the page asked for into 4,096 zeros. */
    Status fill(ByteBuf page, IdentifyCommand command) {
        if (command.cns() == IdentifyCommand.CNS_CONTROLLER) {
            controller(page);
            return Status.SUCCESS;
        }
        if (subsystem.isDiscovery()) {
            return TargetStatus.INVALID_FIELD;
        }
        return switch (command.cns()) {
            case IdentifyCommand.CNS_NAMESPACE -> namespace(page, command.nsid());
            case IdentifyCommand.CNS_ACTIVE_NAMESPACES -> namespaces(page, command.nsid());
            case IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS -> descriptors(page, command.nsid());
            case IdentifyCommand.CNS_CSI_NAMESPACE,
                    IdentifyCommand.CNS_CSI_CONTROLLER,
                    IdentifyCommand.CNS_CSI_ACTIVE_NAMESPACES ->
                command.commandSetId() == IdentifyCommand.CSI_NVM
                        ? nvm(page, command)
                        : TargetStatus.INVALID_IO_COMMAND_SET;
            case IdentifyCommand.CNS_INDEPENDENT_NAMESPACE -> independent(page, command.nsid());
            case IdentifyCommand.CNS_IO_COMMAND_SETS -> commandSets(page, command.controllerId());
            default -> TargetStatus.INVALID_FIELD;
        };
    }

    /** What is specific to the NVM command set, which every namespace here has. */
    private Status nvm(ByteBuf page, IdentifyCommand command) {
        return switch (command.cns()) {
            // No protection information and no formats that go beyond those of CNS 00h: all zeros, as for an inactive
            // one.
            case IdentifyCommand.CNS_CSI_NAMESPACE ->
                valid(command.nsid()) ? Status.SUCCESS : TargetStatus.INVALID_NAMESPACE;
            case IdentifyCommand.CNS_CSI_ACTIVE_NAMESPACES -> namespaces(page, command.nsid());
            default -> {
                TargetOptions limits = controller.limits();
                page.setByte(WZSL, limits.wzsl());
                page.setByte(DMRL, limits.dmrl());
                page.setIntLE(DMRSL, (int) limits.dmrsl());
                yield Status.SUCCESS;
            }
        };
    }

    private Status independent(ByteBuf page, int nsid) {
        if (!valid(nsid)) {
            return TargetStatus.INVALID_NAMESPACE;
        }
        if (namespaces.get(nsid) != null) {
            page.setByte(INDEPENDENT_NMIC, SHARED);
            page.setByte(INDEPENDENT_NSTAT, NAMESPACE_READY);
        }
        return Status.SUCCESS;
    }

    /**
     * Combinations of command sets that a controller can be used with. There is one, the same for all controllers, so
     * it does no harm that hosts leave the identifier of the controller at 0.
     */
    private Status commandSets(ByteBuf page, int controllerId) {
        boolean named = controllerId == THIS_CONTROLLER || controllerId == controller.id();
        if (!named && controller.limits().strict()) {
            return TargetStatus.INVALID_CONTROLLER;
        }
        page.setLongLE(0, 1L << IdentifyCommand.CSI_NVM);
        return Status.SUCCESS;
    }

    private void controller(ByteBuf page) {
        TargetOptions limits = controller.limits();
        SglSupport sgl = controller.sglSupport();
        int inCapsuleData = Math.min(limits.inCapsuleData(), sgl.maxInCapsuleData());
        IdentifyController identify = new IdentifyController()
                .wrap(page, 0)
                .serialNumber(subsystem.serialNumber())
                .modelNumber(subsystem.model())
                .firmwareRevision(FIRMWARE_REVISION)
                .subsystemNqn(subsystem.nqn())
                .set(Field.CMIC, MULTIPLE_CONTROLLERS)
                .set(Field.MDTS, limits.mdts())
                .set(Field.CNTLID, controller.id())
                .set(Field.VER, ControllerProperties.VERSION.encode())
                .set(Field.RTD3E, RTD3E_MICROS)
                .set(Field.OAES, subsystem.isDiscovery() ? EventMask.DISCOVERY_EVENTS : EventMask.IO_EVENTS)
                .set(Field.CTRATT, IdentifyController.CTRATT_HOST_ID_128 | IdentifyController.CTRATT_TBKAS)
                .set(Field.ACL, AbortHandler.LIMIT - 1)
                .set(Field.AERL, EventRequests.LIMIT - 1)
                .set(Field.FRMW, FIRMWARE)
                .set(Field.LPA, LOG_ATTRIBUTES)
                .set(Field.CQT, limits.quiesceTime().toMillis())
                .set(Field.KAS, KeepAliveWatch.GRANULARITY)
                .set(Field.SQES, SQES)
                .set(Field.CQES, CQES)
                .set(Field.MAXCMD, limits.queueSize())
                .set(
                        Field.SGLS,
                        IdentifyController.SGLS_SUPPORTED
                                | (sgl.maxInCapsuleData() > 0 ? IdentifyController.SGLS_OFFSET : 0)
                                | (sgl.keyedDataBlocks() ? IdentifyController.SGLS_KEYED : 0)
                                | (sgl.transportDataBlocks() ? IdentifyController.SGLS_TRANSPORT : 0))
                .set(Field.IOCCSZ, (SubmissionQueueEntry.LENGTH + inCapsuleData) / CAPSULE_UNIT)
                .set(Field.IORCSZ, 1)
                .set(Field.MSDBD, 1);
        if (subsystem.isDiscovery()) {
            identify.set(Field.CNTRLTYPE, IdentifyController.TYPE_DISCOVERY);
        } else {
            identify.set(Field.CNTRLTYPE, IdentifyController.TYPE_IO)
                    .set(Field.NN, namespaces.maxNsid())
                    .set(
                            Field.ONCS,
                            IdentifyController.ONCS_WRITE_ZEROES
                                    | (namespaces.deallocate() ? IdentifyController.ONCS_DATASET_MANAGEMENT : 0))
                    .set(Field.VWC, WRITE_CACHE)
                    .set(Field.OFCS, IdentifyController.OFCS_DISCONNECT);
        }
    }

    private Status namespace(ByteBuf page, int nsid) {
        if (!valid(nsid)) {
            return TargetStatus.INVALID_NAMESPACE;
        }
        Namespace namespace = namespaces.get(nsid);
        if (namespace == null) {
            // Valid but inactive: all zeros.
            return Status.SUCCESS;
        }
        new IdentifyNamespace()
                .wrap(page, 0)
                .set(IdentifyNamespace.Field.NSZE, namespace.blocks())
                .set(IdentifyNamespace.Field.NCAP, namespace.blocks())
                .set(IdentifyNamespace.Field.NUSE, namespace.blocks())
                .set(IdentifyNamespace.Field.NMIC, SHARED)
                .set(
                        IdentifyNamespace.Field.DLFEAT,
                        namespace.store().deallocation() == BlockStore.Deallocation.ZEROS ? READ_ZEROS : 0)
                .setBig(
                        IdentifyNamespace.Field.NVMCAP,
                        BigInteger.valueOf(namespace.blocks()).shiftLeft(namespace.blockShift()))
                .nguid(namespace.nguid())
                .lbaFormat(0, new IdentifyNamespace.LbaFormat(0, namespace.blockShift(), 0));
        return Status.SUCCESS;
    }

    private Status namespaces(ByteBuf page, int above) {
        if (Integer.compareUnsigned(above, SubmissionQueueEntry.BROADCAST_NSID - 1) >= 0) {
            return TargetStatus.INVALID_NAMESPACE;
        }
        int[] following = Arrays.stream(namespaces.nsids())
                .filter(nsid -> Integer.compareUnsigned(nsid, above) > 0)
                .limit(NamespaceList.MAX_ENTRIES)
                .toArray();
        NamespaceList.encode(page, 0, following);
        return Status.SUCCESS;
    }

    private Status descriptors(ByteBuf page, int nsid) {
        Namespace namespace = valid(nsid) ? namespaces.get(nsid) : null;
        if (namespace == null) {
            return TargetStatus.INVALID_NAMESPACE;
        }
        new NamespaceDescriptors(
                        Optional.empty(),
                        Optional.of(namespace.nguid()),
                        Optional.of(namespace.uuid()),
                        OptionalInt.of(IdentifyCommand.CSI_NVM))
                .encode(page, 0);
        return Status.SUCCESS;
    }

    private boolean valid(int nsid) {
        return nsid != 0 && Integer.compareUnsigned(nsid, namespaces.maxNsid()) <= 0;
    }
}
