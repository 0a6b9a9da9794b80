package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connect;
import static io.nvmf.subsystem.engine.TargetFixture.connectAdmin;
import static io.nvmf.subsystem.engine.TargetFixture.connectData;
import static io.nvmf.subsystem.engine.TargetFixture.connectIo;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.testing.LogLines;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;
import reactor.core.publisher.Mono;

/** Whatever a Connect is refused for, and whoever refuses it, there is one line about it. */
class RefusedConnectTest {

    private static final String KNOWN = " of \"" + SUBSYSTEM + "\" by host \"" + HOST + "\"";
    private static final String NAMED = KNOWN + " with identifier " + HOST_ID + ": ";
    private static final String UNKNOWN = " by a host that is not known yet: ";

    private final LogLines lines = new LogLines(Level.INFO);
    private final ScriptedStore store = new ScriptedStore(1 << 20, BLOCK) {
        @Override
        public Mono<Void> flush() {
            return closing ? Mono.empty() : super.flush();
        }
    };
    private volatile boolean closing;
    private final TargetFixture target = TargetFixture.start(
            lines.logger(),
            TargetOptions.DEFAULTS.controllers(1),
            SubsystemOptions.of(SUBSYSTEM).namespace(1, store),
            SubsystemOptions.of(SUBSYSTEM + ":private").allowHosts(HOST + ":friend"));

    @AfterEach
    void close() {
        closing = true;
        target.close();
    }

    private void refused(RawQueue queue, RawCommand connect, StatusCode code, String line) {
        lines.clear();
        assertThat(queue.run(connect).status().is(code)).isTrue();
        assertThat(lines.at(Level.INFO)).containsExactly("refused Connect to queue " + line);
    }

    private void alterNext(RawQueue queue, Consumer<SubmissionQueueEntry> change) {
        target.transport.connections().stream()
                .filter(connection -> connection.host() == queue.queuePair())
                .findFirst()
                .orElseThrow()
                .alterNextCommand((ByteBuf bytes) -> change.accept(new SubmissionQueueEntry().wrap(bytes, 0)));
    }

    @Test
    @Covers("A refusal is logged: who, from where, which queue, why; ten a minute at info level")
    void everyRefusalLeavesALine() {
        RawQueue queue = target.open(true);

        refused(
                queue,
                connectAdmin(0).with(entry -> entry.fuse(1)),
                StatusCode.INVALID_FIELD,
                "0" + UNKNOWN + "0/02h DNR");
        alterNext(queue, entry -> entry.psdt(SubmissionQueueEntry.PSDT_PRP));
        refused(queue, connectIo(3, 1, 16, 0), StatusCode.INVALID_FIELD, "3" + UNKNOWN + "0/02h DNR");
        alterNext(queue, entry -> entry.buffer().setByte(entry.sglAt() + 15, 0x20));
        refused(queue, connectAdmin(0), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID, "0" + UNKNOWN + "0/11h DNR");
        refused(
                queue,
                connect(0, 32, 0, 0, new byte[512]),
                StatusCode.DATA_SGL_LENGTH_INVALID,
                "0" + UNKNOWN + "0/0Fh DNR");
        refused(
                queue,
                connect(0, 1, 0, 0, connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST)),
                StatusCode.CONNECT_INVALID_PARAMETERS,
                "0" + UNKNOWN + "1/82h DNR (SQSIZE at offset 44 of the entry)");
        refused(
                queue,
                connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, SUBSYSTEM + ":private", HOST)),
                StatusCode.CONNECT_INVALID_HOST,
                "0 of \"" + SUBSYSTEM + ":private\" by host \"" + HOST + "\" with identifier " + HOST_ID
                        + ": 1/84h DNR");
    }

    @Test
    void soDoThoseOfQueuesThatAreConnected() {
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);

        refused(
                admin.queue(),
                connectAdmin(0),
                StatusCode.COMMAND_SEQUENCE_ERROR,
                "0" + KNOWN + " on a queue that is connected: 0/0Ch");
        refused(
                io,
                connectIo(1, admin.controllerId(), 16, 0).with(entry -> entry.fuse(2)),
                StatusCode.INVALID_FIELD,
                "1" + KNOWN + " on a queue that is connected: 0/02h DNR");
        refused(
                target.open(false),
                connectIo(1, admin.controllerId(), 16, 0),
                StatusCode.COMMAND_SEQUENCE_ERROR,
                "1" + NAMED + "0/0Ch");
        refused(target.open(true), connectAdmin(0), StatusCode.CONNECT_CONTROLLER_BUSY, "0" + NAMED + "1/81h");

        io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1).id(9));
        Awaitility.await().until(() -> store.calls.size() == 1);
        refused(
                io,
                connectIo(1, admin.controllerId(), 16, 0).id(9),
                StatusCode.COMMAND_ID_CONFLICT,
                "1" + KNOWN + " on a queue that is connected: 0/03h");
        store.calls.get(0).done();
        io.next();
    }

    @Test
    void otherCommandsThatAreRefusedLeaveNone() {
        RawQueue queue = target.open(true);

        queue.refuse(RawCommand.get(Property.CAP), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        queue.refuse(RawCommand.get(Property.CAP).with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
        queue.succeed(connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, Nqn.DISCOVERY, HOST)));

        assertThat(lines.at(Level.INFO)).isEmpty();
    }
}
