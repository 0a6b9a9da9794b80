package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.metrics.ControllerMetrics;
import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.observation.OperationObserver;
import io.nvmf.observation.micrometer.DefaultCommandObservationConvention;
import io.nvmf.observation.micrometer.MicrometerObserver;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Hooks;

/** Whatever a listener of the user's throws, and in whatever method: what it listens to goes on as without it. */
class ThrowingListenersTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 512;

    private static final List<Class<?>> LISTENERS = List.of(
            NvmeObserver.class,
            OperationObserver.class,
            MetricsRecorder.class,
            ControllerMetrics.class,
            AssociationMetrics.class,
            QueueMetrics.class);

    /** What does not happen while all goes well; it takes the same way as the others of its type. */
    private static final Set<String> RARE = Set.of(
            "keepAlive",
            "abort",
            "event",
            "unanswered",
            "orphanBegins",
            "orphanEnds",
            "digestWrong",
            "waitBegins",
            "waitEnds");

    private final TransportRegistry transports = TransportRegistry.empty().register(new LoopTransport());
    private final AtomicInteger thrown = new AtomicInteger();
    private BoundTarget target;

    @BeforeEach
    void bind() {
        // What a recorder throws is dropped, which Reactor's hook would throw once more.
        Hooks.onErrorDropped(dropped -> {});
        target = NvmeTarget.memory(NQN, 1 << 20, BLOCK)
                .transport(TransportType.LOOP)
                .registry(transports)
                .bind()
                .block(PATIENCE);
    }

    @AfterEach
    void close() {
        target.close().block(PATIENCE);
        Hooks.resetOnErrorDropped();
    }

    private NvmeClient client() {
        return NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(transports)
                .remoteAddress(target.address())
                .subsystem(NQN);
    }

    static Stream<Method> methods() {
        return LISTENERS.stream()
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aMethodThatThrowsDisturbsNothing(Method broken) {
        everythingGoesWellWith(client().observation((NvmeObserver) listener(NvmeObserver.class, broken, true))
                .metrics((MetricsRecorder) listener(MetricsRecorder.class, broken, true)));

        if (!RARE.contains(broken.getName()) || broken.getDeclaringClass() == OperationObserver.class) {
            assertThat(thrown).as("calls of %s", broken).hasPositiveValue();
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aMethodThatReturnsNothingDisturbsNothing(Method broken) {
        if (!broken.getReturnType().isPrimitive()) {
            everythingGoesWellWith(client().observation((NvmeObserver) listener(NvmeObserver.class, broken, false))
                    .metrics((MetricsRecorder) listener(MetricsRecorder.class, broken, false)));
        }
    }

    /** A listener that answers with listeners, and breaks in one method. */
    private Object listener(Class<?> type, Method broken, boolean throwing) {
        InvocationHandler calls = (proxy, method, arguments) -> {
            if (method.equals(broken)) {
                if (throwing) {
                    thrown.incrementAndGet();
                    throw new IllegalStateException("from " + method);
                }
                return null;
            }
            Class<?> result = method.getReturnType();
            if (LISTENERS.contains(result)) {
                return listener(result, broken, throwing);
            }
            return method.getName().equals("observesCommands") ? true : defaultOf(proxy, method, arguments);
        };
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls);
    }

    private static @Nullable Object defaultOf(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        return method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments) : null;
    }

    static Stream<Method> micrometer() {
        return Stream.of(
                        ObservationConvention.class,
                        ObservationHandler.class,
                        ObservationFilter.class,
                        ObservationPredicate.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()));
    }

    @ParameterizedTest
    @MethodSource("micrometer")
    @SuppressWarnings("unchecked")
    void aPartOfMicrometerThatThrowsDisturbsNothing(Method broken) {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig()
                .observationHandler((ObservationHandler<Observation.Context>) part(ObservationHandler.class, broken))
                .observationFilter((ObservationFilter) part(ObservationFilter.class, broken))
                .observationPredicate((ObservationPredicate) part(ObservationPredicate.class, broken));
        if (broken.getDeclaringClass().isAssignableFrom(ObservationConvention.class)) {
            registry.observationConfig().observationConvention((GlobalObservationConvention<?>)
                    part(GlobalObservationConvention.class, broken));
        }
        everythingGoesWellWith(
                client().observation(MicrometerObserver.of(registry).commands(true)));
    }

    private Object part(Class<?> type, Method broken) {
        InvocationHandler calls = (proxy, method, arguments) -> {
            boolean same = method.getName().equals(broken.getName())
                    && broken.getDeclaringClass().isAssignableFrom(type);
            if (same) {
                throw new IllegalStateException("from " + method);
            }
            return switch (method.getName()) {
                case "supportsContext", "test" -> true;
                case "map" -> arguments[0];
                case "toString" -> type.getSimpleName();
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == arguments[0];
                default -> defaultOf(proxy, method, arguments);
            };
        };
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls);
    }

    @Test
    void aConventionOfTheUsersThatThrowsDisturbsNothing() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(context -> true);
        everythingGoesWellWith(client().observation(MicrometerObserver.of(registry)
                .commands(true)
                .commandConvention(new DefaultCommandObservationConvention() {
                    @Override
                    public String getName() {
                        throw new IllegalStateException("from a name");
                    }
                })));
    }

    @Test
    void aMeterFilterThatThrowsDisturbsNothing() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(MeterFilter.deny(id -> {
            throw new IllegalStateException("from a filter");
        }));
        everythingGoesWellWith(client().metrics(MicrometerRecorder.of(registry)));
    }

    private static void everythingGoesWellWith(NvmeClient client) {
        assertThat(client.discover().collectList().block(PATIENCE)).hasSize(1);
        NvmeController controller = client.connect().block(PATIENCE);
        NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);
        readAndWrite(namespace);
        controller.reset().block(PATIENCE);
        readAndWrite(namespace);
        controller.close().block(PATIENCE);
    }

    private static void readAndWrite(NvmeNamespace namespace) {
        namespace.write(0, Unpooled.buffer(BLOCK).writeZero(BLOCK)).block(PATIENCE);
        assertThat(namespace.read(0, 1).map(ThrowingListenersTest::release).block(PATIENCE))
                .isEqualTo(BLOCK);
        assertThat(namespace
                        .readStream(0, 8 * BLOCK)
                        .map(ThrowingListenersTest::release)
                        .reduce(0, Integer::sum)
                        .block(PATIENCE))
                .isEqualTo(8 * BLOCK);
    }

    private static int release(ByteBuf buffer) {
        int length = buffer.readableBytes();
        buffer.release();
        return length;
    }
}
