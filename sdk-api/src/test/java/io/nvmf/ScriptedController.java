package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.DiscoveryLogHeader;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.IdentifyNamespace.LbaFormat;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NumberOfQueues;
import io.nvmf.spec.Property;
import io.nvmf.spec.PropertyCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.Version;
import io.nvmf.testing.ScriptedAuthentication;
import io.nvmf.testing.TwoClocks;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A controller that answers as it is told, notes every command in words, and runs on the thread of the test. What it does by
 * default is a plain NVM subsystem; {@link #on} replaces the answer to one kind of command.
 */
final class ScriptedController {

    static final String NQN = "nqn.2014-08.org.example:scripted";
    static final TransportAddress ADDRESS = new TransportAddress("here", "1");
    static final int CONTROLLER_ID = 7;

    /** One command in the hands of the script. */
    static final class Exchange {
        final Queue queue;
        final ReceivedCommand command;
        final int commandId;

        /** Whether the script releases the command itself, because it sends data later. */
        boolean kept;

        Exchange(Queue queue, ReceivedCommand command) {
            this.queue = queue;
            this.command = command;
            this.commandId = command.entry().commandId();
        }

        void succeed() {
            answer(Status.SUCCESS, 0, 0);
        }

        void fail(StatusCode code) {
            answer(Status.of(code, true), 0, 0);
        }

        void answer(Status status, int dw0, int dw1) {
            queue.pair.submit(ResponseCapsule.of(commandId, status.raw(), dw0, dw1, 0));
        }

        void send(ByteBuf data) {
            int length = (int) Math.min(data.readableBytes(), command.dataLength());
            SendOutcome outcome = command.send(0, data.slice(data.readerIndex(), length));
            assertThat(outcome).isIn(SendOutcome.COMPLETE, SendOutcome.COMPLETE_SUCCESS_SENT);
            if (outcome == SendOutcome.COMPLETE) {
                succeed();
            }
        }

        void close() {
            queue.pair.close().subscribe();
        }

        /** A message of an authentication, for somebody who releases it. */
        void giveTo(ScriptedAuthentication authentication) {
            kept = true;
            authentication.take(queue.pair, command);
        }
    }

    /** One queue pair, known by its identifier from Connect on. */
    static final class Queue {
        final ControllerQueuePair pair;
        int id = -1;

        Queue(ControllerQueuePair pair) {
            this.pair = pair;
        }
    }

    final List<String> log = new ArrayList<>();
    final List<Queue> queues = new ArrayList<>();
    final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    final LoopTransport transport;
    final TransportRegistry registry;
    final Map<String, Consumer<Exchange>> overrides = new LinkedHashMap<>();
    final Map<Integer, Consumer<IdentifyNamespace>> namespaces = new TreeMap<>(Integer::compareUnsigned);
    final Map<Integer, Integer> commandSets = new TreeMap<>();
    final Map<Integer, UUID> uuids = new TreeMap<>();
    final List<DiscoveryLogEntry> discoveryLog = new ArrayList<>();
    final ByteBuf identify = Unpooled.buffer(IdentifyController.LENGTH).writeZero(IdentifyController.LENGTH);
    ControllerCapabilities capabilities =
            ControllerCapabilities.fabrics(127, Duration.ofSeconds(5), ControllerCapabilities.CSS_NVM);
    Version version = new Version(1, 4, 0);
    int status = 1;
    int statusAfterShutdown = 1 | 2 << 2;
    int grantedQueues = 16;
    long generation = 1;

    /** Answers Authentication Send and Receive. */
    Consumer<Exchange> authentication = e -> e.fail(StatusCode.INVALID_COMMAND_OPCODE);

    int connectDw0 = CONTROLLER_ID;
    boolean grantsNoFlowControl = true;
    ConnectData connectData = new ConnectData(new UUID(0, 1), 0, NQN, NQN);

    ScriptedController() {
        this(LoopTransportOptions.defaults()
                .withExecutors(ImmediateEventExecutor.INSTANCE, ImmediateEventExecutor.INSTANCE));
    }

    /** A controller whose turns, and whose host's, are not taken at once. */
    ScriptedController(LoopTransportOptions options) {
        transport = new LoopTransport(options);
        registry = TransportRegistry.empty().register(transport);
        new IdentifyController()
                .wrap(identify, 0)
                .set(Field.CNTLID, CONTROLLER_ID)
                .set(Field.CNTRLTYPE, IdentifyController.TYPE_IO)
                .set(Field.IOCCSZ, 4 + 4096 / 16)
                .set(Field.IORCSZ, 1)
                .set(Field.KAS, 1)
                .set(Field.MDTS, 5)
                .set(Field.MAXCMD, 128);
        transport.listen(ADDRESS, TransportOptions.none(), this::accept).block();
        namespaces.put(1, namespace -> {});
    }

    NvmeClient client() {
        return NvmeClient.create()
                .recovery(Recovery.none())
                .transport(TransportType.LOOP)
                .registry(registry)
                .remoteAddress(ADDRESS)
                .subsystem(NQN)
                .timer(new TwoClocks(timer));
    }

    /** Connects at once, on the thread of the test. */
    NvmeController connect(NvmeClient client) {
        AtomicReference<NvmeController> connected = new AtomicReference<>();
        client.connect().subscribe(connected::set);
        assertThat(connected.get()).as("connected, after %s", log).isNotNull();
        return connected.get();
    }

    IdentifyController identify() {
        return new IdentifyController().wrap(identify, 0);
    }

    /** Replaces the answer to commands that the log writes like this. */
    ScriptedController on(String line, Consumer<Exchange> action) {
        overrides.put(line, action);
        return this;
    }

    Queue queue(int id) {
        return queues.stream().filter(queue -> queue.id == id).findFirst().orElseThrow();
    }

    long count(String line) {
        return log.stream().filter(line::equals).count();
    }

    private void accept(ControllerQueuePair pair) {
        Queue queue = new Queue(pair);
        queues.add(queue);
        log.add("open");
        pair.termination().subscribe(end -> log.add("q" + queue.id + " closed"));
        pair.commands().subscribe(command -> {
            Exchange exchange = new Exchange(queue, command);
            try {
                received(exchange);
            } finally {
                if (!exchange.kept) {
                    command.release();
                }
            }
        });
    }

    private void received(Exchange exchange) {
        Queue queue = exchange.queue;
        SubmissionQueueEntry entry = exchange.command.entry();
        ByteBuf bytes = entry.buffer();
        int index = entry.index();
        int opcode = entry.opcode();
        if (opcode == FabricsCommandType.FABRICS_OPCODE) {
            int type = entry.nsid() & 0xFF;
            if (type == FabricsCommandType.CONNECT) {
                connect(exchange, ConnectCommand.decode(bytes, index));
            } else if (type == FabricsCommandType.AUTHENTICATION_SEND) {
                act("q" + queue.id + " Authentication Send", exchange, authentication);
            } else if (type == FabricsCommandType.AUTHENTICATION_RECEIVE) {
                act("q" + queue.id + " Authentication Receive", exchange, authentication);
            } else {
                property(exchange, PropertyCommand.decode(bytes, index));
            }
            return;
        }
        if (queue.id != 0) {
            act("q" + queue.id + " I/O " + opcode, exchange, Exchange::succeed);
            return;
        }
        switch (opcode) {
            case AdminOpcode.IDENTIFY -> identify(exchange, IdentifyCommand.decode(bytes, index));
            case AdminOpcode.SET_FEATURES -> {
                int feature = entry.cdw10() & 0xFF;
                int granted = Math.min(grantedQueues, (entry.cdw11() & 0xFFFF) + 1);
                act(
                        "Set Features " + hex(feature) + " " + hex(entry.cdw11()),
                        exchange,
                        e -> e.answer(Status.SUCCESS, new NumberOfQueues(granted, granted).encode(), 0));
            }
            case AdminOpcode.KEEP_ALIVE -> act("Keep Alive", exchange, Exchange::succeed);
            case AdminOpcode.ASYNC_EVENT_REQUEST ->
                act("Event Request", exchange, e -> e.fail(StatusCode.INVALID_COMMAND_OPCODE));
            case AdminOpcode.ABORT -> act("Abort", exchange, Exchange::succeed);
            case AdminOpcode.GET_LOG_PAGE -> logPage(exchange, GetLogPageCommand.decode(bytes, index));
            default -> act("admin " + opcode, exchange, e -> e.fail(StatusCode.INVALID_COMMAND_OPCODE));
        }
    }

    private void act(String line, Exchange exchange, Consumer<Exchange> otherwise) {
        log.add(line);
        overrides.getOrDefault(line, otherwise).accept(exchange);
    }

    private void connect(Exchange exchange, ConnectCommand connect) {
        exchange.queue.id = connect.queueId();
        exchange.command.receive(0, ConnectData.LENGTH).subscribe(data -> {
            connectData = ConnectData.decode(data, data.readerIndex());
            data.release();
        });
        exchange.queue.pair.configure(new ControllerQueuePairParameters(
                connect.queueId() == 0, connect.entries(), !connect.sqFlowControlDisabled(), 8192));
        String line = "q" + connect.queueId() + " Connect " + connect.entries() + " entries, KATO "
                + connect.keepAliveTimeout();
        boolean flowControlOff = connect.sqFlowControlDisabled() && grantsNoFlowControl;
        log.add(line);
        overrides
                .getOrDefault(
                        "q" + connect.queueId() + " Connect",
                        e -> e.queue.pair.submit(
                                ResponseCapsule.of(e.commandId, 0, connectDw0, 0, flowControlOff ? 0xFFFF : 0)))
                .accept(exchange);
    }

    private void property(Exchange exchange, PropertyCommand property) {
        String name = Property.find(property.offset()).orElseThrow().name();
        if (property.set()) {
            boolean shutdown = (property.value() >> 14 & 3) != 0;
            act("Set " + name + " " + hex((int) property.value()), exchange, e -> {
                if (shutdown) {
                    status = statusAfterShutdown;
                }
                e.succeed();
            });
            return;
        }
        long value = switch (name) {
            case "CAP" -> capabilities.raw();
            case "VS" -> version.encode();
            case "CSTS" -> status;
            default -> 0;
        };
        act("Get " + name, exchange, e -> e.answer(Status.SUCCESS, (int) value, (int) (value >>> 32)));
    }

    private void identify(Exchange exchange, IdentifyCommand command) {
        act("Identify " + hex(command.cns()) + " " + Integer.toUnsignedString(command.nsid()), exchange, e -> {
            ByteBuf data = Unpooled.wrappedBuffer(new byte[4096]);
            switch (command.cns()) {
                case IdentifyCommand.CNS_CONTROLLER -> data.setBytes(0, identify, 0, 4096);
                case IdentifyCommand.CNS_ACTIVE_NAMESPACES ->
                    NamespaceList.encode(
                            data,
                            0,
                            namespaces.keySet().stream()
                                    .mapToInt(nsid -> nsid)
                                    .filter(nsid -> Integer.compareUnsigned(nsid, command.nsid()) > 0)
                                    .limit(NamespaceList.MAX_ENTRIES)
                                    .toArray());
                case IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS ->
                    new NamespaceDescriptors(
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.of(uuids.getOrDefault(command.nsid(), new UUID(1, command.nsid()))),
                                    OptionalInt.of(commandSets.getOrDefault(command.nsid(), 0)))
                            .encode(data, 0);
                case IdentifyCommand.CNS_NAMESPACE -> {
                    Consumer<IdentifyNamespace> setting = namespaces.get(command.nsid());
                    if (setting != null) {
                        IdentifyNamespace namespace = new IdentifyNamespace()
                                .wrap(data, 0)
                                .set(IdentifyNamespace.Field.NSZE, 1000)
                                .set(IdentifyNamespace.Field.NCAP, 1000)
                                .lbaFormat(0, new LbaFormat(0, 9, 0));
                        setting.accept(namespace);
                    }
                }
                default -> {
                    e.fail(StatusCode.INVALID_FIELD);
                    return;
                }
            }
            e.send(data);
        });
    }

    private void logPage(Exchange exchange, GetLogPageCommand command) {
        String line = "Log " + hex(command.logPage()) + " " + command.offset() + "+" + command.length()
                + (command.retainAsyncEvent() ? " RAE" : "");
        act(line, exchange, e -> {
            int written = DiscoveryLogHeader.LENGTH + discoveryLog.size() * DiscoveryLogEntry.LENGTH;
            int length = Math.max(written, (int) (command.offset() + command.length()));
            ByteBuf page = Unpooled.wrappedBuffer(new byte[length]);
            new DiscoveryLogHeader(generation, discoveryLog.size()).encode(page, 0);
            for (int i = 0; i < discoveryLog.size(); i++) {
                discoveryLog.get(i).encode(page, DiscoveryLogHeader.LENGTH + i * DiscoveryLogEntry.LENGTH);
            }
            e.send(page.slice((int) command.offset(), (int) command.length()));
        });
    }

    void beDiscovery() {
        identify().set(Field.CNTRLTYPE, IdentifyController.TYPE_DISCOVERY).subsystemNqn(Nqn.DISCOVERY);
    }

    static String hex(int value) {
        String digits = Integer.toHexString(value).toUpperCase(Locale.ROOT);
        return (digits.length() == 1 ? "0" : "") + digits + 'h';
    }

    /** Ends what a test left open, so that what is outstanding gives its memory back. */
    void cut() {
        transport.connections().forEach(LoopConnection::cut);
    }

    /** Nothing of the association is left. */
    void assertNothingOpen() {
        assertThat(transport.connections()).isEmpty();
    }
}
