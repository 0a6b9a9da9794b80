package io.nvmf.host.queue;

/**
 * Where a request is within a queue: in a slot, or among those that wait for one. It tells a queue which requests it
 * has: one that another queue has failed may be with this one already when the first one is asked to cancel it.
 */
sealed interface QueuePlace permits Slot, RequestSubmission, TracedWait {}
