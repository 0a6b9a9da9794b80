package io.nvmf.tcp.testing.proxy;

import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;

/** A number of faults of every kind at PDUs that a seed chooses. */
public final class RandomScript implements FaultScript {

    private static final int SHORT_MILLIS = 100;
    private static final int OUTAGE_MILLIS = 800;
    private static final int SMALL_PDU = 256;

    private final Random random;
    private final int oneIn;
    private final boolean digests;
    private final Consumer<String> story;
    private int left;

    /**
     * Faults to come.
     *
     * @param oneIn how many PDUs pass for each fault, on average
     * @param most how many faults there will be
     * @param digests whether there are digests, so that bytes may be damaged
     * @param story hears of each
     */
    public RandomScript(Random random, int oneIn, int most, boolean digests, Consumer<String> story) {
        this.random = random;
        this.oneIn = oneIn;
        this.left = most;
        this.digests = digests;
        this.story = story;
    }

    @Override
    public PduFault at(SeenPdu pdu) {
        if (left == 0 || random.nextInt(oneIn) != 0) {
            return PduFault.pass();
        }
        left--;
        int kind = random.nextInt(digests ? 15 : 13);
        story.accept("fault " + kind + " at " + pdu);
        return switch (kind) {
            case 0, 1 -> PduFault.cutBefore();
            case 2, 3 -> PduFault.cutInside(1 + random.nextInt(pdu.length()));
            case 4 -> PduFault.cutAfter();
            case 5 -> PduFault.closeAfter();
            case 6 -> PduFault.delay(millis(SHORT_MILLIS));
            case 7 -> PduFault.letPass(1 + random.nextInt(8), millis(SHORT_MILLIS));
            case 8 -> PduFault.blackHole();
            case 9 -> PduFault.halfClose();
            case 10 ->
                pdu.length() <= SMALL_PDU
                        ? PduFault.drip(1, Duration.ZERO)
                        : PduFault.drip(1 + pdu.length() / SMALL_PDU, Duration.ofNanos(100_000));
            case 11 -> {
                Duration outage = millis(OUTAGE_MILLIS);
                yield passage -> passage.proxy().outage(outage);
            }
            case 12 -> PduFault.resetHost(millis(OUTAGE_MILLIS));
            default -> PduFault.corruptData();
        };
    }

    private Duration millis(int most) {
        return Duration.ofMillis(1 + random.nextInt(most));
    }
}
