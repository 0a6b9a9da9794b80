package io.nvmf.transport;

import io.nvmf.spec.Require;

/**
 * Where a port of a subsystem is, in the words of its transport.
 *
 * @param host host name or address (TRADDR)
 * @param service port number as text, or a name for in-JVM transports (TRSVCID)
 */
public record TransportAddress(String host, String service) {

    /**
     * An IP address or host name and a port.
     *
     * @param host host name or address; IPv6 without brackets
     * @param port 0..65,535; 0 to listen on a free port
     * @return the address
     */
    public static TransportAddress of(String host, int port) {
        Require.range("port", port, 0, 65_535);
        return new TransportAddress(host, Integer.toString(port));
    }

    /**
     * The service as a port number.
     *
     * @return 0..65,535
     * @throws IllegalArgumentException if the service is not a port number
     */
    public int port() {
        try {
            int port = Integer.parseInt(service);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("service '" + service + "' is not a port number", e);
        }
        throw new IllegalArgumentException("service '" + service + "' is not a port number");
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? '[' + host + "]:" + service : host + ':' + service;
    }
}
