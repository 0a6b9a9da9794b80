package io.nvmf.docs;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.rdma.iwarp.IwarpOptions;
import io.nvmf.spec.TransportType;
import reactor.core.publisher.Mono;

/** docs/guide.md, "NVMe over RDMA". */
final class RdmaExamples {

    private RdmaExamples() {}

    static NvmeClient client(String authority) {
        NvmeClient client =
                NvmeClient.from("nvme+rdma://" + authority + "/nqn.2026-01.com.example:disk?crc=false&mulpdu=64768");
        return client;
    }

    static Mono<BoundTarget> target() {
        Mono<BoundTarget> target = NvmeTarget.memory("nqn.2026-01.com.example:disk", 64 << 20, 4096)
                .bindAddress("127.0.0.1", 0)
                .alsoListen(TransportType.RDMA, "127.0.0.1", 0)
                .option(IwarpOptions.CRC, false)
                .bind();
        return target;
    }
}
