package io.nvmf.testing.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Prints one table row for each test of a class when the class is done, so that a run leaves its evidence in the log. */
public final class MatrixReport implements BeforeTestExecutionCallback, TestWatcher, AfterAllCallback {

    private final List<String> rows = new ArrayList<>();
    private final StringBuilder notes = new StringBuilder();
    private long began = System.nanoTime();

    /** Adds what the running test found to its row. */
    public void note(String text) {
        notes.append(notes.isEmpty() ? "" : ", ").append(text);
    }

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        notes.setLength(0);
        began = System.nanoTime();
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        row("pass", context);
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        row("FAIL", context);
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        row("not run", context);
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        row("not run", context);
    }

    private void row(String verdict, ExtensionContext context) {
        long millis = (System.nanoTime() - began) / 1_000_000;
        rows.add("| " + context.getDisplayName().replace("|", "/").replaceAll("\\(.*\\)$", "") + " | " + notes + " | "
                + verdict + " | " + millis + " ms |");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        System.out.println("\n| " + context.getRequiredTestClass().getSimpleName() + " | | | |\n|---|---|---|---|\n"
                + String.join("\n", rows) + "\n");
    }
}
