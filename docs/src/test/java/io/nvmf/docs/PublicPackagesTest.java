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

/**
 * Transports, samples and the examples of these pages use what every user can use, and no more. On the module path the compiler
 * sees to that, on the class path this does.
 */
@AnalyzeClasses(packages = {"io.nvmf.tcp", "io.nvmf.samples", "io.nvmf.spring", "io.nvmf.docs"})
class PublicPackagesTest {

    @ArchTest
    static final ArchRule NOBODY_REACHES_WHAT_IS_INTERNAL_TO_THE_API =
            noClasses().should().dependOnClassesThat(areInternalTo(SdkModule.API));

    @ArchTest
    static final ArchRule PROGRAMS_REACH_NOTHING_INTERNAL_TO_A_TRANSPORT = noClasses()
            .that()
            .resideOutsideOfPackage("io.nvmf.tcp..")
            .should()
            .dependOnClassesThat(areInternalTo(SdkModule.TCP));

    /** Rules about classes that are not there would hold. */
    @ArchTest
    static void everyModuleIsLookedAt(JavaClasses classes) {
        for (String name : List.of(
                "tcp.TcpOptions",
                "samples.quickstart.Quickstart",
                "samples.perf.PerfCommand",
                "samples.replicate.ReplicateCommand",
                "samples.webflux.Gateway",
                "samples.inspect.InspectCommand",
                "spring.NvmeConnection",
                "spring.boot3.NvmeHealthContributorAutoConfiguration")) {
            assertThat(classes.contain("io.nvmf." + name)).as(name).isTrue();
        }
    }

    private static DescribedPredicate<JavaClass> areInternalTo(SdkModule module) {
        return describe(
                "are internal to " + module, type -> module.internalPackages().contains(type.getPackageName()));
    }
}
