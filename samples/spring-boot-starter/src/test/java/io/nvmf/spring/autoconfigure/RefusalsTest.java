package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.nvmf.spring.properties.InvalidNvmePropertyException;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** What is refused, and in which words. */
class RefusalsTest {

    private static Arguments refused(String properties, String message) {
        return arguments(List.of(properties.split(" ")), message);
    }

    static Stream<Arguments> values() {
        return Stream.of(
                refused("nvmf.client.port=0", "nvmf.client.port must be 1..65535, but is 0"),
                refused("nvmf.client.port=65536", "nvmf.client.port must be 1..65535, but is 65536"),
                refused("nvmf.client.io-queues=0", "nvmf.client.io-queues must be 1..65535, but is 0"),
                refused("nvmf.client.io-queues=65536", "nvmf.client.io-queues must be 1..65535, but is 65536"),
                refused("nvmf.client.queue-size=1", "nvmf.client.queue-size must be 2..65536, but is 1"),
                refused("nvmf.client.queue-size=65537", "nvmf.client.queue-size must be 2..65536, but is 65537"),
                refused("nvmf.client.pending-commands=-1", "nvmf.client.pending-commands must be 0 or more, but is -1"),
                refused("nvmf.client.keep-alive=50d", "nvmf.client.keep-alive must be 0..49d, but is 50d"),
                refused(
                        "nvmf.client.keep-alive=1us",
                        "nvmf.client.keep-alive must be a whole number of milliseconds, but is 1us"),
                refused("nvmf.client.connect-timeout=0s", "nvmf.client.connect-timeout must be 1ms..1d, but is 0"),
                refused("nvmf.client.connect-timeout=25h", "nvmf.client.connect-timeout must be 1ms..1d, but is 25h"),
                refused(
                        "nvmf.client.command-timeout=1us",
                        "nvmf.client.command-timeout must be 0 or 1ms..365d, but is 1us"),
                refused(
                        "nvmf.client.admin-timeout=366d",
                        "nvmf.client.admin-timeout must be 0 or 1ms..365d, but is 366d"),
                refused("nvmf.client.busy-poll=2s", "nvmf.client.busy-poll must be 0..1s, but is 2s"),
                refused("nvmf.client.adaptive-poll=2ms", "nvmf.client.adaptive-poll must be 0..1ms, but is 2ms"),
                refused("nvmf.client.startup-timeout=2h", "nvmf.client.startup-timeout must be 1ms..1h, but is 2h"),
                refused("nvmf.client.shutdown-timeout=0s", "nvmf.client.shutdown-timeout must be 1ms..1h, but is 0"),
                refused(
                        "nvmf.client.recovery.first-delay=0s",
                        "nvmf.client.recovery.first-delay must be 1ms..365d, but is 0"),
                refused(
                        "nvmf.client.recovery.max-delay=366d",
                        "nvmf.client.recovery.max-delay must be 1ms..365d, but is 366d"),
                refused(
                        "nvmf.client.recovery.loss-timeout=0s",
                        "nvmf.client.recovery.loss-timeout must be 1ms..365d, but is 0"),
                refused(
                        "nvmf.client.recovery.fail-fast=1us",
                        "nvmf.client.recovery.fail-fast must be 0 or 1ms..365d, but is 1us"),
                refused(
                        "nvmf.client.recovery.quiesce-time=1us",
                        "nvmf.client.recovery.quiesce-time must be 0 or 1ms..365d, but is 1us"),
                refused(
                        "nvmf.client.recovery.status-retries=1001",
                        "nvmf.client.recovery.status-retries must be 0..1000, but is 1001"),
                refused("nvmf.loops.threads=0", "nvmf.loops.threads must be 1..1024, but is 0"),
                refused(
                        "nvmf.loops.shutdown-quiet-period=61s",
                        "nvmf.loops.shutdown-quiet-period must be 0..1m, but is 61s"),
                refused("nvmf.loops.shutdown-timeout=11m", "nvmf.loops.shutdown-timeout must be 0..10m, but is 11m"),
                refused("nvmf.health.timeout=0s", "nvmf.health.timeout must be 1ms..1m, but is 0"),
                refused("nvmf.health.time-to-live=2h", "nvmf.health.time-to-live must be 0..1h, but is 2h"),
                refused(
                        "nvmf.stream.read.chunk-size=2GB",
                        "nvmf.stream.read.chunk-size must be 1..2147483647, but is 2147483648"),
                refused(
                        "nvmf.stream.read.max-buffered=0B",
                        "nvmf.stream.read.max-buffered must be 1..9223372036854775807, but is 0"),
                refused("nvmf.stream.read.window=0", "nvmf.stream.read.window must be 1..65535, but is 0"),
                refused("nvmf.stream.write.queues=65536", "nvmf.stream.write.queues must be 1..65535, but is 65536"),
                refused("nvmf.stream.write.timeout=0s", "nvmf.stream.write.timeout must be 1ms..365d, but is 0"),
                refused("nvmf.target.enabled=true nvmf.target.port=-1", "nvmf.target.port must be 0..65535, but is -1"),
                refused(
                        "nvmf.target.enabled=true nvmf.target.namespaces[0].block-size=100B",
                        "nvmf.target.namespaces[0].block-size must be 512..65536, but is 100"),
                refused(
                        "nvmf.target.enabled=true nvmf.target.namespaces[0].block-size=3000B",
                        "nvmf.target.namespaces[0].block-size must be a power of two, but is 3000"),
                refused(
                        "nvmf.target.enabled=true nvmf.target.namespaces[0].id=65536",
                        "nvmf.target.namespaces[0].id must be 1..65535, but is 65536"),
                refused(
                        "nvmf.target.enabled=true nvmf.target.namespaces[0].id=2 nvmf.target.namespaces[1].size=1MB",
                        "nvmf.target.namespaces[1].id must be other than those before, but is 2"));
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                refused("nvmf.client.subsystem=short", "nvmf.client.subsystem cannot be 'short': "),
                refused("nvmf.client.host-nqn=short", "nvmf.client.host-nqn cannot be 'short': "),
                refused(
                        "nvmf.client.host-id=00000000-0000-0000-0000-000000000000",
                        "nvmf.client.host-id cannot be 00000000-0000-0000-0000-000000000000: "),
                refused(
                        "nvmf.client.options.colour=red",
                        "nvmf.client.options.colour is not known; the transports know adaptive-poll, "),
                refused("nvmf.client.capture.size=1KB", "nvmf.client.capture.size cannot be 1024B: "),
                refused("nvmf.client.capture.files=0", "nvmf.client.capture.files cannot be 0: "),
                refused("nvmf.client.capture.data=1GB", "nvmf.client.capture.data cannot be 1073741824B: "),
                refused("nvmf.client.capture.data=-4294967232B", "nvmf.client.capture.data cannot be -4294967232B: "),
                refused(
                        "nvmf.target.enabled=true nvmf.target.capture.size=1KB",
                        "nvmf.target.capture.size cannot be 1024B: "),
                refused(
                        "nvmf.target.enabled=true nvmf.target.capture.files=0",
                        "nvmf.target.capture.files cannot be 0: "),
                refused(
                        "nvmf.target.enabled=true nvmf.target.capture.data=1GB",
                        "nvmf.target.capture.data cannot be 1073741824B: "),
                refused(
                        "nvmf.clients.default.host=192.0.2.2",
                        "nvmf.clients.default must have another name: the connection default is nvmf.client"),
                refused(
                        "nvmf.security.host-secret=env:A nvmf.security.hashes=sha-256,sha-256",
                        "nvmf.security.hashes cannot be [SHA_256, SHA_256]: "),
                refused(
                        "nvmf.security.host-secret=env:A nvmf.security.groups=null,null",
                        "nvmf.security.groups cannot be [NULL, NULL]: "),
                refused("nvmf.client.options.hpda=99", "nvmf.client.options.hpda cannot be '99': "),
                refused(
                        "nvmf.target.enabled=true nvmf.target.subsystem=short",
                        "nvmf.target.subsystem cannot be 'short': "),
                refused(
                        "nvmf.target.enabled=true nvmf.target.allowed-hosts=short",
                        "nvmf.target.allowed-hosts[0] cannot be 'short': "),
                refused(
                        "nvmf.target.enabled=true nvmf.target.namespaces[0].size=1000B",
                        "nvmf.target.namespaces[0].size cannot be 1000B: "));
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                refused(
                        "nvmf.client.recovery.first-delay=20s",
                        "nvmf.client.recovery.first-delay must not be longer than nvmf.client.recovery.max-delay, "
                                + "which is 10s, but is 20s"),
                refused(
                        "nvmf.client.recovery.loss-timeout=1s nvmf.client.recovery.fail-fast=2s",
                        "nvmf.client.recovery.fail-fast must not be longer than nvmf.client.recovery.loss-timeout, "
                                + "which is 1s, but is 2s"),
                refused(
                        "nvmf.client.recovery.loss-timeout=50ms",
                        "nvmf.client.recovery.first-delay must not be longer than nvmf.client.recovery.loss-timeout, "
                                + "which is 50ms, but is 100ms"),
                refused(
                        "nvmf.client.uri=nvme+tcp://192.0.2.1/nqn.2026-01.com.example:disks",
                        "nvmf.client.uri and nvmf.client.host are both set; remove one of them"),
                refused(
                        "nvmf.loops.shutdown-quiet-period=3s",
                        "nvmf.loops.shutdown-quiet-period must not be longer than nvmf.loops.shutdown-timeout, "
                                + "which is 2s, but is 3s"),
                refused(
                        "nvmf.client.options.header-digest=true nvmf.client.header-digest=false",
                        "nvmf.client.options.header-digest and nvmf.client.header-digest are both set; "
                                + "remove one of them"));
    }

    static Stream<Arguments> security() {
        String host = "nvmf.security.host-secret=env:HOST_SECRET ";
        String location = " must be a location: file:<path>, directory:<path>, env:<name>, keystore:<path>#<alias>"
                + " or bean:<name>; a secret itself is not accepted";
        return Stream.of(
                refused("nvmf.security.host-secret=DHHC-1:00:c2VjcmV0:", "nvmf.security.host-secret" + location),
                refused("nvmf.security.tls-key=NVMeTLSkey-1:01:c2VjcmV0:", "nvmf.security.tls-key" + location),
                refused("nvmf.security.tls-key=c2VjcmV0", "nvmf.security.tls-key" + location),
                refused("nvmf.security.host-secret=env:DHHC-1:00:c2VjcmV0:", "nvmf.security.host-secret" + location),
                refused("nvmf.security.host-secret=file:DHHC-1:00:c2VjcmV0:", "nvmf.security.host-secret" + location),
                refused("nvmf.security.tls-key=bean:NVMeTLSkey-1:01:c2VjcmV0:", "nvmf.security.tls-key" + location),
                refused("nvmf.security.tls-key=file:", "nvmf.security.tls-key" + location),
                refused("nvmf.security.tls-key=file:a\0b", "nvmf.security.tls-key" + location),
                refused("nvmf.security.tls-key=env:a=b", "nvmf.security.tls-key" + location),
                refused("nvmf.security.tls-key=keystore:/keys.p12", "nvmf.security.tls-key" + location),
                refused("nvmf.security.tls-key=keystore:/keys.p12#", "nvmf.security.tls-key" + location),
                refused(
                        host + "nvmf.security.controller-secret=DHHC-1:00:c2VjcmV0:",
                        "nvmf.security.controller-secret" + location),
                refused(
                        "nvmf.security.tls-key=keystore:/keys.p12#tls",
                        "nvmf.security.tls-key is in a key store, and nvmf.security.key-store-password is not set"),
                refused(
                        "nvmf.security.tls-key=keystore:/keys.p12#tls nvmf.security.key-store-password=changeit",
                        "nvmf.security.key-store-password must be a location: file:<path>, env:<name> or bean:<name>;"
                                + " a secret itself is not accepted"),
                refused(
                        host + "nvmf.security.key-store-password=env:PASSWORD",
                        "nvmf.security.key-store-password is set, and nothing is in a key store"),
                refused(
                        "nvmf.security.controller-secret=env:CONTROLLER_SECRET",
                        "nvmf.security.controller-secret is set, and nvmf.security.host-secret is not"),
                refused(
                        "nvmf.security.concatenation=true",
                        "nvmf.security.concatenation is set, and nvmf.security.host-secret is not"),
                refused(
                        "nvmf.security.hashes=sha-512",
                        "nvmf.security.hashes is set, and nvmf.security.host-secret is not"),
                refused(
                        "nvmf.security.groups=null",
                        "nvmf.security.groups is set, and nvmf.security.host-secret is not"),
                refused(
                        host + "nvmf.security.label-form=libnvme-1.14",
                        "nvmf.security.label-form is set, and nvmf.security.tls-key is not"),
                refused(
                        host + "nvmf.security.concatenation=true nvmf.security.tls-key=env:TLS_KEY",
                        "nvmf.security.concatenation and nvmf.security.tls-key are both set;"
                                + " a connection has its key from one or the other"),
                refused(
                        host + "nvmf.security.concatenation=true nvmf.security.groups=null",
                        "nvmf.security.concatenation and nvmf.security.groups do not go together:"
                                + " without an exchange there is nothing to make a key of"),
                refused(
                        host + "nvmf.security.concatenation=true nvmf.security.hashes=sha-512",
                        "nvmf.security.concatenation and nvmf.security.hashes do not go together:"
                                + " TLS has no cipher suite for SHA-512"));
    }

    @ParameterizedTest
    @MethodSource("security")
    void noMessageHasTextThatCouldBeASecret(List<String> properties, String message) {
        Contexts.lazyClient()
                .withPropertyValues(properties.toArray(String[]::new))
                .run(context -> {
                    Throwable failure = context.getStartupFailure();
                    assertThat(failure)
                            .rootCause()
                            .isInstanceOf(InvalidNvmePropertyException.class)
                            .hasMessage(message);
                    assertThat(Throwables.getStackTrace(failure)).doesNotContain("c2VjcmV0");
                });
    }

    @Test
    void aBeanThatIsNoKeyProviderIsRefused() {
        Contexts.lazyClient()
                .withPropertyValues("nvmf.security.host-secret=bean:vault")
                .run(context -> assertThat(new NvmeFailureAnalyzer()
                                .analyze(context.getStartupFailure())
                                .getDescription())
                        .isEqualTo("nvmf.security.host-secret names a bean that is not there or is no KeyProvider"));
    }

    @ParameterizedTest
    @MethodSource({"values", "contradictions"})
    void aValueThatCannotBeUsedIsRefusedWithItsNameAndTheLimit(List<String> properties, String message) {
        Contexts.lazyClient()
                .withPropertyValues(properties.toArray(String[]::new))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidNvmePropertyException.class)
                        .hasMessage(message));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void whatTheSdkRefusesIsRefusedWithItsReason(List<String> properties, String start) {
        Contexts.lazyClient()
                .withPropertyValues(properties.toArray(String[]::new))
                .run(context -> {
                    Throwable failure = context.getStartupFailure();
                    FailureAnalysis analysis = new NvmeFailureAnalyzer().analyze(failure);
                    assertThat(analysis).isNotNull();
                    assertThat(analysis.getDescription()).startsWith(start);
                    assertThat(analysis.getAction()).startsWith("Change nvmf.");
                });
    }

    @Test
    void whatIsMissingIsSaid() {
        Contexts.empty()
                .withPropertyValues("nvmf.client.host=192.0.2.1")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("nvmf.client.subsystem is not set; set it, or nvmf.client.uri"));
        Contexts.empty()
                .withPropertyValues("nvmf.clients.archive.io-queues=2")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("nvmf.clients.archive.host is not set; set it, or nvmf.clients.archive.uri"));
    }

    @Test
    void aSettingThatTheAddressHasTooIsRefused() {
        Contexts.empty()
                .withPropertyValues(
                        "nvmf.client.uri=nvme+tcp://192.0.2.1/nqn.2026-01.com.example:disks?io-queues=4",
                        "nvmf.client.io-queues=2")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("nvmf.client.io-queues is set, and the address "
                                + "nvme+tcp://192.0.2.1/nqn.2026-01.com.example:disks?io-queues=4"
                                + " has the parameter io-queues; remove one of them"));
    }

    @Test
    void theLimitsAreThoseOfTheSdk() {
        Contexts.lazyClient()
                .withPropertyValues(
                        "nvmf.client.port=65535",
                        "nvmf.client.io-queues=65535",
                        "nvmf.client.queue-size=65536",
                        "nvmf.client.keep-alive=49d",
                        "nvmf.client.connect-timeout=1d",
                        "nvmf.client.command-timeout=365d",
                        "nvmf.client.admin-timeout=1ms",
                        "nvmf.client.busy-poll=1s",
                        "nvmf.client.adaptive-poll=1ms",
                        "nvmf.client.recovery.status-retries=1000",
                        "nvmf.client.recovery.loss-timeout=365d",
                        "nvmf.stream.read.window=65535",
                        "nvmf.stream.write.queues=65535",
                        "nvmf.loops.threads=1024")
                .run(context -> assertThat(context).hasNotFailed());
    }
}
