package io.nvmf.spring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.NvmeBuffers;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.core.io.buffer.PooledDataBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Turns buffers of the SDK into buffers of Spring and back. No byte is copied, and the reference count is the same one
 * on both sides: {@link DataBufferUtils#release} of what comes out is {@link ByteBuf#release()} of what went in.
 *
 * <pre>{@code
 * // a namespace as the body of a response
 * response.writeWith(NvmeDataBuffers.toDataBuffers(namespace.readStream(0, length), response.bufferFactory()));
 * // the body of a request into a namespace
 * namespace.writeStream(0, NvmeDataBuffers.toByteBufs(request.getBody()));
 * }</pre>
 *
 * <p>Both directions ask the source for what they are asked for, and hold no element, so there is nothing to release in
 * here when a subscriber cancels or something fails. What operators <em>behind</em> them hold is another matter: put
 * {@link #releaseDiscarded()} at the end of a chain that has any.
 */
public final class NvmeDataBuffers {

    /** Makes wrappers only, so where it would take memory from makes no difference. */
    private static final NettyDataBufferFactory NETTY = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);

    private NvmeDataBuffers() {}

    /**
     * Buffers of the SDK as buffers of Spring, such as the body of a response. Whoever gets one releases it, as those
     * who write responses do.
     *
     * @param buffers such as a read stream; each belongs to its subscriber
     * @param factory that of the response. Buffers are made by it if it is Netty's. Servers that have another one take
     *     buffers of Netty as well, and release them.
     * @return as many elements, each with the bytes of one
     */
    public static Flux<DataBuffer> toDataBuffers(Flux<ByteBuf> buffers, DataBufferFactory factory) {
        NettyDataBufferFactory netty = factory instanceof NettyDataBufferFactory ofServer ? ofServer : NETTY;
        return buffers.map(netty::wrap);
    }

    /**
     * Buffers of Spring, such as the body of a request, as buffers for the SDK. Whoever gets one releases it, as write
     * streams do. What operators before it discard is released.
     *
     * @param buffers such as {@code ServerHttpRequest.getBody()}; each belongs to its subscriber
     * @return as many elements, each with the readable bytes of one
     */
    public static Flux<ByteBuf> toByteBufs(Publisher<? extends DataBuffer> buffers) {
        return Flux.<DataBuffer>from(buffers)
                .map(NvmeDataBuffers::toByteBuf)
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
    }

    /**
     * One buffer of Spring as one for the SDK.
     *
     * @param buffer the buffer, which must not be used any more
     * @return its readable bytes, to be released in its place
     */
    public static ByteBuf toByteBuf(DataBuffer buffer) {
        return buffer instanceof NettyDataBuffer netty ? netty.getNativeBuffer() : BorrowedMemory.of(buffer);
    }

    /**
     * Releases what operators discard, buffers of both kinds. Belongs at the end of a chain, as {@link
     * NvmeBuffers#releaseDiscarded()} does, which knows nothing of Spring's.
     *
     * @return for {@link Flux#transform} and {@link Mono#transform}; a {@code Mono} stays one
     * @param <T> what the chain emits, changed by nothing
     */
    public static <T> Function<Publisher<T>, Publisher<T>> releaseDiscarded() {
        Function<Publisher<T>, Publisher<T>> ofNetty = NvmeBuffers.releaseDiscarded();
        return chain -> ofNetty.apply(
                chain instanceof Mono<T> mono
                        ? mono.doOnDiscard(PooledDataBuffer.class, DataBufferUtils::release)
                        : Flux.from(chain).doOnDiscard(PooledDataBuffer.class, DataBufferUtils::release));
    }
}
