package io.nvmf.spring.buffer;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.core.io.buffer.PooledDataBuffer;

/** A buffer of a pool that is not Netty's, as other servers have. */
final class PooledElsewhere {

    private PooledElsewhere() {}

    static DataBuffer wrap(ByteBuffer bytes, Runnable onRelease) {
        DataBuffer data = new DefaultDataBufferFactory().wrap(bytes);
        AtomicInteger references = new AtomicInteger(1);
        return (PooledDataBuffer) Proxy.newProxyInstance(
                PooledElsewhere.class.getClassLoader(),
                new Class<?>[] {PooledDataBuffer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "isAllocated" -> references.get() > 0;
                    case "retain" -> {
                        references.incrementAndGet();
                        yield proxy;
                    }
                    case "touch" -> proxy;
                    case "release" -> {
                        boolean last = references.decrementAndGet() == 0;
                        if (last) {
                            onRelease.run();
                        }
                        yield last;
                    }
                    default -> {
                        try {
                            yield method.invoke(data, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }
                });
    }
}
