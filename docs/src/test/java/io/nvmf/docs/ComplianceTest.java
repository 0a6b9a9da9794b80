package io.nvmf.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Holds docs/compliance.md and the sources to each other: whatever class or test a row names is there, and a test is cited for what it
 * says itself that it covers, no less and no more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ComplianceTest {

    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    private static final Pattern TEST = Pattern.compile("@(Test|ParameterizedTest|RepeatedTest)\\b");
    private static final String TEXT = "\"(?:[^\"\\\\]|\\\\.)*\"";
    private static final Pattern TEXTS = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern COVERS =
            Pattern.compile("@Covers\\(\\s*\\{?((?:\\s*" + TEXT + "\\s*[,]?)+)\\s*\\}?\\s*\\)");
    private static final Pattern METHOD = Pattern.compile("\\bvoid (\\w+)\\(");

    private final List<List<String>> rows = Repository.lines(Repository.ROOT.resolve("docs/compliance.md")).stream()
            .filter(line -> line.startsWith("|") && !line.startsWith("|---") && !line.startsWith("| Section"))
            .map(line -> Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
                    .map(String::strip)
                    .toList())
            .toList();
    private final Map<String, Path> main = Repository.sources("main");
    private final Map<String, Path> tests = Repository.sources("test");

    @Test
    void everyRowNamesSectionRequirementClassAndTest() {
        assertThat(rows).hasSizeGreaterThan(100).allSatisfy(row -> {
            assertThat(row).hasSize(4).noneMatch(String::isEmpty);
            assertThat(names(row.get(2))).isNotEmpty();
            assertThat(names(row.get(3))).isNotEmpty();
        });
    }

    @Test
    void everyClassNamedIsThere() {
        assertThat(namesOfColumn(2).filter(name -> !main.containsKey(name))).isEmpty();
    }

    @Test
    void everyTestNamedIsThere() {
        assertThat(namesOfColumn(3).filter(name -> !isTest(name))).isEmpty();
    }

    @Test
    void noRequirementStandsTwice() {
        assertThat(rows.stream().map(row -> row.get(1))).doesNotHaveDuplicates();
    }

    @Test
    void everyTestIsCitedForWhatItSaysThatItCovers() {
        Set<String> cited = new TreeSet<>();
        rows.forEach(row -> names(row.get(3)).forEach(test -> cited.add(test + " for: " + row.get(1))));
        Set<String> claimed = new TreeSet<>();
        tests.forEach((name, source) -> claimed.addAll(claims(name, Repository.text(source))));

        assertThat(claimed).isEqualTo(cited);
    }

    @Test
    void whatATestCoversIsReadFromItsAnnotation() {
        assertThat(
                        claims(
                                "A",
                                "@Covers(\"one\")\n@Test\nvoid x() {}\n\n@Test\n@Covers({\"two\", \"three \\\"3\\\"\"})\nvoid y() {}"))
                .containsExactly("A#x for: one", "A#y for: two", "A#y for: three \"3\"");
        assertThat(claims("A", "@Test\nvoid x() {}")).isEmpty();
    }

    /** The requirements that the methods of a class claim, with the names of the methods. */
    private static List<String> claims(String name, String text) {
        List<String> claims = new ArrayList<>();
        Matcher covers = COVERS.matcher(text);
        Matcher method = METHOD.matcher(text);
        while (covers.find()) {
            if (method.find(covers.end())) {
                TEXTS.matcher(covers.group(1))
                        .results()
                        .map(match -> match.group(1).replace("\\\"", "\""))
                        .forEach(requirement -> claims.add(name + "#" + method.group(1) + " for: " + requirement));
            }
        }
        return claims;
    }

    private Stream<String> namesOfColumn(int column) {
        return rows.stream().flatMap(row -> names(row.get(column)).stream()).distinct();
    }

    /** Whether there is such a method, with an annotation of a test between it and the blank line before. */
    private boolean isTest(String name) {
        String[] parts = name.split("#", -1);
        Path source = tests.get(parts[0]);
        if (parts.length != 2 || source == null) {
            return false;
        }
        String text = Repository.text(source);
        int method = text.indexOf(" void " + parts[1] + "(");
        return method >= 0
                && TEST.matcher(text.substring(text.lastIndexOf("\n\n", method), method))
                        .find();
    }

    private static List<String> names(String cell) {
        return NAME.matcher(cell).results().map(match -> match.group(1)).toList();
    }
}
