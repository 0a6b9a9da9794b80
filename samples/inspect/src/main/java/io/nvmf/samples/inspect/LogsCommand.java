package io.nvmf.samples.inspect;

import io.nvmf.NvmeController;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Shows log pages. */
@Command(name = "logs", description = "show log pages, without acknowledging their events")
final class LogsCommand extends ControllerCommand {

    private static final int HEX = 16;
    private static final int MOST_PAGE = 0xFF;
    private static final int MOST_LENGTH = 4096;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "PAGE",
            description = "error, smart, firmware, changed, effects, or a number such as 0Ch, which is shown as bytes;"
                    + " without this all that have names and that the controller has")
    private List<String> pages = new ArrayList<>();

    @Option(
            names = "--length",
            paramLabel = "BYTES",
            defaultValue = "512",
            description = "bytes of a page that is given by its number, a multiple of 4 up to 4096")
    private int length;

    @Override
    Mono<List<Part>> ask(NvmeController controller) {
        if (length < 4 || length > MOST_LENGTH || length % 4 != 0) {
            return Mono.error(
                    new IllegalArgumentException("--length " + length + " is not a multiple of 4 within 4..4096"));
        }
        Logs logs = new Logs(controller);
        return pages.isEmpty()
                ? Flux.fromIterable(EnumSet.allOf(Logs.Page.class))
                        .concatMap(logs::pageIfThere)
                        .collectList()
                : Flux.fromIterable(pages).concatMap(page -> page(logs, page)).collectList();
    }

    private Mono<Part> page(Logs logs, String name) {
        for (Logs.Page page : Logs.Page.values()) {
            if (page.name().equals(name.toUpperCase(Locale.ROOT))) {
                return logs.page(page);
            }
        }
        return logs.raw(number(name), length);
    }

    private static int number(String name) {
        String digits = name.toLowerCase(Locale.ROOT).replaceFirst("^0x", "").replaceFirst("h$", "");
        try {
            int number = Integer.parseInt(digits, HEX);
            if (number >= 0 && number <= MOST_PAGE) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + name + "' is none of error, smart, firmware, changed, effects, and no number such as 0Ch", e);
        }
        throw new IllegalArgumentException("log page " + name + " is outside 00h..FFh");
    }
}
