package io.nvmf.testing.fault;

import io.nvmf.transport.Termination;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopConnection.Direction;
import org.jspecify.annotations.Nullable;

/** A connection of a {@link FaultyTransport} and what can be done to it, at a {@link FaultPoint} or at any other time. */
public final class FaultyConnection {

    private final LoopConnection inner;
    private final int number;

    /** Set where an end takes effect at once, so that nothing is told on that side any more. */
    private boolean hostEnded;

    private boolean controllerEnded;
    private @Nullable Termination hostSees;

    FaultyConnection(LoopConnection inner, int number) {
        this.inner = inner;
        this.number = number;
        inner.host().termination().subscribe(end -> hostEnded = true);
        inner.controller().termination().subscribe(end -> controllerEnded = true);
    }

    /** Which it is, from 0, as they were made. */
    public int number() {
        return number;
    }

    /** Whether it is of an admin queue. */
    public boolean admin() {
        return inner.host().admin();
    }

    /** Whether the host's side has ended. */
    public boolean isHostEnded() {
        return hostEnded;
    }

    /** Whether the controller's side has ended. */
    public boolean isControllerEnded() {
        return controllerEnded;
    }

    /** Runs a task whenever the host has turned a command into bytes. */
    void onEveryCommand(Runnable task) {
        inner.alterNextCommand(message -> {
            onEveryCommand(task);
            task.run();
        });
    }

    /** Both sides see a reset, each in a turn of its own; what is under way is lost. */
    public void cut() {
        inner.cut();
        endedHere();
    }

    /** Ends both sides, each in its own way; what is under way is lost. */
    public void cut(Termination hostSees, Termination controllerSees) {
        inner.cut(hostSees, controllerSees);
        endedHere();
    }

    private void endedHere() {
        hostEnded |= inner.host().executor().inEventLoop();
        controllerEnded |= inner.controller().executor().inEventLoop();
    }

    /** The host closes, as it does when its process ends. */
    public void closeHost() {
        inner.host().close().subscribe();
        endedHere();
    }

    /** The controller closes, as it does when its process ends. */
    public void closeController() {
        inner.controller().close().subscribe();
        endedHere();
    }

    /**
     * Something in between resets the host. The controller hears nothing of that, and what was under way to it stays held until it is
     * released; then it comes, and the end behind it.
     */
    public void resetHost() {
        if (hostSees == null) {
            hostSees = new Termination.PeerReset("reset by something in between");
            inner.hold(Direction.TO_CONTROLLER);
            closeHost();
        }
    }

    /** How the host sees an end that it has not caused. */
    Termination seenByHost(Termination end) {
        Termination instead = hostSees;
        return instead == null ? end : instead;
    }

    /** Nothing passes in a direction, the news of an end included, until it is released. */
    public void hold(Direction direction) {
        inner.hold(direction);
    }

    /** What was held goes on. */
    public void release(Direction direction) {
        inner.release(direction);
    }

    /** Loses the next response. */
    public void dropNextResponse() {
        inner.dropNextResponse();
    }

    /** The next data outside a capsule arrives damaged. */
    public void damageNextData(Direction direction) {
        inner.damageNextData(direction);
    }

    @Override
    public String toString() {
        return "connection " + number + (admin() ? " (admin)" : "");
    }
}
