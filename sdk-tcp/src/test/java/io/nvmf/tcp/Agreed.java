package io.nvmf.tcp;

import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.TransportOptions;

/**
 * What host and controller of a test agree upon.
 *
 * @param maxData bytes of data in a PDU at most, in both directions
 */
record Agreed(
        boolean headerDigest, boolean dataDigest, int hostAlignment, int controllerAlignment, int maxR2t, int maxData) {

    static final Agreed PLAIN = new Agreed(false, false, 4, 4, 0, 4096);
    static final Agreed DIGESTS = new Agreed(true, true, 4, 4, 0, 4096);

    Agreed withMaxR2t(int value) {
        return new Agreed(headerDigest, dataDigest, hostAlignment, controllerAlignment, value, maxData);
    }

    Agreed withMaxData(int value) {
        return new Agreed(headerDigest, dataDigest, hostAlignment, controllerAlignment, maxR2t, value);
    }

    TransportOptions options() {
        return TransportOptions.none()
                .with(TcpOptions.HEADER_DIGEST, headerDigest)
                .with(TcpOptions.DATA_DIGEST, dataDigest)
                .with(TcpOptions.HOST_PDA, hostAlignment / 4 - 1)
                .with(TcpOptions.CONTROLLER_PDA, controllerAlignment / 4 - 1)
                .with(TcpOptions.MAX_R2T, maxR2t)
                .with(TcpOptions.MAX_H2C_DATA, maxData)
                .with(TcpOptions.MAX_C2H_DATA, maxData);
    }

    int digests() {
        return (headerDigest ? 1 : 0) | (dataDigest ? 2 : 0);
    }

    TestPdu icReq() {
        return TestPdu.icReq(hostAlignment / 4 - 1, digests(), maxR2t);
    }

    TestPdu icResp() {
        return TestPdu.icResp(controllerAlignment / 4 - 1, digests(), maxData);
    }

    /** As the host is to receive it. */
    TestPdu toHost(TestPdu pdu) {
        return pdu.agreed(headerDigest, dataDigest, hostAlignment);
    }

    /** As the controller is to receive it. */
    TestPdu toController(TestPdu pdu) {
        return pdu.agreed(headerDigest, dataDigest, controllerAlignment);
    }
}
