/**
 * The properties {@code nvmf.*}, as records that are bound by their constructors. What is not set is null where the
 * client or a URI has a value already. They are checked where clients and targets are made of them, because only there
 * the name that a property has in this application is known.
 */
@NullMarked
package io.nvmf.spring.properties;

import org.jspecify.annotations.NullMarked;
