package io.nvmf.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.NvmeConnectionException;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.SecuredAssociations;
import io.nvmf.transport.UnsupportedTlsException;
import org.junit.jupiter.api.Test;

/** Authentication over NVMe/RDMA and iWARP, which have no TLS. */
class SecuredOverIwarpTest extends SecuredAssociations {

    @Override
    protected TransportType transport() {
        return TransportType.RDMA;
    }

    @Test
    void whoAsksForTlsIsToldThatThereIsNone() {
        serve(Security.none());
        assertThat(refused(Security.none().tls(ConfiguredPsk.generate(PskHash.SHA_256))))
                .isInstanceOf(NvmeConnectionException.class)
                .hasCauseInstanceOf(UnsupportedTlsException.class);
    }
}
