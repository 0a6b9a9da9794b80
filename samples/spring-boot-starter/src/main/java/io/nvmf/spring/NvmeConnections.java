package io.nvmf.spring;

import java.util.Map;

/** All connections of the application, by name: those made of properties, and beans of its own. */
public interface NvmeConnections {

    /**
     * The connection of a name.
     *
     * @param name the name
     * @return the connection
     * @throws IllegalArgumentException if there is none of that name; the message names those that are there
     */
    NvmeConnection get(String name);

    /**
     * All of them.
     *
     * @return by name, in the order of the beans; not to be changed
     */
    Map<String, NvmeConnection> all();
}
