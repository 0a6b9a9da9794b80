package io.nvmf.docs;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;

/** Transports, samples and the examples of these pages use what every user can use, and no more. */
@AnalyzeClasses(packages = {"io.nvmf.tcp", "io.nvmf.samples", "io.nvmf.docs"})
class PublicPackagesTest {

    /** The packages of sdk-api for users and for transports. */
    private static final Set<String> API = Set.of(
            "io.nvmf",
            "io.nvmf.command",
            "io.nvmf.namespace",
            "io.nvmf.file",
            "io.nvmf.subsystem",
            "io.nvmf.transport",
            "io.nvmf.transport.loop",
            "io.nvmf.transport.support",
            "io.nvmf.spec",
            "io.nvmf.testing",
            "io.nvmf.transport.testkit");

    private static final DescribedPredicate<JavaClass> INTERNAL_TO_THE_API = describe(
            "are internal to sdk-api",
            type -> type.getPackageName().startsWith("io.nvmf")
                    && !type.getPackageName().matches("io\\.nvmf\\.(tcp|samples|docs)(\\..*)?")
                    && !API.contains(type.getPackageName()));

    @ArchTest
    static final ArchRule NOBODY_REACHES_WHAT_IS_INTERNAL_TO_THE_API =
            noClasses().should().dependOnClassesThat(INTERNAL_TO_THE_API);

    @ArchTest
    static final ArchRule PROGRAMS_REACH_NOTHING_INTERNAL_TO_A_TRANSPORT = noClasses()
            .that()
            .resideOutsideOfPackage("io.nvmf.tcp..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.nvmf.tcp.*..");

    /** Rules about classes that are not there would hold. */
    @ArchTest
    static void everyModuleIsLookedAt(JavaClasses classes) {
        for (String name : List.of("tcp.TcpOptions", "samples.quickstart.Quickstart", "samples.perf.PerfCommand")) {
            assertThat(classes.contain("io.nvmf." + name)).as(name).isTrue();
        }
    }
}
