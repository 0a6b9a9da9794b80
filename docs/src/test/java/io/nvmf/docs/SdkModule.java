package io.nvmf.docs;

import io.nvmf.NvmeClient;
import io.nvmf.rdma.RdmaOptions;
import io.nvmf.tcp.TcpOptions;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** A module of the SDK as its descriptor says, although the tests have it on the class path. */
final class SdkModule {

    static final SdkModule API = new SdkModule(NvmeClient.class);
    static final SdkModule TCP = new SdkModule(TcpOptions.class);
    static final SdkModule RDMA = new SdkModule(RdmaOptions.class);

    /** The jar, or the directory of classes where nothing has been packaged. */
    private final Path location;

    private final ModuleDescriptor descriptor;

    private SdkModule(Class<?> member) {
        try {
            location = Path.of(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        descriptor = ModuleFinder.of(location).findAll().iterator().next().descriptor();
    }

    Path location() {
        return location;
    }

    /** The packages that nobody outside the module can use. */
    Set<String> internalPackages() {
        Set<String> packages = new TreeSet<>(descriptor.packages());
        descriptor.exports().forEach(exports -> packages.remove(exports.source()));
        return packages;
    }

    @Override
    public String toString() {
        return descriptor.name();
    }
}
