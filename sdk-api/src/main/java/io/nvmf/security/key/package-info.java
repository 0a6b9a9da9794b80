/**
 * Where keys and secrets come from: an interface with one method, and the usual places. A key is read anew each time it
 * is needed, so one that was changed at its place is used from then on. Knows what keys are for, and nothing of what
 * they look like.
 */
@NullMarked
package io.nvmf.security.key;

import org.jspecify.annotations.NullMarked;
