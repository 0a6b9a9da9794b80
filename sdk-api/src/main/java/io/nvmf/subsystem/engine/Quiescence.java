package io.nvmf.subsystem.engine;

import java.util.Collection;

/**
 * Stops queues, and waits until no command of theirs can change a store any more: what waits is given up, and what a
 * store is at work for has been answered. Event loop of the controller that waits.
 */
final class Quiescence {

    private final Controller controller;
    private final Runnable stopped;
    private final Runnable quiet;
    private int toStop;
    private int toBeQuiet;

    private Quiescence(Controller controller, int queues, Runnable stopped, Runnable quiet) {
        this.controller = controller;
        this.stopped = stopped;
        this.quiet = quiet;
        this.toStop = queues;
        this.toBeQuiet = queues;
    }

    /**
     * Stops queues.
     *
     * @param stopped runs when all of them have been stopped, after {@code quiet} if no store is at work then
     * @param quiet runs when no store is at work any more, which takes as long as stores take
     */
    static void of(Controller controller, Collection<TargetQueue> queues, Runnable stopped, Runnable quiet) {
        if (queues.isEmpty()) {
            quiet.run();
            stopped.run();
            return;
        }
        Quiescence all = new Quiescence(controller, queues.size(), stopped, quiet);
        queues.forEach(queue -> queue.stop(all::oneStopped, all::oneIsQuiet));
    }

    private void oneStopped() {
        controller.execute(() -> {
            if (--toStop == 0) {
                stopped.run();
            }
        });
    }

    private void oneIsQuiet() {
        controller.execute(() -> {
            if (--toBeQuiet == 0) {
                quiet.run();
            }
        });
    }
}
