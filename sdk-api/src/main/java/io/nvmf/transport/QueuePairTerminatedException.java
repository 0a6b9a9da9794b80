package io.nvmf.transport;

/** Something was asked of a queue pair that has ended, or that ended before it was done. */
public final class QueuePairTerminatedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Not serialized: a diagnosis for this process. */
    private final transient Termination termination;

    /**
     * Creates the failure.
     *
     * @param termination how the queue pair ended
     */
    public QueuePairTerminatedException(Termination termination) {
        super("the queue pair has ended: " + termination);
        this.termination = termination;
    }

    /**
     * How the queue pair ended.
     *
     * @return the reason
     */
    public Termination termination() {
        return termination;
    }
}
