package io.nvmf.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the pages to the code and to each other. */
class PagesTest {

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    private static final Pattern CLASS = Pattern.compile("`(\\p{Upper}\\w*\\p{Lower}\\w*)`");

    static List<Path> pages() {
        return Repository.pages();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyBlockOfJavaStandsInACompiledFile(Path page) {
        List<List<String>> examples = Repository.sources("test").values().stream()
                .filter(file -> file.startsWith(Repository.ROOT.resolve("docs")))
                .map(PagesTest::stripped)
                .toList();
        for (List<String> block : blocksOfJava(page)) {
            assertThat(examples)
                    .as("a compiled file with these lines of %s:%n%s", page, String.join("\n", block))
                    .anyMatch(example -> Collections.indexOfSubList(example, block) >= 0);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkWithinTheRepositoryLeadsSomewhere(Path page) {
        Matcher link = LINK.matcher(Repository.text(page));
        while (link.find()) {
            String target = link.group(1);
            if (target.startsWith("http")) {
                continue;
            }
            String[] parts = target.split("#", 2);
            Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
            assertThat(Files.exists(file)).as("%s of %s", target, page).isTrue();
            if (parts.length == 2) {
                assertThat(anchors(file)).as("%s of %s", target, page).contains(parts[1]);
            }
        }
    }

    @Test
    void everyClassNamedOnThePageAboutTestingIsThere() {
        Set<String> known = new HashSet<>(Repository.sources("main").keySet());
        known.addAll(Repository.sources("test").keySet());
        known.addAll(List.of("Mono", "Scheduler", "VirtualTimeScheduler"));
        String page = Repository.text(Repository.ROOT.resolve("docs/testing.md"));
        List<String> named =
                CLASS.matcher(page).results().map(match -> match.group(1)).toList();
        assertThat(named).hasSizeGreaterThan(20);
        assertThat(named.stream().filter(name -> !known.contains(name))).isEmpty();
    }

    private static List<List<String>> blocksOfJava(Path page) {
        List<List<String>> blocks = new ArrayList<>();
        List<String> block = null;
        for (String line : stripped(page)) {
            if (block == null && line.equals("```java")) {
                block = new ArrayList<>();
            } else if (block != null && line.equals("```")) {
                blocks.add(block);
                block = null;
            } else if (block != null) {
                block.add(line);
            }
        }
        return blocks;
    }

    private static List<String> stripped(Path file) {
        return Repository.lines(file).stream().map(String::strip).toList();
    }

    private static Set<String> anchors(Path file) {
        Set<String> anchors = new HashSet<>();
        for (String line : Repository.lines(file)) {
            if (line.startsWith("#")) {
                anchors.add(line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{Alnum} _-]", "")
                        .replace(' ', '-'));
            }
        }
        return anchors;
    }
}
