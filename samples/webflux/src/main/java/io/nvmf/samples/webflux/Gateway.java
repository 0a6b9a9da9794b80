package io.nvmf.samples.webflux;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** The application. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
public class Gateway {

    /** Made by Spring. */
    public Gateway() {}

    /**
     * Starts it.
     *
     * @param args properties, as in {@code --server.port=8081}
     */
    public static void main(String[] args) {
        SpringApplication.run(Gateway.class, args);
    }
}
