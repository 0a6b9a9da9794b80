package io.nvmf.spring.test;

import io.nvmf.spring.NvmeConnection;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;

/**
 * Starts an embedded controller with namespaces in memory and sends a connection of the application there, whatever its
 * properties say. For test classes, together with {@code @SpringBootTest} or {@link NvmeTest}. The controller listens
 * on a free port of the loopback interface, lasts as long as the context of the application, and is the bean
 * {@link io.nvmf.BoundTarget}, so that a test can cut its connections. Of the properties {@code nvmf.target.*} only
 * {@code nvmf.target.capture.*} counts for it: a file with what it sends and receives, for Wireshark.
 *
 * <pre>{@code
 * @SpringBootTest
 * @AutoConfigureNvmeTarget(size = "256MB")
 * class UploadTest { ... }
 * }</pre>
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Import(EmbeddedTargetRegistrar.class)
public @interface AutoConfigureNvmeTarget {

    /**
     * Which connection goes there.
     *
     * @return its name
     */
    String connection() default NvmeConnection.DEFAULT_NAME;

    /**
     * How many namespaces it has.
     *
     * @return 1 and more; their identifiers are 1 and up
     */
    int namespaces() default 1;

    /**
     * Size of each namespace.
     *
     * @return such as {@code 64MB}; memory is taken for what has been written
     */
    String size() default "64MB";

    /**
     * Size of a block.
     *
     * @return bytes, a power of two, 512..65536
     */
    int blockSize() default 4096;

    /**
     * Name of the subsystem.
     *
     * @return its NQN
     */
    String subsystem() default "nqn.2026-01.io.nvmf:test";
}
