package io.nvmf.spring.autoconfigure;

import io.nvmf.NvmeClient;
import io.nvmf.rdma.iwarp.IwarpOptions;
import io.nvmf.tcp.TcpOptions;
import org.springframework.util.ClassUtils;
import reactor.netty.resources.LoopResources;

/** Gives clients the event loops of the application, whichever transport they take. */
final class ApplicationLoops {

    private static final boolean HAS_RDMA =
            ClassUtils.isPresent("io.nvmf.rdma.iwarp.IwarpOptions", ApplicationLoops.class.getClassLoader());

    private ApplicationLoops() {}

    static NvmeClient of(LoopResources loops, NvmeClient client) {
        NvmeClient overTcp = client.option(TcpOptions.LOOP_RESOURCES, loops);
        return HAS_RDMA ? OverRdma.of(loops, overTcp) : overTcp;
    }

    /** A class of its own, as an application need not have the module. */
    private static final class OverRdma {

        static NvmeClient of(LoopResources loops, NvmeClient client) {
            return client.option(IwarpOptions.LOOP_RESOURCES, loops);
        }
    }
}
