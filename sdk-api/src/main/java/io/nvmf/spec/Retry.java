package io.nvmf.spec;

/** Whether and how sending a failed command again can help. */
public enum Retry {
    /** The same command fails again. */
    NEVER,
    /** Worth repeating on the same path, after the command retry delay if there is one. */
    SAME_PATH,
    /** Worth repeating on another path. */
    OTHER_PATH,
    /** Read the Asymmetric Namespace Access log page, then choose a path by it. */
    REFRESH_ANA,
    /** The command may have been carried out; only idempotent commands may be repeated. */
    AMBIGUOUS
}
