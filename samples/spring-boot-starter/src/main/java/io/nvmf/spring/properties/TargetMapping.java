package io.nvmf.spring.properties;

import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.util.unit.DataSize;

/** Makes an embedded controller of properties. */
public final class TargetMapping {

    private static final int MAX_PORT = 65_535;
    private static final TargetProperties.Namespace IN_MEMORY =
            new TargetProperties.Namespace(null, DataSize.ofMegabytes(64), DataSize.ofKilobytes(4), null);

    private final TargetProperties properties;
    private final Limits limits = new Limits("nvmf.target");

    /**
     * A mapping of some properties.
     *
     * @param properties the properties
     */
    public TargetMapping(TargetProperties properties) {
        this.properties = properties;
    }

    /**
     * The controller. Files of namespaces are opened here, which blocks.
     *
     * @return a target that does not listen yet
     * @throws InvalidNvmePropertyException if a property cannot be used
     */
    public NvmeTarget target() {
        int port = (int) limits.range("port", properties.port(), 0, MAX_PORT);
        SubsystemOptions subsystem;
        try {
            subsystem = SubsystemOptions.of(properties.subsystem());
        } catch (IllegalArgumentException e) {
            throw limits.refused("subsystem", "'" + properties.subsystem() + "'", e);
        }
        SubsystemOptions served = namespaces(allowed(subsystem));
        NvmeTarget target = NvmeTarget.create()
                .bindAddress(properties.host(), port)
                .subsystem(properties.subsystem(), before -> served);
        return new CaptureMapping("nvmf.target.capture", properties.capture()).apply(target, NvmeTarget::option);
    }

    private SubsystemOptions allowed(SubsystemOptions start) {
        SubsystemOptions subsystem = start;
        for (int index = 0; index < properties.allowedHosts().size(); index++) {
            String host = properties.allowedHosts().get(index);
            try {
                subsystem = subsystem.allowHosts(host);
            } catch (IllegalArgumentException e) {
                throw limits.refused("allowed-hosts[" + index + "]", "'" + host + "'", e);
            }
        }
        return subsystem;
    }

    private SubsystemOptions namespaces(SubsystemOptions start) {
        List<TargetProperties.Namespace> namespaces =
                properties.namespaces().isEmpty() ? List.of(IN_MEMORY) : properties.namespaces();
        SubsystemOptions subsystem = start;
        Set<Integer> taken = new LinkedHashSet<>();
        for (int index = 0; index < namespaces.size(); index++) {
            TargetProperties.Namespace namespace = namespaces.get(index);
            String property = "namespaces[" + index + "]";
            int nsid = namespace.id() == null
                    ? index + 1
                    : (int) limits.range(property + ".id", namespace.id(), 1, SubsystemOptions.MAX_NSID);
            if (!taken.add(nsid)) {
                throw limits.mustBe(property + ".id", "other than those before", nsid);
            }
            subsystem = subsystem.namespace(nsid, store(property, namespace));
        }
        return subsystem;
    }

    private BlockStore store(String property, TargetProperties.Namespace namespace) {
        long blockSize = limits.range(
                property + ".block-size",
                namespace.blockSize().toBytes(),
                BlockStore.MIN_BLOCK_SIZE,
                BlockStore.MAX_BLOCK_SIZE);
        if (Long.bitCount(blockSize) != 1) {
            throw limits.mustBe(property + ".block-size", "a power of two", blockSize);
        }
        long size = namespace.size().toBytes();
        try {
            return namespace.file() == null
                    ? BlockStore.memory(size, (int) blockSize)
                    : BlockStore.file(namespace.file(), size, (int) blockSize);
        } catch (IllegalArgumentException e) {
            throw limits.refused(property + ".size", namespace.size(), e);
        }
    }
}
