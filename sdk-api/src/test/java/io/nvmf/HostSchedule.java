package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.AbortSender;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.ManualTimer;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * One interleaving of everything that can happen to a queue and its users, drawn from a seed: subscriptions, demand,
 * cancels on the event loop, elsewhere and inside call-backs, turns, conversion, data, answers, Aborts, time, drain,
 * close and loss. After each step and at the end it checks memory, what is on the wire, and the signals.
 */
final class HostSchedule {

    private static final int BLOCK = 64;
    private static final int BLOCKS_PER_USE = 8;
    private static final int USES = 6;
    private static final int STEPS = 28;
    private static final long TIMEOUT = 8_000; // ms
    private static final IdentifyNamespace IDENTIFY = new IdentifyNamespace()
            .wrap(Unpooled.wrappedBuffer(new byte[IdentifyNamespace.LENGTH]), 0)
            .set(IdentifyNamespace.Field.NSZE, USES * BLOCKS_PER_USE)
            .lbaFormat(0, new IdentifyNamespace.LbaFormat(0, 9, 0));
    private static final int LBA = 512;
    private static final Failures FAILURES = new Failures();

    private record Abort(int queueId, int commandId, Runnable done) {}

    private final SplittableRandom random;
    private final ManualTimer timer = new ManualTimer();
    private final List<Place> places = new ArrayList<>();
    private final List<Abort> waitingAborts = new ArrayList<>();
    private final List<Abort> sentAborts = new ArrayList<>();
    private final List<Use<?>> uses = new ArrayList<>();
    /** What happened, in words and those it happened to; becomes text only for a failure. */
    private final List<Object> story = new ArrayList<>(64);

    private boolean ending;
    private final DefaultNamespace namespace;

    HostSchedule(long seed) {
        random = new SplittableRandom(seed);
        int queues = 1 + random.nextInt(2);
        for (int id = 1; id <= queues; id++) {
            places.add(new Place(id));
        }
        namespace = new DefaultNamespace(
                7,
                IDENTIFY,
                new NamespaceParameters(0, true),
                QueueSelector.roundRobin(
                        places.stream().map(place -> place.queue).toList()),
                FAILURES.forQueue(1));
    }

    void run() {
        try {
            for (int i = 0; i < STEPS; i++) {
                step();
                uses.forEach(Use::look);
            }
            end();
        } catch (Throwable thrown) {
            throw new AssertionError(thrown + " in: " + story, thrown);
        }
    }

    private AbortSender.Ticket abort(int queueId, int commandId, Runnable done) {
        if (random.nextInt(6) == 0) {
            done.run();
            return AbortSender.Ticket.NONE;
        }
        Abort abort = new Abort(queueId, commandId, done);
        waitingAborts.add(abort);
        return () -> waitingAborts.remove(abort);
    }

    private void left(int queueId, int commandId, int firstBlock) {
        if (names(waitingAborts, queueId, commandId) || names(sentAborts, queueId, commandId)) {
            throw new AssertionError("a command left with the identifier " + commandId + " that an Abort may hit yet");
        }
        if (firstBlock != ScheduledController.NO_BLOCK) {
            Use<?> use = uses.get(firstBlock / BLOCKS_PER_USE);
            check(!use.cancelled, "a command left after its cancel had returned", use);
        }
    }

    private static boolean names(List<Abort> aborts, int queueId, int commandId) {
        for (Abort abort : aborts) {
            if (abort.queueId == queueId && abort.commandId == commandId) {
                return true;
            }
        }
        return false;
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> {
                if (uses.size() < USES) {
                    Use<?> use = newUse();
                    note("subscribe", use);
                    somewhere(use::subscribe);
                }
            }
            case 3 ->
                any().ifPresent(use -> {
                    note("request", use);
                    somewhere(() -> use.request(1 + random.nextInt(3)));
                });
            case 4, 5 ->
                any().ifPresent(use -> {
                    note("cancel", use);
                    somewhere(use::cancel);
                });
            case 6, 7 -> {
                note("turn");
                place().loop.turn();
            }
            case 8, 9 -> {
                note("convert");
                place().convert();
            }
            case 10 -> {
                note("move");
                Place place = place();
                pick(place.controller.movable(), place::move);
            }
            case 11, 12 -> {
                note("respond");
                boolean success = random.nextInt(6) != 0;
                Place place = place();
                pick(place.controller.unanswered(), id -> place.respond(id, success));
            }
            case 13 -> stepAbort();
            case 14 -> {
                note("time");
                timer.advance(random.nextBoolean() ? TIMEOUT / 8 : TIMEOUT + 2_000, TimeUnit.MILLISECONDS);
            }
            default -> stepRare();
        }
    }

    private void stepAbort() {
        if (!waitingAborts.isEmpty()) {
            note("abort leaves");
            sentAborts.add(waitingAborts.remove(0));
        } else if (!sentAborts.isEmpty()) {
            Abort abort = sentAborts.remove(random.nextInt(sentAborts.size()));
            boolean obeyed = random.nextBoolean();
            note(obeyed ? "abort answered, obeyed" : "abort answered, ignored");
            Place place = places.get(abort.queueId - 1);
            if (obeyed && place.controller.isUnanswered(abort.commandId)) {
                place.respond(abort.commandId, false);
            }
            abort.done.run();
        }
    }

    private void stepRare() {
        switch (random.nextInt(8)) {
            case 0 -> {
                note("loss");
                place().lose("cut");
            }
            case 1 -> {
                note("close");
                Place place = place();
                somewhere(() -> place.queue.close().subscribe());
            }
            case 2 -> {
                note("drain");
                Place place = place();
                somewhere(() -> place.queue.drain().subscribe());
            }
            case 3, 4 -> {
                note("damage");
                Place place = place();
                pick(place.controller.movable(), place::damage);
            }
            default -> {}
        }
    }

    /** Lets everything come to an end, by answers or by loss, and looks at what is left. */
    private void end() {
        ending = true;
        uses.forEach(use -> somewhere(() -> use.request(Long.MAX_VALUE)));
        if (random.nextInt(4) != 0) {
            note("answer all");
            for (int i = 0; i < 200 && !quiet(); i++) {
                settle();
                places.forEach(Place::answerAll);
                sentAborts.addAll(waitingAborts);
                waitingAborts.clear();
                while (!sentAborts.isEmpty()) {
                    sentAborts.remove(0).done.run();
                }
            }
            uses.forEach(Use::checkOver);
        }
        note("loss at the end");
        places.forEach(place -> place.lose("end"));
        settle();
        uses.forEach(use -> use.request(Long.MAX_VALUE));
        settle();
        uses.forEach(Use::checkOver);
        uses.forEach(Use::giveBack);
        for (Place place : places) {
            if (place.controller.usedMemory() != 0) {
                throw new AssertionError(place.controller.usedMemory() + " bytes did not come back");
            }
        }
        if (timer.waiting() != 0) {
            throw new AssertionError(timer.waiting() + " tasks were left with the timer");
        }
    }

    private boolean quiet() {
        return places.stream().allMatch(Place::quiet) && uses.stream().allMatch(Use::isOver);
    }

    private void somewhere(Runnable action) {
        if (random.nextInt(4) == 0) {
            place().loop.call(action);
        } else {
            action.run();
        }
    }

    /** Any of the queues. */
    private Place place() {
        return places.get(places.size() == 1 ? 0 : random.nextInt(places.size()));
    }

    /** Runs an action as a thread would that is none of the event loops'. */
    private void elsewhere(Runnable action) {
        Runnable outside = action;
        for (Place place : places) {
            Runnable inside = outside;
            outside = () -> place.loop.elsewhere(inside);
        }
        outside.run();
    }

    private void settle() {
        ManualEventExecutor.settle(places.stream().map(place -> place.loop).toArray(ManualEventExecutor[]::new));
    }

    private Optional<Use<?>> any() {
        return uses.isEmpty() ? Optional.empty() : Optional.of(uses.get(random.nextInt(uses.size())));
    }

    private <T> void pick(List<T> candidates, Consumer<T> action) {
        if (!candidates.isEmpty()) {
            action.accept(candidates.get(random.nextInt(candidates.size())));
        }
    }

    private void note(String what) {
        story.add(what);
    }

    private void note(String what, Use<?> use) {
        story.add(what);
        story.add(use);
    }

    private void check(boolean holds, String what, Use<?> use) {
        if (!holds) {
            throw new AssertionError(what + (use == null ? "" : " (" + use + ")"));
        }
    }

    /** A queue, with its event loop and what answers it. */
    private final class Place {

        final ManualEventExecutor loop = new ManualEventExecutor();
        final ScheduledController controller;
        final HostQueue queue;

        Place(int queueId) {
            controller = new ScheduledController(loop, (commandId, firstBlock) -> left(queueId, commandId, firstBlock));
            int slots = 1 + random.nextInt(3);
            queue = HostQueue.start(
                    controller,
                    new QueueParameters(
                            queueId,
                            slots + 1,
                            0,
                            1 + random.nextInt(6),
                            random.nextInt(8) == 0 ? Duration.ZERO : Duration.ofMillis(TIMEOUT),
                            timer,
                            HostSchedule.this::abort),
                    FAILURES.forQueue(queueId));
            loop.pump();
        }

        void convert() {
            loop.call(controller::flushUnsent);
        }

        void move(int commandId) {
            loop.call(() -> controller.move(commandId));
        }

        void damage(int commandId) {
            loop.call(() -> controller.damage(commandId));
        }

        void respond(int commandId, boolean success) {
            loop.call(() -> controller.respond(commandId, success));
        }

        void answerAll() {
            convert();
            controller.movable().forEach(this::move);
            controller.unanswered().forEach(id -> respond(id, true));
        }

        void lose(String why) {
            loop.call(() -> controller.end(new Termination.PeerReset(why)));
        }

        boolean quiet() {
            return loop.pendingTasks() == 0 && controller.unanswered().isEmpty();
        }
    }

    // ---- users

    private Use<?> newUse() {
        int number = uses.size();
        int kind = random.nextInt(10);
        Use<?> use = new Use<>(number, kind);
        uses.add(use);
        return use;
    }

    /** One subscription to one thing that the SDK offers. */
    private final class Use<T> implements CoreSubscriber<T> {

        final int number;
        final int kind;
        private final Place place = place();
        private final int lba;
        private final List<ByteBuf> given = new ArrayList<>();
        private ByteBuf destination;
        private Subscription subscription;
        private int terminals;
        private int depth;
        private boolean cancelledInside;
        private boolean owned;
        volatile boolean cancelled;

        Use(int number, int kind) {
            this.number = number;
            this.kind = kind;
            this.lba = number * BLOCKS_PER_USE;
        }

        @SuppressWarnings("unchecked")
        void subscribe() {
            Flux<?> source = switch (kind) {
                case 0 -> namespace.read(lba, 1).flux();
                case 1 -> namespace.readInto(lba, destination(LBA)).flux();
                case 2 -> namespace.write(lba, data(LBA)).flux();
                case 3 -> place.queue.execute(flushCommand()).flux();
                case 4 ->
                    place.queue
                            .execute(command().receiveInto(destination(BLOCK), BLOCK))
                            .flux();
                case 5 -> place.queue.execute(command().send(data(BLOCK))).flux();
                case 6 -> place.queue.execute(commands());
                case 7 ->
                    namespace.readStream(
                            (long) lba * LBA + 3,
                            4 * LBA,
                            ReadStreamOptions.defaults()
                                    .unaligned(ReadStreamOptions.Unaligned.ALLOW)
                                    .chunkSize(LBA)
                                    .queues(2)
                                    .window(2));
                case 8 ->
                    namespace.writeStream(
                            (long) lba * LBA,
                            Flux.range(0, 5).map(i -> data(LBA)),
                            WriteStreamOptions.defaults()
                                    .chunkSize(LBA)
                                    .queues(2)
                                    .window(2));
                default -> place.queue.execute(command().receive(BLOCK)).flux();
            };
            ((Flux<T>) source).subscribe(this);
        }

        private Command.Builder command() {
            return Command.nvm(kind == 5 ? 1 : 2, 7).range(lba, 1);
        }

        private Command flushCommand() {
            return command().build();
        }

        private Flux<Command> commands() {
            ByteBuf home = destination(BLOCK);
            return Flux.range(0, 5).map(i -> switch (i % 3) {
                case 0 -> command().receive(BLOCK);
                case 1 -> command().receiveInto(home, BLOCK);
                default -> command().send(data(BLOCK));
            });
        }

        private ByteBuf destination(int length) {
            destination = place.controller.allocator().buffer(length, length);
            return destination;
        }

        private ByteBuf data(int length) {
            ByteBuf data = place.controller.allocator().buffer(length, length).writeZero(length);
            given.add(data);
            return data;
        }

        void request(long n) {
            if (subscription != null && !cancelled) {
                subscription.request(n);
            }
        }

        void cancel() {
            if (subscription != null && !cancelled) {
                cancelledInside = depth > 0;
                subscription.cancel();
                cancelled = true;
            }
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            if (random.nextInt(3) != 0) {
                given.request(random.nextBoolean() ? Long.MAX_VALUE : 1);
            }
        }

        @Override
        public void onNext(T element) {
            check(terminals == 0, "an element after the end", this);
            if (element instanceof ByteBuf bytes) {
                bytes.release();
            } else if (element instanceof Completion completion) {
                completion.release();
            }
            react();
        }

        @Override
        public void onError(Throwable failure) {
            terminal();
        }

        @Override
        public void onComplete() {
            terminal();
        }

        private void terminal() {
            terminals++;
            check(terminals == 1, "a second end", this);
            // A Mono whose subscriber cancels in onNext has no state left in which it could hear of that.
            check(!cancelled || (cancelledInside && depth == 0), "an end after cancel had returned", this);
            react();
        }

        /** What user code does in call-backs: cancel itself or others, here or elsewhere, ask for more, subscribe. */
        private void react() {
            depth++;
            switch (random.nextInt(12)) {
                case 0 ->
                    any().ifPresent(other -> {
                        note("cancel inside", other);
                        other.cancel();
                    });
                case 1, 2 ->
                    any().ifPresent(other -> {
                        note("cancel inside, elsewhere", other);
                        elsewhere(other::cancel);
                    });
                case 3 -> request(1);
                case 4 -> {
                    if (uses.size() < USES && !ending) {
                        Use<?> use = newUse();
                        note("subscribe inside", use);
                        use.subscribe();
                    }
                }
                case 5 -> queueClose();
                default -> {}
            }
            depth--;
        }

        private void queueClose() {
            if (random.nextInt(16) == 0) {
                note("close inside");
                place.queue.close().subscribe();
            }
        }

        boolean isOver() {
            return cancelled || terminals == 1 || subscription == null;
        }

        void checkOver() {
            check(isOver(), "nothing was heard of the end", this);
        }

        /** When its owner is told so, or sees that it is alone, the memory is its own again. */
        void look() {
            if (destination != null && !owned && isOver() && destination.refCnt() == 1) {
                owned = true;
                destination.setZero(0, destination.capacity());
            }
        }

        void giveBack() {
            for (ByteBuf data : given) {
                if (data.refCnt() != 0) {
                    throw new AssertionError("data has " + data.refCnt() + " references left (" + this + ")");
                }
            }
            if (destination != null) {
                look();
                if (destination.refCnt() != 1) {
                    throw new AssertionError(
                            "the destination has " + destination.refCnt() + " references (" + this + ")");
                }
                for (int i = 0; i < destination.capacity(); i += Long.BYTES) {
                    check(destination.getLong(i) == 0, "memory of its owner was written to", this);
                }
                destination.release();
            }
        }

        @Override
        public String toString() {
            return "use " + number + " of kind " + kind;
        }
    }
}
