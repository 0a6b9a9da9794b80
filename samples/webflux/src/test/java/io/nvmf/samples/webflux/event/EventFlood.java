package io.nvmf.samples.webflux.event;

import org.springframework.context.ApplicationContext;

/** More events than any listener reads. */
public final class EventFlood {

    private EventFlood() {}

    /** Emits as many as that, with nothing in them that anybody needs. */
    public static void emit(ApplicationContext context, int count) {
        EventHub hub = context.getBean(EventHub.class);
        for (int i = 0; i < count; i++) {
            hub.emit("flood", "0123456789".repeat(10));
        }
    }
}
