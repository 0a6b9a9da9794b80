package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.spec.TransportType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetAddressTest {

    private static final String NQN = "nqn.2026-01.io.nvmf:x";

    @ParameterizedTest
    @CsvSource({
        "trtype:TCP adrfam:IPv4 traddr:192.0.2.1 trsvcid:4421 subnqn:" + NQN + " ns:7, nvme+tcp://192.0.2.1:4421/" + NQN
                + ", 7",
        "traddr:192.0.2.1 subnqn:" + NQN + ", nvme+tcp://192.0.2.1:4420/" + NQN + ", 1",
        "'  subnqn:" + NQN + "  adrfam:ipv6 TRADDR:2001:db8::1 ', 'nvme+tcp://[2001:db8::1]:4420/" + NQN + "', 1",
        "nvme+tcp://192.0.2.1:4420/" + NQN + ", nvme+tcp://192.0.2.1:4420/" + NQN + ", 1",
        "nvme+tcp://192.0.2.1:4420/" + NQN + "?header-digest=true#ns=3, nvme+tcp://192.0.2.1:4420/" + NQN
                + "?header-digest=true, 3",
        "nvme+rdma://192.0.2.1:4420/" + NQN + "?crc=false, nvme+rdma://192.0.2.1:4420/" + NQN + "?crc=false, 1",
        "trtype:rdma traddr:192.0.2.1 subnqn:" + NQN + ", nvme+rdma://192.0.2.1:4420/" + NQN + ", 1",
    })
    void bothFormsAreRead(String text, String uri, int namespaceId) {
        assertThat(TargetAddress.parse(text)).isEqualTo(new TargetAddress(uri, namespaceId));
    }

    @Test
    void moreParametersAreAddedToTheQuery() {
        TargetAddress address = TargetAddress.parse("NVMe+RDMA://192.0.2.1/" + NQN + "#ns=2");

        assertThat(address.with(List.of("crc=false", "io-queues=2")))
                .isEqualTo(new TargetAddress("NVMe+RDMA://192.0.2.1/" + NQN + "?crc=false&io-queues=2", 2));
        assertThat(address.transport()).isEqualTo(TransportType.RDMA);
    }

    @Test
    void namespaceIdentifiersAreUnsigned() {
        TargetAddress address = TargetAddress.parse("traddr:192.0.2.1 subnqn:" + NQN + " ns:4294967294");

        assertThat(address.namespaceId()).isEqualTo(-2);
        assertThat(address).asString().endsWith("namespace 4294967294");
    }

    @ParameterizedTest
    @CsvSource({
        "'', neither",
        "192.0.2.1, neither",
        "traddr:192.0.2.1 port:1, port:1",
        "traddr:192.0.2.1, subnqn",
        "subnqn:" + NQN + ", traddr",
        "traddr:a traddr:b subnqn:" + NQN + ", traddr is given twice",
        "adrfam:ib traddr:a subnqn:" + NQN + ", adrfam",
        "trtype:PCIe traddr:a subnqn:" + NQN + ", pcie",
        "traddr:a trsvcid:x subnqn:" + NQN + ", a:x",
        "traddr:a subnqn:" + NQN + " ns:0, namespace 0",
        "traddr:a subnqn:" + NQN + " ns:4294967295, namespace 4294967295",
        "traddr:a subnqn:" + NQN + " ns:x, 'x'",
        "http://a/b, http",
        "nvme+tcp://a/" + NQN + "#ns=0, namespace 0",
    })
    void whatIsWrongIsNamed(String text, String named) {
        assertThatThrownBy(() -> TargetAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named.equals("'x'") ? "namespace 'x'" : named);
    }
}
