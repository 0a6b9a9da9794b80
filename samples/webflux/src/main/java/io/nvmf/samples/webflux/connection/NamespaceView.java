package io.nvmf.samples.webflux.connection;

import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.NamespaceIdentity;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A namespace as JSON.
 *
 * @param nsid its number
 * @param blockSize bytes of a block
 * @param blocks number of blocks
 * @param bytes its size
 * @param identity the first of UUID, NGUID and EUI-64 that it has, as in {@code uuid:…}; null if it has none
 * @param readOnly whether it is write protected
 * @param data where its bytes are
 */
record NamespaceView(
        long nsid,
        int blockSize,
        long blocks,
        long bytes,
        @Nullable String identity,
        boolean readOnly,
        String data) {

    static NamespaceView of(NvmeNamespace namespace) {
        long nsid = Integer.toUnsignedLong(namespace.id());
        return new NamespaceView(
                nsid,
                namespace.blockSize(),
                namespace.blocks(),
                namespace.size(),
                identity(namespace.identity()).orElse(null),
                namespace.readOnly(),
                "/api/namespaces/" + nsid + "/data");
    }

    private static Optional<String> identity(NamespaceIdentity identity) {
        return identity.uuid()
                .map(uuid -> "uuid:" + uuid)
                .or(() -> identity.nguid().map(nguid -> "nguid:" + nguid))
                .or(() -> identity.eui64().map(eui64 -> "eui64:" + eui64));
    }
}
