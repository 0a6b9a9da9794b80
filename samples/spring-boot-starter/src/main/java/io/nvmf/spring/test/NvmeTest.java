package io.nvmf.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.annotation.AliasFor;

/**
 * A test of those parts of an application that use storage, and of nothing else: there are the beans of this starter,
 * connected to an embedded controller, and what the test imports. Nothing is scanned for, no other auto-configuration is
 * applied, no web server starts.
 *
 * <pre>{@code
 * @NvmeTest
 * @Import(Volumes.class)
 * class VolumesTest {
 *     @Autowired Volumes volumes;
 * }
 * }</pre>
 *
 * <p>{@link AutoConfigureNvmeTarget} on the same class says what the controller has. Needs {@code spring-boot-test}.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(classes = NvmeTestApplication.class, webEnvironment = SpringBootTest.WebEnvironment.NONE)
@AutoConfigureNvmeTarget
public @interface NvmeTest {

    /**
     * Properties of the application.
     *
     * @return as in {@code key=value}
     */
    @AliasFor(annotation = SpringBootTest.class, attribute = "properties")
    String[] properties() default {};
}
