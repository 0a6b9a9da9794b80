package io.nvmf.samples.quickstart;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a program from inside Maven as if it had been started from the shell.
 *
 * <p>Inside Maven's own JVM the program would lack the options that Netty wants; as an ordinary child of Maven it would
 * lose the terminal, and its exit code and last line would drown in Maven's account of a failed build. So the program
 * gets a JVM of its own with Maven's standard streams and every {@code nvmf.*} system property, and when it ends Maven
 * ends with its exit code.
 */
final class ForkedJvm {

    private static final String PASSED_ON = "nvmf.";

    private ForkedJvm() {}

    /**
     * Starts the program, waits for it, and ends this JVM with its exit code.
     *
     * @param args JVM options, then the main class, then the program's own arguments
     * @throws IOException if no JVM can be started
     * @throws InterruptedException if interrupted while the program runs
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-classpath");
        command.add(classPath());
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(PASSED_ON)) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of(args));
        Process program = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(program::destroy, "stop-program"));
        System.exit(program.waitFor());
    }

    private static String classPath() {
        if (!(ForkedJvm.class.getClassLoader() instanceof URLClassLoader project)) {
            return System.getProperty("java.class.path");
        }
        List<String> entries = new ArrayList<>();
        for (URL url : project.getURLs()) {
            try {
                entries.add(Path.of(url.toURI()).toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException("Not a path: " + url, e);
            }
        }
        return String.join(File.pathSeparator, entries);
    }
}
