package io.nvmf.samples.webflux.browser;

import io.nvmf.samples.webflux.Gateway;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The gateway as it is started by its users, with the embedded controller, on a free port. */
final class GatewayApp implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private GatewayApp(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static GatewayApp open() {
        return start("--gateway.insecure=true");
    }

    static GatewayApp withPassword(String password) {
        return start("--gateway.insecure=false", "--gateway.password=" + password);
    }

    private static GatewayApp start(String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.profiles.active=demo",
                "--server.port=0",
                "--server.address=127.0.0.1",
                // It would say that it does not know every command of this browser, none of which are used.
                "--logging.level.org.openqa.selenium=error"));
        arguments.addAll(List.of(settings));
        return new GatewayApp(SpringApplication.run(Gateway.class, arguments.toArray(String[]::new)));
    }

    /** Where it listens, as in {@code 127.0.0.1:40001}. */
    String authority() {
        return "127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    String url() {
        return "http://" + authority() + "/";
    }

    @Override
    public void close() {
        context.close();
    }
}
