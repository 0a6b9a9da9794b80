package io.nvmf.spring.connection;

/** When a connection is made first. */
public enum StartupMode {

    /**
     * The application starts when the connection is there. It does not start if the subsystem refuses, or if the
     * connection is not there within the time for it.
     */
    EAGER,

    /** Attempts begin with the application, which does not wait for them. */
    BACKGROUND,

    /** The first use makes the first attempt, and after a failure it is the next use that makes the next one. */
    LAZY
}
