package io.nvmf.tcp.testing.proxy;

import java.util.function.Predicate;

/** Says what happens to each PDU. Asked on the one thread of the proxy, in the order in which PDUs are passed on. */
@FunctionalInterface
public interface FaultScript {

    /** What happens to a PDU. */
    PduFault at(SeenPdu pdu);

    /** Nothing goes wrong. */
    static FaultScript none() {
        return pdu -> PduFault.pass();
    }

    /** Something happens to the first PDU of a kind, and nothing to all others. */
    static FaultScript once(Predicate<SeenPdu> which, PduFault fault) {
        return none().orElseOnce(which, fault);
    }

    /** Something happens to the nth PDU of a type and direction of any one connection, and nothing to all others. */
    static FaultScript nth(Direction direction, int type, long n, PduFault fault) {
        return once(pdu -> pdu.direction() == direction && pdu.type() == type && pdu.ofItsType() == n, fault);
    }

    /** The same, and something more that happens once. */
    default FaultScript orElseOnce(Predicate<SeenPdu> which, PduFault fault) {
        boolean[] happened = {false};
        return pdu -> {
            if (!happened[0] && which.test(pdu)) {
                happened[0] = true;
                return fault;
            }
            return at(pdu);
        };
    }
}
