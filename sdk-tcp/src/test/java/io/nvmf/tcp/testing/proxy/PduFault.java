package io.nvmf.tcp.testing.proxy;

import java.time.Duration;

/** What happens to one PDU on its way. The next one of its direction waits until it is through. */
@FunctionalInterface
public interface PduFault {

    /** Does it; on the thread of the proxy. */
    void happen(PduPassage pdu);

    /** The PDU is passed on. */
    static PduFault pass() {
        return PduPassage::pass;
    }

    /** Both sides see a reset, and the PDU goes nowhere. */
    static PduFault cutBefore() {
        return PduPassage::cut;
    }

    /** Both sides see a reset when the first bytes of the PDU have been passed on. */
    static PduFault cutInside(int bytes) {
        return pdu -> pdu.pass(bytes, pdu::cut);
    }

    /** Both sides see a reset when the PDU has been passed on. */
    static PduFault cutAfter() {
        return pdu -> pdu.pass(pdu.length(), pdu::cut);
    }

    /** Both sides see a FIN when the PDU has been passed on. */
    static PduFault closeAfter() {
        return pdu -> pdu.pass(pdu.length(), pdu::close);
    }

    /** The PDU waits, and those behind it. */
    static PduFault delay(Duration time) {
        return pdu -> pdu.after(time, pdu::pass);
    }

    /** The PDU waits until others have passed it on other connections in its direction, or until a time is over. */
    static PduFault letPass(int others, Duration atMost) {
        return pdu -> pdu.afterOthers(others, atMost, pdu::pass);
    }

    /** Nothing comes through in this direction any more, not even the end of the connection. */
    static PduFault blackHole() {
        return pdu -> {};
    }

    /** The PDU is the last of its direction: what follows is a FIN. The other direction goes on. */
    static PduFault halfClose() {
        return pdu -> pdu.pass(pdu.length(), pdu::halfClose);
    }

    /** The host sees a reset; the controller gets this PDU, and others of the host, only after a time, and then a FIN. */
    static PduFault resetHost(Duration late) {
        return pdu -> {
            pdu.connection().resetHost(late);
            pdu.after(late, pdu::pass);
        };
    }

    /** A byte of the PDU is changed, and its digests are not. */
    static PduFault corrupt(int offset) {
        return pdu -> {
            pdu.flip(offset);
            pdu.pass();
        };
    }

    /** A byte of the data is changed, or of the header where there is no data. */
    static PduFault corruptData() {
        return pdu -> {
            int at = pdu.seen().dataOffset();
            pdu.flip(at > 0 && at < pdu.length() ? at : 8);
            pdu.pass();
        };
    }

    /** The PDU comes in pieces of so many bytes, with pauses between them. */
    static PduFault drip(int bytes, Duration pause) {
        return new PduFault() {
            @Override
            public void happen(PduPassage pdu) {
                if (pdu.left() <= bytes) {
                    pdu.pass();
                } else {
                    pdu.pass(bytes, () -> pdu.after(pause, () -> happen(pdu)));
                }
            }
        };
    }
}
