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
@AnalyzeClasses(packages = {"io.nvmf.tcp", "io.nvmf.rdma", "io.nvmf.samples", "io.nvmf.spring", "io.nvmf.docs"})
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

    @ArchTest
    static final ArchRule PROGRAMS_REACH_NOTHING_INTERNAL_TO_RDMA = noClasses()
            .that()
            .resideOutsideOfPackage("io.nvmf.rdma..")
            .should()
            .dependOnClassesThat(areInternalTo(SdkModule.RDMA));

    /** Providers know what is asked of providers. */
    @ArchTest
    static final ArchRule A_PROVIDER_OF_RDMA_KNOWS_NOTHING_OF_NVME = noClasses()
            .that()
            .resideInAnyPackage("io.nvmf.rdma.iwarp..", "io.nvmf.rdma.spi..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.nvmf.rdma", "io.nvmf.host..", "io.nvmf.subsystem..", "io.nvmf.command..");

    /** BouncyCastle is on the class path of those who use TLS, and of nobody else. */
    @ArchTest
    static final ArchRule ONLY_TLS_KNOWS_BOUNCY_CASTLE = noClasses()
            .that()
            .resideOutsideOfPackage("io.nvmf.tcp.tls..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bouncycastle..");

    /** Rules about classes that are not there would hold. */
    @ArchTest
    static void everyModuleIsLookedAt(JavaClasses classes) {
        for (String name : List.of(
                "tcp.TcpOptions",
                "rdma.RdmaOptions",
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
