package io.nvmf.spring;

import java.net.URI;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * Where a subsystem is. A bean of this type comes before the properties that say so ({@code uri}, {@code transport},
 * {@code host}, {@code port} and {@code subsystem}), which then do not count, none of them; all other properties do.
 * The test slice gives one for its embedded controller, and so does {@code nvmf.target.enabled}.
 */
@FunctionalInterface
public interface NvmeConnectionDetails extends ConnectionDetails {

    /**
     * Attribute of a bean definition with the name of the connection that the details are for. Without it, a bean of
     * this type is enough for there to be a connection {@link NvmeConnection#DEFAULT_NAME}, unless {@code
     * nvmf.client.enabled=false}.
     */
    String CONNECTION = "io.nvmf.spring.connection";

    /**
     * Transport, address and subsystem.
     *
     * @return such as {@code nvme+tcp://192.0.2.1:4420/nqn.2014-08.com.example:disks}, as
     *     {@link io.nvmf.NvmeClient#from(URI)} takes it; asked for once for each connection
     */
    URI uri();

    /**
     * Which connection this is for.
     *
     * @return {@link NvmeConnection#DEFAULT_NAME} unless overridden
     */
    default String connection() {
        return NvmeConnection.DEFAULT_NAME;
    }
}
