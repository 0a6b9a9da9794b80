package io.nvmf.spring.endpoint;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnections;
import io.nvmf.spring.connection.ConnectionAddress;
import io.nvmf.spring.connection.LatestState;
import io.nvmf.spring.connection.StateWord;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** {@code nvmf} in the endpoint {@code info}: subsystem and state of each connection, by its name. Sends nothing. */
public final class NvmeInfoContributor implements InfoContributor {

    private final NvmeConnections connections;

    /**
     * The contributor.
     *
     * @param connections what it tells of
     */
    public NvmeInfoContributor(NvmeConnections connections) {
        this.connections = connections;
    }

    @Override
    public void contribute(Info.Builder builder) {
        Map<String, Object> all = new LinkedHashMap<>();
        connections.all().forEach((name, connection) -> all.put(name, line(connection)));
        builder.withDetail("nvmf", all);
    }

    private static Map<String, Object> line(NvmeConnection connection) {
        Map<String, Object> line = new LinkedHashMap<>();
        ConnectionAddress.subsystem(connection).ifPresent(subsystem -> line.put("subsystem", subsystem));
        line.put("state", LatestState.of(connection).map(StateWord::of).orElse(StateWord.IDLE));
        return line;
    }
}
