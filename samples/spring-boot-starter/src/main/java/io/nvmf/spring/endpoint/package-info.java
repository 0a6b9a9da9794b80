/**
 * What the actuator tells of connections on request: the endpoint {@code nvmf}, and a line of the endpoint {@code info}.
 * The types of the actuator that it needs are the same in all versions of Spring Boot.
 */
@NullMarked
package io.nvmf.spring.endpoint;

import org.jspecify.annotations.NullMarked;
