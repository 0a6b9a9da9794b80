package io.nvmf.spring.properties;

import io.nvmf.spec.TransportType;
import io.nvmf.spring.connection.StartupMode;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A client.
 *
 * @param enabled Whether there is this connection.
 * @param uri Where the subsystem is, such as nvme+tcp://192.0.2.1:4420/nqn.2014-08.com.example:disks, in place of transport, host, port and subsystem. Settings may follow as in ?io-queues=4.
 * @param transport Kind of fabric.
 * @param host Name or address of the subsystem's port; IPv6 without brackets.
 * @param port Port number, 1..65535. 8009 for the discovery subsystem unless set.
 * @param subsystem NQN of the subsystem.
 * @param hostNqn NQN of this host. Made up once per JVM unless set.
 * @param hostId Identifier of this host, a UUID. Follows from the host NQN unless set.
 * @param ioQueues How many I/O queues to ask for, 1..65535.
 * @param queueSize Entries of each I/O submission queue, 2..65536.
 * @param sqFlowControl Whether to leave SQ flow control on.
 * @param keepAlive Keep alive timeout, up to 49d. Zero for none.
 * @param connectTimeout Bound on each step of connecting, up to 1d.
 * @param commandTimeout Bound on each I/O command, 1ms..365d. Zero for none.
 * @param adminTimeout Bound on each admin command, 1ms..365d. Zero for none.
 * @param pendingCommands Commands that may wait for a free slot, per queue.
 * @param headerDigest Whether to have digests of PDU headers.
 * @param dataDigest Whether to have digests of PDU data.
 * @param busyPoll How long an event loop looks for input again and again while commands are in flight, up to 1s. Takes a processor.
 * @param adaptivePoll How long an event loop looks for input before it sleeps, where that pays, up to 1ms.
 * @param capture A file with what connections send and receive, for Wireshark.
 * @param options Further options of the transport, by the names that they have in a URI.
 * @param startup When the connection is made: with the application, which waits for it (eager); with the application, which does not wait (background); with the first use (lazy).
 * @param startupTimeout How long the start of the application waits for an eager connection, 1ms..1h.
 * @param shutdownTimeout How long the stop of the application waits for the end of the connection, 1ms..1h.
 * @param recovery What happens when the association with the controller is lost.
 */
public record ClientProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String uri,
        @Nullable TransportType transport,
        @Nullable String host,
        @Nullable Integer port,
        @Nullable String subsystem,
        @Nullable String hostNqn,
        @Nullable UUID hostId,
        @Nullable Integer ioQueues,
        @Nullable Integer queueSize,
        @Nullable Boolean sqFlowControl,
        @Nullable Duration keepAlive,
        @Nullable Duration connectTimeout,
        @Nullable Duration commandTimeout,
        @Nullable Duration adminTimeout,
        @Nullable Integer pendingCommands,
        @Nullable Boolean headerDigest,
        @Nullable Boolean dataDigest,
        @Nullable Duration busyPoll,
        @Nullable Duration adaptivePoll,
        @NestedConfigurationProperty @DefaultValue CaptureProperties capture,
        @DefaultValue Map<String, String> options,
        @DefaultValue("eager") StartupMode startup,
        @DefaultValue("10s") Duration startupTimeout,
        @DefaultValue("10s") Duration shutdownTimeout,
        @NestedConfigurationProperty @DefaultValue RecoveryProperties recovery) {}
