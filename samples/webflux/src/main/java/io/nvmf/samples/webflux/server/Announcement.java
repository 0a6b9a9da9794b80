package io.nvmf.samples.webflux.server;

import io.nvmf.samples.webflux.GatewayProperties;
import java.net.URI;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Tells whoever has started the gateway, in one line, where it is. */
@Component
class Announcement implements ApplicationListener<ApplicationReadyEvent> {

    private final GatewayProperties properties;

    Announcement(GatewayProperties properties) {
        this.properties = properties;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        if (event.getApplicationContext() instanceof ReactiveWebServerApplicationContext context
                && context.getWebServer() != null) {
            System.out.println("gateway at "
                    + url(context.getEnvironment(), context.getWebServer().getPort())
                    + (properties.insecure()
                            ? ", for everybody on this machine"
                            : ", for the user " + properties.username()));
        }
    }

    private static URI url(Environment environment, int port) {
        boolean encrypted = environment.containsProperty("server.ssl.bundle")
                || environment.containsProperty("server.ssl.key-store");
        return URI.create((encrypted ? "https" : "http") + "://localhost:" + port + "/");
    }
}
