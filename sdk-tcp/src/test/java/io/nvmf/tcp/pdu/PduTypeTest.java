package io.nvmf.tcp.pdu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PduTypeTest {

    /** Written down from the specification's table of types and the figures of the PDUs. */
    @ParameterizedTest
    @CsvSource({
        "0, ICReq, 128, 0, false, false",
        "1, ICResp, 128, 0, true, false",
        "2, H2CTermReq, 24, 0, false, false",
        "3, C2HTermReq, 24, 0, true, false",
        "4, CapsuleCmd, 72, 3, false, true",
        "5, CapsuleResp, 24, 1, true, false",
        "6, H2CData, 24, 7, false, true",
        "7, C2HData, 24, 15, true, true",
        "9, R2T, 24, 1, true, false",
    })
    void hasNumberNameHeaderFlagsAndDirection(
            int number, String name, int headerLength, int flags, boolean fromController, boolean data) {
        PduType type = PduType.of(number);

        assertThat(type).isNotNull().hasToString(name);
        assertThat(type.number()).isEqualTo(number);
        assertThat(type.headerLength()).isEqualTo(headerLength);
        assertThat(type.legalFlags()).isEqualTo(flags);
        assertThat(type.isFromController()).isEqualTo(fromController);
        assertThat(type.mayCarryData()).isEqualTo(data);
        assertThat(type.mayCarryHeaderDigest()).isEqualTo(number > 3);
        assertThat(type.isInitialization()).isEqualTo(number < 2);
        assertThat(type.isTermReq()).isEqualTo(number == 2 || number == 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 8, 10, 15, 16, 255})
    void thereAreNoOthers(int number) {
        assertThat(PduType.of(number)).isNull();
    }
}
