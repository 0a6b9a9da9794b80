/**
 * The health of connections: their state, and what the controller says of its own health (SMART). Cheap, and bounded in
 * time. What it finds is the same for all versions of Spring Boot; {@code io.nvmf.spring.autoconfigure} makes a health
 * contributor of it.
 */
@NullMarked
package io.nvmf.spring.health;

import org.jspecify.annotations.NullMarked;
