/**
 * The beans that an application has when this starter is on its class path. Each class is for one thing, and each bean
 * gives way to one of the application's own. Applications do not use these classes, they use the beans.
 */
@NullMarked
package io.nvmf.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
