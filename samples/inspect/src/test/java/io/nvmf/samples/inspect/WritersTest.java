package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.nvmf.spec.IdentifyController;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class WritersTest {

    @Test
    void jsonEscapesWhatAControllerMaySay() {
        Part part = new Part.One("x", List.of(Field.of("MODEL Number", "a\"b\\c\n\u001b[31m\u007f\ud83d\ude00é")));

        assertThat(JsonWriter.write(List.of(part)))
                .isEqualTo("{\n  \"model_number\": \"a\\\"b\\\\c\\u000a\\u001b[31m\\u007f\\ud83d\\ude00é\"\n}");
    }

    @Test
    void jsonNumbersAreExact() {
        BigInteger big = new BigInteger("340282366920938463463374607431768211455");
        Part part = new Part.One("x", List.of(Field.of("a", big), Field.of("b", true), Field.of("c", List.of())));

        assertThat(JsonWriter.write(List.of(part)))
                .isEqualTo("{\n  \"a\": " + big + ",\n  \"b\": true,\n  \"c\": []\n}");
    }

    @Test
    void severalPartsAreAnObjectByTheirTitles() {
        Part none = new Part.Many("Some Log (02h)", List.of("A"), List.of());
        Part one = new Part.Many("Other", List.of("A"), List.of(List.of(Field.of("A", 1))));

        assertThat(JsonWriter.write(List.of(none, one)))
                .isEqualTo("{\n  \"some_log_02h\": [],\n  \"other\": [\n    {\n      \"a\": 1\n    }\n  ]\n}");
        assertThat(TextWriter.write(List.of(none, one))).isEqualTo("Some Log (02h)\nnone\n\nOther\nA\n1\n");
    }

    @Test
    void aTerminalGetsNoControlCharacters() {
        Part part = new Part.One("x", List.of(Field.of("MN", "evil\u001b[2J\rdisk")));

        assertThat(TextWriter.write(List.of(part))).isEqualTo("MN  evil?[2J?disk\n");
    }

    @Test
    void bytesThatNoFieldHasAndBitsWithoutANameAreShownAsHex() {
        IdentifyController identify = new IdentifyController()
                .wrap(Unpooled.buffer(4096).writeZero(4096), 0)
                .clear();
        identify.set(IdentifyController.Field.ONCS, 0x8001);
        identify.buffer().setByte(3072, 0xCA).setByte(3075, 0xFE);

        String text = TextWriter.write(List.of(ControllerText.of(identify)));

        assertThat(text)
                .contains("8001h: Compare, bit 15")
                .endsWith("bytes 3072 to 3087  ca 00 00 fe 00 00 00 00 00 00 00 00 00 00 00 00\n");
    }

    @Test
    void largeNumbersAreUnsigned() {
        IdentifyController identify = new IdentifyController()
                .wrap(Unpooled.buffer(4096).writeZero(4096), 0)
                .clear();
        identify.setBig(IdentifyController.Field.TNVMCAP, BigInteger.ONE.shiftLeft(100));

        assertThat(TextWriter.write(List.of(ControllerText.of(identify))))
                .contains("TNVMCAP    1267650600228229401496703205376\n");
        assertThat(Units.bytes(1L << 40)).isEqualTo("1099511627776 bytes (1.000 TiB)");
        assertThat(Units.kelvin(300)).isEqualTo("300 K (27 °C)");
    }
}
