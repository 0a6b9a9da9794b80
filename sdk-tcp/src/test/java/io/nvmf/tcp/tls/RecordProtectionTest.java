package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsFatalAlert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records byte by byte: those of RFC 8448 section 3, and some that Python's cryptography has sealed. */
class RecordProtectionTest {

    private static final int VERSION = 0x0303;
    private static final byte[] KEY = hex("17422dda596ed5d9acd890e3c63f5051");
    private static final byte[] IV = hex("5b78923dee08579033e523d9");
    private static final byte[] LONG_KEY = counting(0, 32);
    private static final byte[] LONG_KEY_IV = counting(100, 12);

    /** The client's application data, 00h to 31h, under sequence number 0. */
    private static final byte[] DATA =
            hex("a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20"
                    + "441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4");

    /** Its close_notify, under sequence number 1. */
    private static final byte[] CLOSE_NOTIFY = hex("c9872760655666b74d7ff1153efd6db6d0b0e3");

    @Test
    void sealsTheRecordsOfTheRfc() throws Exception {
        RecordProtection sealing = sealing(KEY, IV);

        assertThat(seal(sealing, 0, ContentType.application_data, counting(0, 50)))
                .isEqualTo(DATA);
        assertThat(seal(sealing, 1, ContentType.alert, new byte[] {1, 0})).isEqualTo(CLOSE_NOTIFY);
    }

    @Test
    void opensTheRecordsOfTheRfc() throws Exception {
        RecordProtection opening = opening(KEY, IV);

        assertThat(open(opening, 0, DATA)).isEqualTo(typed(counting(0, 50), ContentType.application_data));
        assertThat(open(opening, 1, CLOSE_NOTIFY)).isEqualTo(typed(new byte[] {1, 0}, ContentType.alert));
    }

    /** AES-256, all bytes of the sequence number, five bytes of padding. */
    @Test
    void opensAPaddedRecordUnderAnySequenceNumber() throws Exception {
        RecordProtection opening = opening(LONG_KEY, LONG_KEY_IV);

        assertThat(open(opening, 0x8102030405060708L, hex("fdb0cca9423081700dd12ff4aecd675e6b65019cd8164fb2c1")))
                .isEqualTo(typed(new byte[] {'a', 'b', 'c'}, ContentType.handshake));
    }

    @Test
    void contentThatEndsWithZerosStaysWhole() throws Exception {
        byte[] zeros = new byte[40];
        byte[] sealed = seal(sealing(KEY, IV), 7, ContentType.application_data, zeros);

        assertThat(open(opening(KEY, IV), 7, sealed)).isEqualTo(typed(zeros, ContentType.application_data));
    }

    /** There is no type in it (RFC 8446 section 5.4). */
    @Test
    void aRecordOfZerosAloneIsRefused() throws Exception {
        refused(0, hex("a23e7257a5b62208d14dc33c47015cffcc88d67d"), AlertDescription.unexpected_message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16})
    void whatIsTooShortForATypeAndATagIsRefused(int length) throws Exception {
        refused(0, Arrays.copyOf(DATA, length), AlertDescription.decode_error);
    }

    @Test
    void everyChangedByteIsNoticed() throws Exception {
        for (int at = 0; at < DATA.length; at++) {
            byte[] changed = DATA.clone();
            changed[at] ^= 0x40;
            refused(0, changed, AlertDescription.bad_record_mac);
        }
        refused(0, Arrays.copyOf(DATA, DATA.length - 1), AlertDescription.bad_record_mac);
        refused(1, DATA, AlertDescription.bad_record_mac);
    }

    @ParameterizedTest
    @CsvSource({"22, 0x0303", "23, 0x0301", "23, 0x0304"})
    void theHeaderIsUnderTheProtectionToo(int type, int version) throws Exception {
        RecordProtection opening = opening(KEY, IV);

        assertThatExceptionOfType(TlsFatalAlert.class)
                .isThrownBy(() -> opening.open(0, version, type, DATA, 0, DATA.length));
    }

    @Test
    void nothingIsSealedOrOpenedWithoutAKey() throws Exception {
        RecordProtection sealing = RecordProtection.sealing();
        RecordProtection opening = RecordProtection.opening();

        assertThatExceptionOfType(TlsFatalAlert.class)
                .isThrownBy(() -> seal(sealing, 0, ContentType.application_data, counting(0, 50)));
        assertThatExceptionOfType(TlsFatalAlert.class).isThrownBy(() -> open(opening, 0, DATA));
    }

    @Test
    void otherKeysOpenOtherRecords() throws Exception {
        RecordProtection sealing = sealing(LONG_KEY, LONG_KEY_IV);
        RecordProtection opening = opening(LONG_KEY, LONG_KEY_IV);
        assertThat(open(opening, 0, seal(sealing, 0, ContentType.handshake, counting(1, 9))))
                .hasSize(10);

        sealing.setKey(KEY, IV);
        opening.setKey(KEY, IV);

        assertThat(seal(sealing, 0, ContentType.application_data, counting(0, 50)))
                .isEqualTo(DATA);
        assertThat(open(opening, 0, DATA)).hasSize(51);
    }

    /** An array for each record would be 16 KiB. */
    @Test
    void arraysAreUsedAgain() throws Exception {
        int rounds = 200;
        byte[] content = new byte[1 << 14];
        RecordProtection sealing = sealing(KEY, IV);
        RecordProtection opening = opening(KEY, IV);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int i = -20; i < rounds; i++) { // the first ones make the arrays
            if (i == 0) {
                before = memory.getCurrentThreadAllocatedBytes();
            }
            int length = sealing.seal(i, VERSION, ContentType.application_data, content, 0, content.length, 5);
            opening.open(i, VERSION, ContentType.application_data, sealing.array(), 5, length);
        }

        assertThat((memory.getCurrentThreadAllocatedBytes() - before) / rounds).isLessThan(8192);
    }

    private static RecordProtection sealing(byte[] key, byte[] iv) throws GeneralSecurityException {
        RecordProtection sealing = RecordProtection.sealing();
        sealing.setKey(key, iv);
        return sealing;
    }

    private static RecordProtection opening(byte[] key, byte[] iv) throws GeneralSecurityException {
        RecordProtection opening = RecordProtection.opening();
        opening.setKey(key, iv);
        return opening;
    }

    private static byte[] seal(RecordProtection sealing, long sequence, int type, byte[] content) throws IOException {
        byte[] around = new byte[content.length + 9];
        System.arraycopy(content, 0, around, 4, content.length);
        int length = sealing.seal(sequence, VERSION, type, around, 4, content.length, 5);
        return Arrays.copyOfRange(sealing.array(), 5, 5 + length);
    }

    /** The content with its type. */
    private static byte[] open(RecordProtection opening, long sequence, byte[] fragment) throws IOException {
        byte[] around = new byte[fragment.length + 9];
        System.arraycopy(fragment, 0, around, 4, fragment.length);
        int length = opening.open(sequence, VERSION, ContentType.application_data, around, 4, fragment.length);
        return Arrays.copyOf(opening.array(), length + 1);
    }

    private static void refused(long sequence, byte[] fragment, short alert) throws GeneralSecurityException {
        RecordProtection opening = opening(KEY, IV);
        assertThatExceptionOfType(TlsFatalAlert.class)
                .isThrownBy(() -> open(opening, sequence, fragment))
                .satisfies(refusal -> assertThat(refusal.getAlertDescription()).isEqualTo(alert));
    }

    private static byte[] typed(byte[] content, int type) {
        byte[] all = Arrays.copyOf(content, content.length + 1);
        all[content.length] = (byte) type;
        return all;
    }

    private static byte[] counting(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
