package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the JVM should be told for the sake of speed. */
final class JvmAdvice {

    /** The first JDK in which Netty does without direct access to memory, unless it is told that it may have it. */
    private static final int FIRST_JDK = 24;

    private static final Logger LOG = LoggerFactory.getLogger(JvmAdvice.class);

    private JvmAdvice() {}

    private static final class Once {
        static {
            String advice = of(Runtime.version().feature(), hasDirectAccess());
            if (advice != null) {
                LOG.warn(advice);
            }
        }

        static void log() {
            // The class has been initialized.
        }
    }

    /** Logs what is lost and what to do, if anything is; the first time only. */
    static void logOnce() {
        Once.log();
    }

    static @Nullable String of(int feature, boolean directAccess) {
        if (feature < FIRST_JDK || directAccess) {
            return null;
        }
        return "on this JVM each I/O of NVMe/TCP allocates some 100 bytes more than it has to, and takes longer:"
                + " start it with --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED";
    }

    /** Netty does not say, but buffers with direct access have a name of their own. */
    private static boolean hasDirectAccess() {
        ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.heapBuffer(1);
        try {
            return buffer.toString().contains("Unsafe");
        } finally {
            buffer.release();
        }
    }
}
