/**
 * Reaches NVMe subsystems over fabrics, and is one: the API for applications, the contract for transports, and the
 * structures of the specification. Whatever is not exported may change with every version.
 *
 * @uses io.nvmf.transport.TransportProvider transports are found among the modules and on the class path
 */
module io.nvmf {
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires transitive org.reactivestreams;
    requires transitive reactor.core;
    requires static transitive org.jspecify;
    requires static micrometer.commons;
    requires static micrometer.core;
    requires static micrometer.observation;
    requires org.slf4j;

    exports io.nvmf;
    exports io.nvmf.channel;
    exports io.nvmf.command;
    exports io.nvmf.event;
    exports io.nvmf.file;
    exports io.nvmf.metrics;
    exports io.nvmf.metrics.micrometer;
    exports io.nvmf.namespace;
    exports io.nvmf.observation;
    exports io.nvmf.observation.micrometer;
    exports io.nvmf.recovery;
    exports io.nvmf.security;
    exports io.nvmf.security.key;
    exports io.nvmf.spec;
    exports io.nvmf.spec.auth;
    exports io.nvmf.subsystem;
    exports io.nvmf.transport;
    exports io.nvmf.transport.loop;
    exports io.nvmf.transport.support;

    uses io.nvmf.transport.TransportProvider;
}
