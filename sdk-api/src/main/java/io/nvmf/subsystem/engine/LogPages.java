package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ChangedNamespaceList;
import io.nvmf.spec.CommandsSupportedAndEffects;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.DiscoveryLogHeader;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.ZeroWriter;
import java.util.List;

/** What Get Log Page tells, at any offset. */
final class LogPages {

    /** Most that one command may ask for, in bytes, whatever MDTS says: pages are small, the rest would be zeros. */
    static final int MAX_LENGTH = 1 << 20;

    private static final int[] NO_CHANGES = {};

    private final Controller controller;
    private final TargetServer server;

    LogPages(Controller controller, TargetServer server) {
        this.controller = controller;
        this.server = server;
    }

    /** Whether there is such a page, and the command asks for a part of it. */
    Status check(GetLogPageCommand command) {
        if (!supported(command.logPage())) {
            return TargetStatus.INVALID_LOG_PAGE;
        }
        if (command.logPage() == LogPage.COMMANDS_SUPPORTED_AND_EFFECTS
                && command.commandSetId() != IdentifyCommand.CSI_NVM) {
            return TargetStatus.INVALID_FIELD;
        }
        boolean namespaceSpecific = command.nsid() != 0 && command.nsid() != SubmissionQueueEntry.BROADCAST_NSID;
        if (command.offsetIsIndex()
                || (command.offset() & 3) != 0
                || Long.compareUnsigned(command.offset(), size(command.logPage())) > 0
                || command.logPage() == LogPage.SMART_HEALTH && namespaceSpecific) {
            return TargetStatus.INVALID_FIELD;
        }
        return Status.SUCCESS;
    }

    /** How many bytes from an offset within the part asked for are made at once: what the page has, and then zeros. */
    int piece(GetLogPageCommand command, long at) {
        long there = size(command.logPage()) - command.offset() - at;
        return there > 0 ? (int) there : Integer.MAX_VALUE;
    }

    /** What changes when the page is read is taken when the command comes, and not when there is memory for it. */
    int[] changes(GetLogPageCommand command) {
        return command.logPage() == LogPage.CHANGED_NAMESPACES
                ? controller.changedNamespaces().list()
                : NO_CHANGES;
    }

    /** The host has read a page without RAE: its events are known, and new ones are worth telling. */
    void acknowledged(int logPage) {
        controller.events().acknowledged(logPage);
        if (logPage == LogPage.CHANGED_NAMESPACES) {
            controller.changedNamespaces().clear();
        }
    }

    /**
     * A piece of the part asked for; zeros where it lies beyond the page.
     *
     * @param changes what {@link #changes} gave when the command came
     */
    ByteBuf read(GetLogPageCommand command, int[] changes, long at, int length, ByteBufAllocator allocator) {
        int size = size(command.logPage());
        int offset = (int) (command.offset() + at);
        if (offset >= size) {
            return ZeroWriter.zeros(length);
        }
        ByteBuf page = Unpooled.buffer(size, size).writeZero(size);
        fill(page, command.logPage(), changes);
        int there = Math.min(length, size - offset);
        return allocator
                .directBuffer(length, length)
                .writeBytes(page, offset, there)
                .writeZero(length - there);
    }

    private boolean supported(int logPage) {
        if (controller.subsystem().isDiscovery()) {
            return logPage == LogPage.DISCOVERY;
        }
        return switch (logPage) {
            case LogPage.ERROR_INFORMATION,
                    LogPage.SMART_HEALTH,
                    LogPage.FIRMWARE_SLOT,
                    LogPage.CHANGED_NAMESPACES,
                    LogPage.COMMANDS_SUPPORTED_AND_EFFECTS -> true;
            default -> false;
        };
    }

    private int size(int logPage) {
        return switch (logPage) {
            case LogPage.ERROR_INFORMATION -> ErrorInformationEntry.LENGTH;
            case LogPage.SMART_HEALTH -> SmartHealthLog.LENGTH;
            case LogPage.FIRMWARE_SLOT -> FirmwareSlotLog.LENGTH;
            case LogPage.CHANGED_NAMESPACES -> ChangedNamespaceList.LENGTH;
            case LogPage.COMMANDS_SUPPORTED_AND_EFFECTS -> CommandsSupportedAndEffects.LENGTH;
            default ->
                DiscoveryLogHeader.LENGTH + DiscoveryLogEntry.LENGTH * entries().size();
        };
    }

    private void fill(ByteBuf page, int logPage, int[] changes) {
        switch (logPage) {
            case LogPage.SMART_HEALTH ->
                new SmartHealthLog()
                        .wrap(page, 0)
                        .set(
                                SmartHealthLog.Field.CRITICAL_WARNING,
                                controller.features().criticalWarning())
                        .set(SmartHealthLog.Field.COMPOSITE_TEMPERATURE, TemperatureThresholds.TEMPERATURE)
                        .set(SmartHealthLog.Field.AVAILABLE_SPARE, 100);
            case LogPage.FIRMWARE_SLOT ->
                new FirmwareSlotLog(1, List.of(IdentifyPages.FIRMWARE_REVISION)).encode(page, 0);
            case LogPage.COMMANDS_SUPPORTED_AND_EFFECTS -> effects(page);
            case LogPage.CHANGED_NAMESPACES -> ChangedNamespaceList.encode(page, 0, changes);
            case LogPage.DISCOVERY -> discovery(page);
            default -> {
                // Error information: no entry is valid, which zeros say.
            }
        }
    }

    private void effects(ByteBuf page) {
        int changes = CommandsSupportedAndEffects.LOGICAL_BLOCK_CONTENT_CHANGE;
        CommandsSupportedAndEffects commands = new CommandsSupportedAndEffects()
                .wrap(page, 0)
                .admin(AdminOpcode.GET_LOG_PAGE, 0)
                .admin(AdminOpcode.IDENTIFY, 0)
                .admin(AdminOpcode.ABORT, 0)
                .admin(AdminOpcode.SET_FEATURES, 0)
                .admin(AdminOpcode.GET_FEATURES, 0)
                .admin(AdminOpcode.ASYNC_EVENT_REQUEST, 0)
                .admin(AdminOpcode.KEEP_ALIVE, 0)
                .io(NvmOpcode.FLUSH, 0)
                .io(NvmOpcode.READ, 0)
                .io(NvmOpcode.WRITE, changes)
                .io(NvmOpcode.WRITE_ZEROES, changes);
        if (controller.namespaces().deallocate()) {
            commands.io(NvmOpcode.DATASET_MANAGEMENT, changes);
        }
    }

    private void discovery(ByteBuf page) {
        List<DiscoveryLogEntry> entries = entries();
        new DiscoveryLogHeader(TargetServer.GENERATION, entries.size()).encode(page, 0);
        int at = DiscoveryLogHeader.LENGTH;
        for (DiscoveryLogEntry entry : entries) {
            entry.encode(page, at);
            at += DiscoveryLogEntry.LENGTH;
        }
    }

    private List<DiscoveryLogEntry> entries() {
        return server.discoveryEntries(controller.host().hostNqn(), controller.localAddress());
    }
}
