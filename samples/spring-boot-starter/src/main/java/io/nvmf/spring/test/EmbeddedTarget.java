package io.nvmf.spring.test;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.security.Security;
import io.nvmf.spring.NvmeConnectionDetails;
import io.nvmf.spring.properties.CaptureMapping;
import io.nvmf.spring.properties.CaptureProperties;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** The controller of a test, and where it is. It asks of clients what they are configured to ask of controllers. */
final class EmbeddedTarget implements NvmeConnectionDetails, DisposableBean {

    private static final String CAPTURE = "nvmf.target.capture";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String connection;
    private final String subsystem;
    private final BoundTarget target;

    EmbeddedTarget(
            String connection,
            int namespaces,
            String size,
            int blockSize,
            String subsystem,
            Environment environment,
            ObjectProvider<Security> security) {
        this.connection = connection;
        this.subsystem = subsystem;
        long bytes = DataSize.parse(size).toBytes();
        NvmeTarget configured = NvmeTarget.create()
                .security(security.getIfAvailable(Security::none))
                .subsystem(subsystem, options -> withNamespaces(options, namespaces, bytes, blockSize));
        this.target =
                Objects.requireNonNull(captured(configured, environment).bind().block(LIMIT));
    }

    /** The one thing that properties say: it is for looking into a test, which then need not be changed. */
    private static NvmeTarget captured(NvmeTarget target, Environment environment) {
        CaptureProperties properties = Binder.get(environment).bindOrCreate(CAPTURE, CaptureProperties.class);
        return new CaptureMapping(CAPTURE, properties).apply(target, NvmeTarget::option);
    }

    private static SubsystemOptions withNamespaces(SubsystemOptions start, int count, long bytes, int blockSize) {
        SubsystemOptions options = start;
        for (int nsid = 1; nsid <= count; nsid++) {
            options = options.namespace(nsid, BlockStore.memory(bytes, blockSize));
        }
        return options;
    }

    BoundTarget target() {
        return target;
    }

    @Override
    public String connection() {
        return connection;
    }

    @Override
    public URI uri() {
        return target.uri(subsystem);
    }

    @Override
    public void destroy() {
        target.close().block(LIMIT);
    }
}
