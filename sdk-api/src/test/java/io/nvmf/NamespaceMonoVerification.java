package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.testing.PatientPublisherVerification;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import org.testng.annotations.Factory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The single commands of a namespace keep the rules of Reactive Streams. Three of the four have no element to emit. */
public class NamespaceMonoVerification extends PatientPublisherVerification<ByteBuf> {

    /** Which command. */
    enum Kind {
        READ,
        READ_INTO,
        WRITE,
        FLUSH
    }

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(8).executor(executor).build();
    private final Kind kind;

    private NamespaceMonoVerification(Kind kind) {
        this.kind = kind;
    }

    /** One set of tests for each command. */
    @Factory
    public static Object[] kinds() {
        return new Object[] {
            new NamespaceMonoVerification(Kind.READ),
            new NamespaceMonoVerification(Kind.READ_INTO),
            new NamespaceMonoVerification(Kind.WRITE),
            new NamespaceMonoVerification(Kind.FLUSH)
        };
    }

    @AfterClass
    public void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Mono<Void> empty() {
        return switch (kind) {
            case READ_INTO -> fixture.namespace.readInto(0, Unpooled.buffer(512, 512));
            case WRITE -> fixture.namespace.write(0, Unpooled.buffer(512).writeZero(512));
            default -> fixture.namespace.flush();
        };
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        // A plain cast: whoever emits nothing emits nothing of any type.
        return kind == Kind.READ
                ? new ReleasingPublisher(Flux.from(fixture.namespace.read(0, 1)))
                : empty().cast(ByteBuf.class);
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        return fixture.namespace.write(8, Unpooled.buffer(512).writeZero(512)).cast(ByteBuf.class);
    }

    @Override
    public long maxElementsFromPublisher() {
        return kind == Kind.READ ? 1 : 0;
    }
}
