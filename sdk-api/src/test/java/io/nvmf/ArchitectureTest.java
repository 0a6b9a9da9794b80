package io.nvmf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** Arrows only point down: channels, then the face, then namespaces and files, then host and subsystem, then events, commands, then transport, then the specification's structures. */
@AnalyzeClasses(packages = "io.nvmf", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ARROWS_POINT_DOWN = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("channel")
            .definedBy("io.nvmf.channel..")
            .layer("face")
            .definedBy("io.nvmf")
            .layer("namespace")
            .definedBy("io.nvmf.namespace..")
            .layer("file")
            .definedBy("io.nvmf.file..")
            .layer("host")
            .definedBy("io.nvmf.host..")
            .layer("subsystem")
            .definedBy("io.nvmf.subsystem..")
            .layer("event")
            .definedBy("io.nvmf.event..")
            .layer("command")
            .definedBy("io.nvmf.command..")
            .layer("recovery")
            .definedBy("io.nvmf.recovery..")
            .layer("security")
            .definedBy("io.nvmf.security..")
            .layer("metrics")
            .definedBy("io.nvmf.metrics..")
            .layer("observation")
            .definedBy("io.nvmf.observation..")
            .layer("transport")
            .definedBy("io.nvmf.transport..")
            .layer("specification")
            .definedBy("io.nvmf.spec..")
            .whereLayer("channel")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("face")
            .mayOnlyBeAccessedByLayers("channel")
            .whereLayer("namespace")
            .mayOnlyBeAccessedByLayers("channel", "face")
            .whereLayer("file")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("host")
            .mayOnlyBeAccessedByLayers("face", "namespace", "file")
            .whereLayer("subsystem")
            .mayOnlyBeAccessedByLayers("face")
            .whereLayer("metrics")
            .mayOnlyBeAccessedByLayers("face", "host")
            .whereLayer("observation")
            .mayOnlyBeAccessedByLayers("face")
            .whereLayer("event")
            .mayOnlyBeAccessedByLayers("face", "host", "metrics")
            .whereLayer("command")
            .mayOnlyBeAccessedByLayers("face", "namespace", "file", "host", "observation")
            .whereLayer("recovery")
            .mayOnlyBeAccessedByLayers("face", "host", "metrics")
            .whereLayer("security")
            .mayOnlyBeAccessedByLayers("face", "host", "subsystem", "transport")
            .whereLayer("transport")
            .mayOnlyBeAccessedByLayers(
                    "channel",
                    "face",
                    "namespace",
                    "file",
                    "host",
                    "subsystem",
                    "command",
                    "recovery",
                    "metrics",
                    "observation")
            .whereLayer("specification")
            .mayOnlyBeAccessedByLayers(
                    "channel",
                    "face",
                    "namespace",
                    "file",
                    "host",
                    "event",
                    "subsystem",
                    "command",
                    "recovery",
                    "metrics",
                    "observation",
                    "security",
                    "transport");

    @ArchTest
    static final ArchRule EVERYTHING_IS_IN_A_LAYER = classes()
            .should()
            .resideInAnyPackage(
                    "io.nvmf",
                    "io.nvmf.channel..",
                    "io.nvmf.namespace..",
                    "io.nvmf.file..",
                    "io.nvmf.host..",
                    "io.nvmf.subsystem..",
                    "io.nvmf.event..",
                    "io.nvmf.command..",
                    "io.nvmf.recovery..",
                    "io.nvmf.security..",
                    "io.nvmf.metrics..",
                    "io.nvmf.observation..",
                    "io.nvmf.transport..",
                    "io.nvmf.spec..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.nvmf.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule THE_CONTRACT_DOES_NOT_KNOW_THE_TRANSPORTS = noClasses()
            .that()
            .resideInAPackage("io.nvmf.transport")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.nvmf.transport.*..");

    @ArchTest
    static final ArchRule QUEUES_DO_NOT_KNOW_THE_ASSOCIATION = noClasses()
            .that()
            .resideInAPackage("io.nvmf.host.queue..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.nvmf.host.association..");

    @ArchTest
    static final ArchRule TRANSPORTS_KNOW_QUEUE_ENTRIES_AND_NO_COMMANDS = noClasses()
            .that()
            .resideInAPackage("io.nvmf.transport..")
            .should()
            .dependOnClassesThat(commandsAndStructures());

    @ArchTest
    static final ArchRule ONLY_BINDINGS_KNOW_MICROMETER = noClasses()
            .that()
            .resideOutsideOfPackages("io.nvmf.metrics.micrometer..", "io.nvmf.observation.micrometer..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    @ArchTest
    static final ArchRule OBSERVATIONS_DO_WITHOUT_METERS = noClasses()
            .that()
            .resideInAPackage("io.nvmf.observation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer.core..");

    @ArchTest
    static final ArchRule THE_SPECIFICATION_IS_NOT_REACTIVE = noClasses()
            .that()
            .resideInAPackage("io.nvmf.spec..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reactor..", "org.reactivestreams..", "java.util.concurrent.Flow..");

    @ArchTest
    static final ArchRule SECURITY_IS_NOT_REACTIVE = noClasses()
            .that()
            .resideInAnyPackage("io.nvmf.security.mac..", "io.nvmf.security.dhchap..", "io.nvmf.security.psk..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("reactor..", "org.reactivestreams..", "java.util.concurrent.Flow..");

    @ArchTest
    static final ArchRule HOST_AND_TARGET_KNOW_NO_SOCKET = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.nvmf",
                    "io.nvmf.channel..",
                    "io.nvmf.namespace..",
                    "io.nvmf.host..",
                    "io.nvmf.subsystem..",
                    "io.nvmf.event..",
                    "io.nvmf.command..",
                    "io.nvmf.transport",
                    "io.nvmf.transport.loop..")
            .should()
            .dependOnClassesThat(sockets(true))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule WHAT_TRANSPORTS_SHARE_KNOWS_ADDRESSES_OF_SOCKETS_ONLY = noClasses()
            .that()
            .resideInAPackage("io.nvmf.transport.support..")
            .should()
            .dependOnClassesThat(sockets(false));

    @ArchTest
    static final ArchRule NO_UNSAFE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("sun..", "jdk.internal..", "io.netty.util.internal..");

    @ArchTest
    static final ArchRule EVERY_PACKAGE_IS_NULL_MARKED = classes().should(resideInANullMarkedPackage());

    /** All of {@code spec} but the two queue entries with what they are made of, the names of transports and range checks. */
    private static DescribedPredicate<JavaClass> commandsAndStructures() {
        Set<String> known = Set.of(
                "SubmissionQueueEntry",
                "CompletionQueueEntry",
                "Require",
                "SglDescriptor",
                "Status",
                "StatusCode",
                "TransportType");
        return DescribedPredicate.describe(
                "are commands or structures",
                candidate -> candidate.getPackageName().startsWith("io.nvmf.spec")
                        && !known.contains(topLevel(candidate).getSimpleName()));
    }

    private static JavaClass topLevel(JavaClass candidate) {
        return candidate.getEnclosingClass().map(ArchitectureTest::topLevel).orElse(candidate);
    }

    private static DescribedPredicate<JavaClass> sockets(boolean withAddresses) {
        return DescribedPredicate.describe("are sockets or channels", candidate -> {
            String name = candidate.getName();
            // SocketException is also what asking for the scope of an address throws.
            boolean address = name.matches("java\\.net\\.(\\w*SocketAddress|SocketException)");
            return name.startsWith("io.netty.channel.")
                    || name.startsWith("reactor.netty.")
                    || name.matches("java\\.net\\.(\\w*Socket.*|.*SocketAddress)") && (withAddresses || !address)
                    || name.matches("java\\.nio\\.channels\\.(\\w*Socket\\w*|Selector|SelectionKey)");
        });
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package that is @NullMarked") {
            @Override
            public void check(JavaClass candidate, ConditionEvents events) {
                JavaPackage home = candidate.getPackage();
                boolean marked =
                        home.tryGetAnnotationOfType(NullMarked.class.getName()).isPresent();
                events.add(new SimpleConditionEvent(
                        candidate, marked, home.getName() + " of " + candidate.getName() + " has no @NullMarked"));
            }
        };
    }
}
