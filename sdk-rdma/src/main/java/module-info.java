/**
 * NVMe over RDMA for host and controller, and the contract of those who provide RDMA.
 *
 * @uses io.nvmf.rdma.spi.RdmaProvider what moves the bytes
 */
module io.nvmf.rdma {
    requires transitive io.nvmf;
    requires static org.jspecify;

    exports io.nvmf.rdma.spi;

    uses io.nvmf.rdma.spi.RdmaProvider;
}
