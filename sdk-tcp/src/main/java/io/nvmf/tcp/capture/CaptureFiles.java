package io.nvmf.tcp.capture;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;

/** The files that are being captured to in this JVM, so that everybody who names the same one shares it. Thread safe. */
final class CaptureFiles {

    private static final ConcurrentHashMap<Path, CaptureFile> OPEN = new ConcurrentHashMap<>();

    private CaptureFiles() {}

    /** One connection more captures to the file, until {@link CaptureFile#leave}. Blocks for nothing. */
    static CaptureFile join(CaptureSettings settings) {
        while (true) {
            CaptureFile present = OPEN.get(settings.file());
            if (present != null && present.join()) {
                return present;
            }
            // One that is about to end still has the file, and the next one waits for it on its own thread.
            CaptureFile next = new CaptureFile(settings, present);
            if (present == null
                    ? OPEN.putIfAbsent(settings.file(), next) == null
                    : OPEN.replace(settings.file(), present, next)) {
                next.start(() -> OPEN.remove(settings.file(), next));
                return next;
            }
        }
    }
}
