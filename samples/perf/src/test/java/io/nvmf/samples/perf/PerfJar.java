package io.nvmf.samples.perf;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/** The program's jar as scripts want it. It has nothing of its own: the real one is not there yet when tests run. */
final class PerfJar {

    private PerfJar() {}

    static Path in(Path directory) throws IOException {
        return in(directory, "nvmf-perf.jar");
    }

    static Path in(Path directory, String name) throws IOException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(element -> Path.of(element).toUri().toString())
                .collect(Collectors.joining(" "));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, PerfCommand.class.getName());
        Path result = directory.resolve(name);
        new JarOutputStream(Files.newOutputStream(result), manifest).close();
        return result;
    }
}
