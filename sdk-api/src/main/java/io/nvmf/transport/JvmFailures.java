package io.nvmf.transport;

/**
 * Which throwables mean that the virtual machine itself is broken. All others end what they were thrown in, be it a
 * command, a stream or a call-back, and nothing else: the connection and its other users go on.
 *
 * <p>This is narrower than {@link reactor.core.Exceptions#throwIfJvmFatal}. A missing class is a fault of the
 * application's class path, a stack overflow one of the code that ran, and an {@link OutOfMemoryError} is mostly
 * Netty's or the JDK's word for "no direct memory left"; where the heap is exhausted, whoever caught it has less to do
 * afterwards, and options such as {@code -XX:+ExitOnOutOfMemoryError} have had their say before anybody catches.
 */
public final class JvmFailures {

    private JvmFailures() {}

    /**
     * Whether a throwable means that the virtual machine is broken.
     *
     * @param thrown what was caught
     * @return true for every {@link VirtualMachineError} but {@link OutOfMemoryError} and {@link StackOverflowError}
     */
    public static boolean isJvmFailure(Throwable thrown) {
        return thrown instanceof VirtualMachineError
                && !(thrown instanceof OutOfMemoryError)
                && !(thrown instanceof StackOverflowError);
    }

    /**
     * Rethrows what means that the virtual machine is broken, and returns for everything else. To be called when the
     * caller's own state has been settled.
     *
     * @param thrown what was caught
     */
    public static void throwIfJvmFailure(Throwable thrown) {
        if (isJvmFailure(thrown)) {
            throw (VirtualMachineError) thrown;
        }
    }
}
