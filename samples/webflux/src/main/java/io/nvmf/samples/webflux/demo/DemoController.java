package io.nvmf.samples.webflux.demo;

import io.nvmf.samples.webflux.problem.Refusal;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Cuts the controller off for some seconds. */
@RestController
@ConditionalOnBooleanProperty("gateway.demo")
class DemoController {

    private static final Pattern SECONDS = Pattern.compile("[1-9]|[1-5][0-9]|60");

    private final EmbeddedTarget target;

    DemoController(EmbeddedTarget target) {
        this.target = target;
    }

    @PostMapping(path = "/api/demo/interrupt", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    Interruption interrupt(@RequestParam(name = "seconds", defaultValue = "5") String seconds) {
        if (!SECONDS.matcher(seconds).matches()) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "seconds has to be a number from 1 to 60");
        }
        if (!target.interrupt(Duration.ofSeconds(Long.parseLong(seconds)))) {
            throw Refusal.of(HttpStatus.CONFLICT, "the controller is cut off already");
        }
        return new Interruption(Integer.parseInt(seconds));
    }

    /** What was done, as JSON. */
    record Interruption(int seconds) {}
}
