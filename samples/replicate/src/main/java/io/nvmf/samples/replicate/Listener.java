package io.nvmf.samples.replicate;

/** Watches a copy or a verification; called on event loops, so it must not block. */
interface Listener {

    /**
     * How far the work has come.
     *
     * @param bytes of its length
     */
    void reached(long bytes);

    /**
     * Something that people want to know.
     *
     * @param text one line
     */
    void note(String text);
}
