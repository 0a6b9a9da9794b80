package io.nvmf.testing;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.LauncherInterceptor;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Switches leak detection on for every engine, and fails the run for leaks that {@link LeakDetectionExtension} cannot see: in
 * TestNG classes such as the Reactive Streams TCK, and in whatever outlives the last class.
 *
 * <p>The JUnit platform swallows what a listener throws, therefore the verdict is spoken as an interceptor of the whole run.
 */
public final class LeakDetectionListener implements TestExecutionListener, LauncherInterceptor {

    private static final ConcurrentLinkedQueue<String> LEAKS = new ConcurrentLinkedQueue<>();

    static {
        LeakDetection.install();
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Optional<ClassSource> source =
                test.getSource().filter(ClassSource.class::isInstance).map(ClassSource.class::cast);
        if (test.isContainer() && source.isPresent()) {
            String testClass = source.get().getClassName();
            if (!testClass.contains("$")) {
                remember(testClass);
            }
        }
    }

    @Override
    public <T> T intercept(Invocation<T> invocation) {
        T result = invocation.proceed();
        if (!LEAKS.isEmpty()) {
            String all = String.join("\n", LEAKS);
            LEAKS.clear();
            throw new AssertionError(all);
        }
        return result;
    }

    @Override
    public void close() {}

    private static void remember(String testClass) {
        List<String> leaks = LeakDetection.leaks();
        if (!leaks.isEmpty()) {
            LEAKS.add(leaks.size() + " leaked in " + testClass + ":\n" + String.join("\n", leaks));
        }
    }
}
