package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.rdma.spi.RdmaRejectedException;
import io.nvmf.testing.Covers;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections start, with a bare socket at the other end. */
class MpaStartTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final RdmaLimits CONTROLLER = new RdmaLimits(16, 16, 4096, 0, 128);
    private static final RdmaLimits HOST = new RdmaLimits(16, 16, 4096, 128, 0);
    private static final TransportOptions NONE = TransportOptions.none();
    private static final byte[] DATA = TestFpdu.pattern(20, 1);

    private final IwarpProvider provider = new IwarpProvider();
    private final CompletableFuture<RdmaConnection> connection = new CompletableFuture<>();
    private final CompletableFuture<RdmaEnd> end = new CompletableFuture<>();
    private @Nullable RdmaListener listener;

    @AfterEach
    void everythingIsClosed() {
        if (listener != null) {
            listener.close().block(PATIENCE);
        }
        connection.thenAccept(made -> made.close().block(PATIENCE));
    }

    private SocketPeer listen(TransportOptions options, Consumer<RdmaIncoming> acceptor) throws IOException {
        listener = provider.listen(TransportAddress.of("127.0.0.1", 0), options, acceptor)
                .block(PATIENCE);
        return SocketPeer.connect(listener.address().port());
    }

    /** Answers with 32 bytes, and says hello when it may. */
    private void accept(RdmaIncoming incoming) {
        ByteBuffer data = ByteBuffer.allocate(32).put(2, (byte) 0x20);
        incoming.accept(data, CONTROLLER).subscribe(this::use, connection::completeExceptionally);
    }

    private void use(RdmaConnection made) {
        made.receiver(new RdmaReceiver() {
            @Override
            public void received(ByteBuf message, int invalidated) {
                message.release();
            }

            @Override
            public void writableChanged() {}

            @Override
            public void ended(RdmaEnd how) {
                end.complete(how);
            }
        });
        made.send(Unpooled.wrappedBuffer(DATA), null, 0, failure -> {});
        made.flush();
        connection.complete(made);
    }

    private CompletableFuture<RdmaConnection> connect(ServerSocket server, TransportOptions options) {
        return provider.connect(new RdmaConnectRequest(
                        TransportAddress.of("127.0.0.1", server.getLocalPort()),
                        PATIENCE,
                        ByteBuffer.wrap(HexFormat.of().parseHex("0000000020001f00" + "00".repeat(24))),
                        HOST,
                        options.with(IwarpOptions.START_NUDGE, Duration.ZERO)))
                .doOnNext(this::use)
                .toFuture();
    }

    private <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    // ---- as responder

    @Test
    @Covers("The responder sends nothing before the first FPDU of the initiator")
    void aRequestOfLinuxIsAnsweredAsLinuxDoesAndNothingFollowsBeforeTheFirstFpdu() throws Exception {
        try (SocketPeer peer = listen(NONE, this::accept)) {
            peer.send(SocketPeer.REQUEST + "50020024" + "00800000" + "0000000020001f00" + "00".repeat(24));
            peer.expect(SocketPeer.REPLY + "50020024" + "00000080" + "00002000" + "00".repeat(28));
            assertThat(get(connection).limits().readsOut()).isEqualTo(128);
            peer.expectSilence(100);

            peer.send(TestFpdu.send(1, DATA));

            peer.expect(TestFpdu.send(1, DATA));
        }
    }

    @Test
    @Covers(
            "Bytes behind the request and before the reply, or behind a reply that cannot be agreed to, end the connection")
    void nothingMayComeBetweenRequestAndReply() throws Exception {
        CompletableFuture<RdmaIncoming> asked = new CompletableFuture<>();
        try (SocketPeer peer = listen(NONE, asked::complete)) {
            peer.send(SocketPeer.REQUEST + "50020004" + "00800000");
            get(asked);
            peer.send(TestFpdu.send(1, DATA)).expectFin();
            accept(get(asked));
            assertThatThrownBy(() -> get(connection)).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aRequestMayComeByteByByte() throws Exception {
        try (SocketPeer peer = listen(NONE, this::accept)) {
            byte[] request = HexFormat.of().parseHex(SocketPeer.REQUEST + "5002000800800000" + "01020304");
            for (byte octet : request) {
                peer.send(new byte[] {octet});
            }
            peer.expect(SocketPeer.REPLY + "50020024" + "00000080");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10, false, 10", // neither wants check sums
        "10, true, 50",
        "50, false, 50",
        "50, true, 50",
    })
    @Covers("Used if either side wants it, otherwise its place is zero")
    void thereAreCheckSumsIfOneSideWantsThem(String flags, boolean wanted, String answered) throws Exception {
        try (SocketPeer peer = listen(NONE.with(IwarpOptions.CRC, wanted), this::accept)) {
            peer.send(SocketPeer.REQUEST + flags + "020004" + "00100000");
            peer.expect(SocketPeer.REPLY + answered + "020024" + "00000010" + "00002000" + "00".repeat(28));
            boolean checked = answered.equals("50");
            byte[] hello = TestFpdu.send(1, DATA);
            peer.send(checked ? hello : TestFpdu.unchecked(hello));
            peer.expect(checked ? hello : TestFpdu.unchecked(hello));
        }
    }

    @Test
    void revisionOneIsAcceptedWithReadsFromTheOptions() throws Exception {
        CompletableFuture<Integer> reads = new CompletableFuture<>();
        try (SocketPeer peer = listen(NONE.with(IwarpOptions.UNNEGOTIATED_READS, 5), incoming -> {
            reads.complete(incoming.peerReadsIn());
            accept(incoming);
        })) {
            peer.send(SocketPeer.REQUEST + "40010004" + "01020304");
            peer.expect(SocketPeer.REPLY + "40010020" + "00002000" + "00".repeat(28));
            assertThat(get(reads)).isEqualTo(5);
            assertThat(get(connection).limits().readsOut()).isEqualTo(5);
            assertThat(get(connection).privateData()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
            peer.send(TestFpdu.send(1, DATA)).expect(TestFpdu.send(1, DATA));
        }
    }

    @Test
    @Covers("Neither asked for nor sent; a peer that wants them is rejected")
    void aPeerThatWantsMarkersIsRejected() throws Exception {
        try (SocketPeer peer = listen(NONE, this::accept)) {
            peer.send(SocketPeer.REQUEST + "d0020004" + "00800000");
            peer.expect(SocketPeer.REPLY + "70020004" + "00000080").expectFin();
            assertThat(connection).isNotDone();
        }
    }

    @Test
    void aRejectionIsThatOfLinux() throws Exception {
        try (SocketPeer peer = listen(NONE, incoming -> incoming.reject(ByteBuffer.wrap(new byte[] {0, 0, 2, 0})))) {
            peer.send(SocketPeer.REQUEST + "50020004" + "00800000");
            peer.expect(SocketPeer.REPLY + "70020008" + "00000080" + "00000200").expectFin();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8010, C000, 8000, 8010", // write or read: a write
        "8010, 8001, 8000, 8010", // a write
        "8010, 4001, 8001, 4010", // a read, which is served
    })
    @Covers("Peer-to-peer mode as responder, and as an option of the initiator")
    void peerToPeerModeIsGranted(String in, String out, String answeredIn, String answeredOut) throws Exception {
        try (SocketPeer peer = listen(NONE, this::accept)) {
            peer.send(SocketPeer.REQUEST + "50020004" + in + out);
            peer.expect(SocketPeer.REPLY + "50020024" + answeredIn + answeredOut + "00002000" + "00".repeat(28));
            peer.expectSilence(50);
            if (answeredOut.startsWith("4")) {
                peer.send(TestFpdu.readRequest(1, 1, 0, 0, 1, 0));
                byte[] nothing = TestFpdu.readResponse(true, 1, 0, new byte[0]);
                byte[] hello = TestFpdu.send(1, DATA);
                byte[] both = peer.read(nothing.length + hello.length);
                assertThat(both).endsWith(nothing);
                assertThat(both).startsWith(hello);
            } else {
                peer.send(TestFpdu.write(1, 0, new byte[0])).expect(TestFpdu.send(1, DATA));
            }
            assertThat(end).isNotDone();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "474554202f20485454502f312e310d0a", // somebody else's protocol
                "4d504120494420526570204672616d65", // a reply
                "4d504120494420526571204672616d65" + "50030000", // revision 3
                "4d504120494420526571204672616d65" + "50020004" + "00800000" + "00", // a byte too much
            })
    @Covers(
            "Bytes behind the request and before the reply, or behind a reply that cannot be agreed to, end the connection")
    void whatIsNoRequestEndsTheConnection(String hex) throws Exception {
        CompletableFuture<RdmaIncoming> incoming = new CompletableFuture<>();
        try (SocketPeer peer = listen(NONE, incoming::complete)) {
            peer.send(hex).expectFin();
            assertThat(incoming).isNotDone();
        }
    }

    @Test
    @Covers("A responder waits for a request for a bounded time")
    void aPeerThatAsksForNothingIsNotWaitedForLong() throws Exception {
        try (SocketPeer peer = listen(NONE.with(IwarpOptions.START_TIMEOUT, Duration.ofMillis(50)), this::accept)) {
            peer.send("4d5041").expectFin();
        }
    }

    // ---- as initiator

    @Test
    @Covers("IRD and ORD are agreed on; what the host serves bounds what is issued")
    void aRequestIsThatOfLinuxInOnePiece() throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made = connect(server, NONE);
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                assertThat(HexFormat.of().formatHex(peer.readOnce()))
                        .isEqualTo(SocketPeer.REQUEST + "50020024" + "00800000" + "0000000020001f00" + "00".repeat(24));
                assertThat(made).isNotDone();
                peer.send(SocketPeer.REPLY + "50020024" + "00000010" + "00002000" + "00".repeat(28));
                peer.expect(TestFpdu.send(1, DATA));
                assertThat(get(made).limits()).isEqualTo(new RdmaLimits(16, 16, 4096, 16, 0));
                assertThat(get(made).privateData().get(2)).isEqualTo((byte) 0x20);
            }
        }
    }

    @Test
    void aRejectionComesWithWhatThePeerSays() throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made = connect(server, NONE);
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                peer.read(56);
                peer.send(SocketPeer.REPLY + "70020008" + "00000080" + "00000200")
                        .expectFin();
                assertThatThrownBy(() -> get(made))
                        .cause()
                        .isInstanceOfSatisfying(
                                RdmaRejectedException.class,
                                rejected -> assertThat(rejected.privateData()).containsExactly(0, 0, 2, 0));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d0020004" + "00000010", // markers
                "50030004" + "00000010", // revision 3
                "50020004" + "00000010" + "ff", // a byte too much
            })
    @Covers(
            "Bytes behind the request and before the reply, or behind a reply that cannot be agreed to, end the connection")
    void aReplyThatCannotBeAgreedToFails(String rest) throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made = connect(server, NONE);
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                peer.read(56);
                peer.send(SocketPeer.REPLY + rest).expectFin();
                assertThatThrownBy(() -> get(made))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aPeerThatClosesInsteadOfReplying() throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made = connect(server, NONE);
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                peer.read(56);
            }
            assertThatThrownBy(() -> get(made)).hasCauseInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"8001, 8000", "8001, 4000", "0001, 0000"})
    @Covers("Peer-to-peer mode as responder, and as an option of the initiator")
    void peerToPeerModeIsAskedForAndUsedAsGranted(String in, String out) throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made = connect(server, NONE.with(IwarpOptions.PEER_TO_PEER, true));
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                byte[] request = peer.read(56);
                assertThat(HexFormat.of().formatHex(Arrays.copyOfRange(request, 20, 24)))
                        .isEqualTo("8080c001");
                peer.send(SocketPeer.REPLY + "50020004" + in + out);
                switch (out) {
                    case "8000" -> peer.expect(TestFpdu.write(1, 0, new byte[0]));
                    case "4000" -> assertThat(peer.read(52)).startsWith(0x00, 0x2e, 0x41, 0x41);
                    default -> assertThat(in).startsWith("0");
                }
                peer.expect(TestFpdu.send(1, DATA));
                get(made);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "c0010000, MPA_READY", // an empty Send only
        "00000081, MPA_READS", // more reads than are served
    })
    @Covers("A reply with too many reads, or none of the ready messages, is answered with its Terminate")
    void aReplyThatCannotBeAgreedToIsAnsweredWithItsTerminate(String reads, TerminateError error) throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made = connect(server, NONE.with(IwarpOptions.PEER_TO_PEER, true));
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                peer.read(56);
                peer.send(SocketPeer.REPLY + "50020004" + reads);
                peer.expect(TestFpdu.terminateAlone(error)).expectFin();
                assertThatThrownBy(() -> get(made)).hasCauseInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void whatIsIssuedWithinThePauseLeavesBeforeTheClose() throws Exception {
        try (ServerSocket server = SocketPeer.listen()) {
            CompletableFuture<RdmaConnection> made =
                    connect(server, NONE.with(IwarpOptions.START_PAUSE, Duration.ofMinutes(1)));
            try (SocketPeer peer = new SocketPeer(server.accept())) {
                peer.read(56);
                peer.send(SocketPeer.REPLY + "50020004" + "00000000");
                get(made).close().subscribe();
                peer.expect(TestFpdu.send(1, DATA)).expectFin();
            }
            get(made).close().block(PATIENCE);
        }
    }

    // ---- the end

    @Test
    void aBreachIsAnsweredAndThenTheConnectionIsClosedInOrder() throws Exception {
        try (SocketPeer peer = listen(NONE, this::accept)) {
            peer.send(SocketPeer.REQUEST + "50020004" + "00800000").read(56);
            byte[] wrong = TestFpdu.send(2, DATA);
            peer.send(wrong)
                    .send(new byte[100_000]) // unread bytes would make it a reset, and the Terminate be lost
                    .expect(TestFpdu.terminateFor(TerminateError.UNTAGGED_MSN, wrong, false))
                    .expectFin();
            assertThat(get(end))
                    .isInstanceOfSatisfying(
                            RdmaEnd.ProtocolError.class,
                            error -> assertThat(error.code()).isEqualTo(TerminateError.UNTAGGED_MSN.code()));
        }
    }

    @Test
    @Covers("A received one ends the connection and is not answered; that of Linux is understood")
    void aTerminateOfLinuxIsUnderstood() throws Exception {
        try (SocketPeer peer = listen(NONE, this::accept)) {
            peer.send(SocketPeer.REQUEST + "50020004" + "00800000").read(56);
            peer.send(TestFpdu.terminate(0x21, 0x03, 0x03)).expectFin();
            assertThat(get(end)).isInstanceOfSatisfying(RdmaEnd.ProtocolError.class, error -> {
                assertThat(error.detectedBy()).isEqualTo(RdmaEnd.Side.REMOTE);
                assertThat(error.code()).isEqualTo(TerminateError.UNTAGGED_MSN.code());
            });
        }
    }

    @Test
    void closingDoesNotWaitForeverForAPeerThatStays() throws Exception {
        TransportOptions options = NONE.with(IwarpOptions.CLOSE_TIMEOUT, Duration.ofMillis(50));
        try (SocketPeer peer = listen(options, this::accept)) {
            peer.send(SocketPeer.REQUEST + "50020004" + "00800000").read(56);
            get(connection).close().block(PATIENCE);
            peer.expectFin();
            assertThat(get(end)).isEqualTo(new RdmaEnd.Closed(RdmaEnd.Side.LOCAL));
        }
    }
}
