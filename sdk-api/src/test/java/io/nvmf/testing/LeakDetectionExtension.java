package io.nvmf.testing;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a Jupiter test class, nested classes included, that leaked a Netty object. */
public final class LeakDetectionExtension implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        Class<?> testClass = context.getRequiredTestClass();
        if (testClass.getEnclosingClass() != null) {
            return;
        }
        List<String> leaks = LeakDetection.leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(
                    leaks.size() + " leaked in " + testClass.getName() + ":\n" + String.join("\n", leaks));
        }
    }
}
