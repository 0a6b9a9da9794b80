package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.SecuredAssociations;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** Authentication over NVMe/TCP, TLS, and both. */
class SecuredOverTcpTest extends SecuredAssociations {

    private final ConfiguredPsk key = ConfiguredPsk.generate(PskHash.SHA_256);
    private final Security tls = Security.none().tls(key);
    private final Security concatenated = oneWay.concatenation();

    @Override
    protected TransportType transport() {
        return TransportType.TCP;
    }

    @ParameterizedTest
    @EnumSource(PskHash.class)
    void dataGoesOverTls(PskHash hash) {
        Security security = Security.none().tls(ConfiguredPsk.generate(hash));
        serve(security);
        NvmeNamespace namespace = connect(security);
        assertDataGoesBothWays(namespace);
        lose(namespace);
    }

    @Test
    void anUntransformedKeyServesAndSoDoOlderLabels() {
        Security untransformed = Security.none().tls(ConfiguredPsk.untransformed(new byte[48]));
        serve(untransformed);
        assertDataGoesBothWays(connect(untransformed));
        stop();
        Security older = tls.labelForm(HkdfLabelForm.LIBNVME_1_14);
        serve(older);
        assertThat(refused(tls)).isInstanceOf(NvmeException.class);
        assertDataGoesBothWays(connect(older));
    }

    @Test
    void anotherKeyIsRefused() {
        serve(tls);
        assertThat(refused(Security.none().tls(ConfiguredPsk.generate(PskHash.SHA_256))))
                .isInstanceOf(NvmeConnectionException.class);
    }

    @Test
    void nobodyTalksWithoutTlsWhereOneSideInsists() {
        serve(tls);
        assertThat(refused(Security.none())).isInstanceOf(NvmeConnectionException.class);
        stop();
        serve(Security.none());
        assertThat(refused(tls)).isInstanceOf(NvmeConnectionException.class);
    }

    @Test
    void aHostWithoutAKeyDoesNotConnect() {
        serve(tls);
        assertThat(refused(Security.none().tls(request -> Mono.empty())))
                .isInstanceOf(NvmeAuthenticationException.class);
    }

    @Test
    void authenticationWithinTls() {
        Security both = bothWays.tls(key);
        serve(both);
        NvmeNamespace namespace = connect(both);
        assertDataGoesBothWays(namespace);
        controller().reauthenticate().block(PATIENCE);
        lose(namespace);
        stop();
        serve(both);
        assertThat(refused(tls)).isInstanceOf(NvmeAuthenticationException.class);
        assertThat(refused(bothWays)).isInstanceOf(NvmeConnectionException.class);
    }

    @Test
    void aKeyThatWasReplacedIsUsedFromTheNextConnectionOn() {
        AtomicReference<ConfiguredPsk> current = new AtomicReference<>(key);
        KeyProvider rotating = request -> Mono.fromSupplier(() -> current.get().toInterchangeFormat());
        Security security = Security.none().tls(rotating);
        serve(security);
        NvmeNamespace namespace = connect(security);
        current.set(ConfiguredPsk.generate(PskHash.SHA_384));
        lose(namespace);
    }

    @Test
    void aSecureChannelFollowsFromTheAuthentication() {
        serve(concatenated);
        NvmeNamespace namespace = connect(concatenated);
        assertDataGoesBothWays(namespace);
        lose(namespace);
        stop();
        Security mutual = bothWays.concatenation();
        serve(mutual);
        assertDataGoesBothWays(connect(mutual));
    }

    @Test
    void nobodyDoesWithoutTheSecureChannelWhereOneSideInsists() {
        serve(concatenated);
        assertThat(refused(oneWay)).isInstanceOf(NvmeAuthenticationException.class);
        assertThat(refused(Security.none())).isInstanceOf(NvmeAuthenticationException.class);
        stop();
        serve(oneWay);
        assertThat(refused(concatenated)).isInstanceOf(NvmeAuthenticationException.class);
    }

    @Test
    void discoverySaysThatTlsIsNeeded() {
        serve(tls);
        DiscoveryLogEntry entry = client(tls).discover().blockLast(PATIENCE);
        assertThat(entry.transportRequirements() & 3).isEqualTo(DiscoveryLogEntry.TREQ_SECURE_CHANNEL_REQUIRED);
        assertThat(entry.transportSpecific()).isEqualTo(new DiscoveryLogEntry.Tcp(DiscoveryLogEntry.Tcp.TLS_1_3));
    }
}
