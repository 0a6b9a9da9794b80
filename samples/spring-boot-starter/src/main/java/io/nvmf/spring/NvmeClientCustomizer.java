package io.nvmf.spring;

import io.nvmf.NvmeClient;

/**
 * Changes the clients that are made of properties. All beans of this type are applied to each client, in their order
 * ({@link org.springframework.core.annotation.Order}), after the properties, so they have the last word.
 */
@FunctionalInterface
public interface NvmeClientCustomizer {

    /**
     * Changes a client.
     *
     * @param client as the properties and the customizers before say
     * @param name name of the connection it is for
     * @return the changed client, or the same one
     */
    NvmeClient customize(NvmeClient client, String name);
}
