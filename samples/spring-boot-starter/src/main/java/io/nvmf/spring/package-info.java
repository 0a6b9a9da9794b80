/**
 * What a Spring Boot application injects and implements: connections by name, what tells where they go, and what
 * changes their clients. The beans themselves are made by {@code io.nvmf.spring.autoconfigure} from the properties
 * {@code nvmf.*}. Everything here works without Spring, too, so code that uses it is easy to test.
 */
@NullMarked
package io.nvmf.spring;

import org.jspecify.annotations.NullMarked;
