package io.nvmf.docs;

import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.spec.NvmOpcode;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide.md, "Queues and commands". */
final class QueueExamples {

    private QueueExamples() {}

    static Mono<Completion> single(NvmeController controller, int nsid) {
        Command zero16Blocks =
                Command.nvm(NvmOpcode.WRITE_ZEROES, nsid).range(0, 16).build();
        Mono<Completion> zeroed = controller.ioQueues().get(0).execute(zero16Blocks);
        return zeroed;
    }

    static Mono<Long> bulk(NvmeController controller, NvmeNamespace namespace) {
        NvmeQueue queue = controller.ioQueues().get(0);
        Flux<Command> everySecondBlock = Flux.range(0, (int) namespace.blocks() / 2)
                .map(block -> Command.read(namespace.id(), 2 * block, 1, namespace.blockSize()));
        Mono<Long> failed = queue.execute(everySecondBlock) // as many at a time as there are slots
                .map(completion -> {
                    completion.release(); // the data was yours
                    return completion.isSuccess(); // the status is in the completion, not an error of the stream
                })
                .filter(success -> !success)
                .count()
                .transform(NvmeBuffers.releaseDiscarded());
        return failed;
    }
}
