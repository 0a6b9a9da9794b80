/**
 * For tests of applications: an embedded controller in place of the one that the application has in production. Needs
 * nothing but what the starter needs, other than {@link io.nvmf.spring.test.NvmeTest}, which is for those who have
 * Spring Boot's test support. Nothing here is used by an application that runs.
 */
@NullMarked
package io.nvmf.spring.test;

import org.jspecify.annotations.NullMarked;
