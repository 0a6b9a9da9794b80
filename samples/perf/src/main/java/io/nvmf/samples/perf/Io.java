package io.nvmf.samples.perf;

import java.util.Locale;

/** Which of the operating system's interfaces the event loops use. */
enum Io {
    EPOLL,
    NIO,
    IO_URING;

    /** Of the channel classes of Netty. */
    String channelPrefix() {
        return switch (this) {
            case EPOLL -> "Epoll";
            case NIO -> "Nio";
            case IO_URING -> "IoUring";
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
