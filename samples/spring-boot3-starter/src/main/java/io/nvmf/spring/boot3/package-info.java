/**
 * What the starter needs under Spring Boot 3.5 in another form than under Spring Boot 4, which is the health contributor.
 * All else is the same classes. Under Spring Boot 4 nothing here is used.
 */
@NullMarked
package io.nvmf.spring.boot3;

import org.jspecify.annotations.NullMarked;
