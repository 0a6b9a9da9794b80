package io.nvmf.testing.fault;

import io.nvmf.transport.Termination;
import io.nvmf.transport.loop.LoopConnection.Direction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.scheduler.Scheduler;

/**
 * A number of faults of every kind, drawn from a random source: connections are cut in several ways, alone or all at a time, with the
 * target out of reach for a while; they are slow in one direction, or silent, or known to be over on one side only; responses are
 * lost and data is damaged.
 */
public final class RandomFaults implements FaultPlan {

    private static final int SHORT_MILLIS = 200;
    private static final int LONG_MILLIS = 8_000;

    private final Random random;
    private final Scheduler timer;
    private final int oneIn;
    private final Consumer<String> story;
    private final List<FaultyConnection> connections = new ArrayList<>();
    private int left;
    private long refusedUntil;

    /**
     * Faults to come.
     *
     * @param oneIn how many points are passed for each fault, on average
     * @param most how many faults there will be
     * @param story hears of each
     */
    public RandomFaults(Random random, Scheduler timer, int oneIn, int most, Consumer<String> story) {
        this.random = random;
        this.timer = timer;
        this.oneIn = oneIn;
        this.left = most;
        this.story = story;
    }

    @Override
    public void opened(FaultyConnection connection) {
        connections.add(connection);
    }

    /** Nothing more goes wrong, and what was held goes on. */
    public void heal() {
        left = 0;
        refusedUntil = 0;
        for (FaultyConnection connection : connections) {
            connection.release(Direction.TO_CONTROLLER);
            connection.release(Direction.TO_HOST);
        }
    }

    @Override
    public boolean refuses() {
        return timer.now(TimeUnit.MILLISECONDS) < refusedUntil;
    }

    @Override
    public void at(FaultyConnection connection, FaultPoint point) {
        if (left > 0 && random.nextInt(oneIn) == 0) {
            left--;
            fault(connection, point);
        }
    }

    private void fault(FaultyConnection connection, FaultPoint point) {
        int kind = random.nextInt(22);
        story.accept("fault " + kind + " at " + point + " of " + connection);
        switch (kind) {
            case 0, 1, 2, 3, 4 -> connection.cut();
            case 5 ->
                connection.cut(new Termination.Closed(Termination.Side.REMOTE), new Termination.PeerReset("fault"));
            case 6 ->
                connection.cut(
                        new Termination.IoFailure(new IOException("fault")),
                        new Termination.Closed(Termination.Side.REMOTE));
            case 7 -> all(FaultyConnection::cut);
            case 8, 9 -> {
                refusedUntil = timer.now(TimeUnit.MILLISECONDS) + random.nextInt(LONG_MILLIS);
                all(FaultyConnection::cut);
            }
            case 10 -> hold(List.of(connection), direction(), random.nextInt(SHORT_MILLIS));
            case 11 -> hold(List.of(connection), direction(), random.nextInt(LONG_MILLIS));
            case 12 -> hold(connections, direction(), random.nextInt(LONG_MILLIS));
            case 13 -> connection.hold(direction());
            case 14 -> {
                connection.hold(Direction.TO_CONTROLLER);
                connection.closeHost();
                hold(List.of(connection), Direction.TO_CONTROLLER, random.nextInt(LONG_MILLIS));
            }
            case 15 -> {
                connection.hold(Direction.TO_HOST);
                connection.closeController();
                hold(List.of(connection), Direction.TO_HOST, random.nextInt(LONG_MILLIS));
            }
            case 16 -> connection.closeController();
            case 20 -> {
                connection.resetHost();
                hold(List.of(connection), Direction.TO_CONTROLLER, random.nextInt(LONG_MILLIS));
            }
            case 21 -> {
                all(FaultyConnection::resetHost);
                hold(connections, Direction.TO_CONTROLLER, random.nextInt(LONG_MILLIS));
            }
            case 17 -> connection.dropNextResponse();
            case 18 -> connection.damageNextData(direction());
            default -> {
                refusedUntil = timer.now(TimeUnit.MILLISECONDS) + random.nextInt(SHORT_MILLIS);
                connection.closeController();
            }
        }
    }

    private Direction direction() {
        return random.nextBoolean() ? Direction.TO_HOST : Direction.TO_CONTROLLER;
    }

    private void all(Consumer<FaultyConnection> fault) {
        List.copyOf(connections).forEach(fault);
    }

    private void hold(List<FaultyConnection> held, Direction direction, long millis) {
        List<FaultyConnection> those = List.copyOf(held);
        those.forEach(one -> one.hold(direction));
        timer.schedule(() -> those.forEach(one -> one.release(direction)), millis, TimeUnit.MILLISECONDS);
    }
}
