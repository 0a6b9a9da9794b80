/**
 * Asynchronous events of a controller: keeps requests for them outstanding, reads what the events are about, and tells
 * those who want to know. It lies above the associations, which it uses, and below the faces.
 */
@NullMarked
package io.nvmf.host.event;

import org.jspecify.annotations.NullMarked;
