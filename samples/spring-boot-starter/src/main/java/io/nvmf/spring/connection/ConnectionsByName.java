package io.nvmf.spring.connection;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnections;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The connections of an application, looked for when somebody asks first, because they may be made of this one's users. */
public final class ConnectionsByName implements NvmeConnections {

    private final Supplier<Collection<NvmeConnection>> beans;
    private volatile @Nullable Map<String, NvmeConnection> found;

    /**
     * Connections that are not looked for yet.
     *
     * @param beans gives all of them
     */
    public ConnectionsByName(Supplier<Collection<NvmeConnection>> beans) {
        this.beans = beans;
    }

    @Override
    public NvmeConnection get(String name) {
        NvmeConnection connection = all().get(name);
        if (connection == null) {
            throw new IllegalArgumentException("there is no connection '" + name + "', but " + all().keySet());
        }
        return connection;
    }

    @Override
    public Map<String, NvmeConnection> all() {
        Map<String, NvmeConnection> all = found;
        if (all == null) {
            all = byName(beans.get());
            found = all;
        }
        return all;
    }

    private static Map<String, NvmeConnection> byName(Collection<NvmeConnection> connections) {
        Map<String, NvmeConnection> all = new LinkedHashMap<>();
        for (NvmeConnection connection : connections) {
            if (all.putIfAbsent(connection.name(), connection) != null) {
                throw new IllegalStateException("two connections have the name '" + connection.name() + "'");
            }
        }
        return Collections.unmodifiableMap(all);
    }
}
