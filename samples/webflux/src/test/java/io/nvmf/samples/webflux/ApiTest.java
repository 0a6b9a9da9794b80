package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** The table of what is answered to what. */
class ApiTest {

    private static final int SIZE = 1 << 20;
    private static final byte[] CONTENT = new byte[SIZE];
    private static final String DATA = "/api/namespaces/1/data";

    private static GatewayUnderTest gateway;
    private static WebTestClient client;

    @BeforeAll
    static void start() {
        new Random(1).nextBytes(CONTENT);
        gateway = GatewayUnderTest.start(
                Map.of(
                        1, BlockStore.memory(SIZE, 4096),
                        2, BlockStore.memory(1 << 20, 512),
                        3, BlockStore.nullBlocks(10L << 30, 4096)),
                "--gateway.max-upload-size=1MB");
        client = gateway.client();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void fill() {
        client.put().uri(DATA).bodyValue(CONTENT).exchange().expectStatus().isOk();
    }

    @Test
    void namespacesAreListedWithWhatAClientHasToKnow() {
        client.get()
                .uri("/api/namespaces")
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType(MediaType.APPLICATION_JSON)
                .expectBody()
                .jsonPath("$.length()")
                .isEqualTo(3)
                .jsonPath("$[0].nsid")
                .isEqualTo(1)
                .jsonPath("$[0].blockSize")
                .isEqualTo(4096)
                .jsonPath("$[0].blocks")
                .isEqualTo(SIZE / 4096)
                .jsonPath("$[0].bytes")
                .isEqualTo(SIZE)
                .jsonPath("$[0].identity")
                .value(String.class, text -> assertThat(text).startsWith("uuid:"))
                .jsonPath("$[0].data")
                .isEqualTo(DATA)
                .jsonPath("$[2].bytes")
                .isEqualTo(10L << 30);
        client.get()
                .uri("/api/namespaces/2")
                .exchange()
                .expectBody()
                .jsonPath("$.blockSize")
                .isEqualTo(512);
    }

    @Test
    void theStateIsThatOfTheAssociation() {
        client.get()
                .uri("/api/state")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.state")
                .isEqualTo("live")
                .jsonPath("$.attempt")
                .isEmpty()
                .jsonPath("$.next")
                .isEmpty()
                .jsonPath("$.subsystem")
                .isEqualTo(GatewayUnderTest.NQN)
                .jsonPath("$.address")
                .value(String.class, text -> assertThat(text).startsWith("127.0.0.1:"))
                .jsonPath("$.controller")
                .isNumber();
    }

    @Test
    void aWholeNamespaceHasItsLengthAndAcceptsRanges() {
        client.get()
                .uri(DATA)
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentLength(SIZE)
                .expectHeader()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .expectHeader()
                .valueEquals(HttpHeaders.ACCEPT_RANGES, "bytes")
                .expectHeader()
                .exists(HttpHeaders.ETAG)
                .expectBody(byte[].class)
                .isEqualTo(CONTENT);
    }

    @ParameterizedTest
    @CsvSource({
        "0-0, 0, 1",
        "0-4095, 0, 4096",
        "4095-4096, 4095, 2",
        "1-1048574, 1, 1048574",
        "1048575-, 1048575, 1",
        "131071-131073, 131071, 3",
        "1000-99999999999999999999999, 1000, 1047576",
        "1000-9223372036854775807, 1000, 1047576",
        "-1, 1048575, 1",
        "-1048576, 0, 1048576",
        "-9999999, 0, 1048576",
        "'5-5,', 5, 1",
        "' 5-5 ', 5, 1",
        "'7-8,99999999-', 7, 2",
    })
    void aRangeIsAnsweredWithExactlyItsBytes(String range, int offset, int length) {
        client.get()
                .uri(DATA)
                .header(HttpHeaders.RANGE, "bytes=" + range)
                .exchange()
                .expectStatus()
                .isEqualTo(206)
                .expectHeader()
                .valueEquals(HttpHeaders.CONTENT_RANGE, "bytes " + offset + '-' + (offset + length - 1) + '/' + SIZE)
                .expectHeader()
                .contentLength(length)
                .expectBody(byte[].class)
                .isEqualTo(Arrays.copyOfRange(CONTENT, offset, offset + length));
    }

    @ParameterizedTest
    @CsvSource({
        "1048576-",
        "99999999999999-",
        "-0",
        "5-4",
        "x",
        "-",
        "1-2-3",
        "0x10-0x20",
        "''",
        "'0-0,x'",
        "'0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,10-10,11-11,12-12,13-13,14-14,15-15,16-16'",
    })
    void aRangeThatLeavesNothingIsNotSatisfiable(String range) {
        client.get()
                .uri(DATA)
                .header(HttpHeaders.RANGE, "bytes=" + range)
                .exchange()
                .expectStatus()
                .isEqualTo(416)
                .expectHeader()
                .valueEquals(HttpHeaders.CONTENT_RANGE, "bytes */" + SIZE)
                .expectHeader()
                .doesNotExist(HttpHeaders.ETAG)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(416);
    }

    @Test
    void anUnknownUnitIsIgnored() {
        client.get()
                .uri(DATA)
                .header(HttpHeaders.RANGE, "blocks=0-1")
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentLength(SIZE);
    }

    @Test
    void severalRangesComeInParts() {
        byte[] answer = client.get()
                .uri(DATA)
                .header(HttpHeaders.RANGE, "bytes=10-19, 500000-699999, -3")
                .exchange()
                .expectStatus()
                .isEqualTo(206)
                .expectHeader()
                .doesNotExist(HttpHeaders.CONTENT_RANGE)
                .expectHeader()
                .value(HttpHeaders.CONTENT_TYPE, text -> assertThat(text).startsWith("multipart/byteranges;"))
                .expectBody(byte[].class)
                .consumeWith(result -> assertThat(result.getResponseHeaders().getContentLength())
                        .isEqualTo(result.getResponseBody().length))
                .returnResult()
                .getResponseBody();

        String text = new String(answer, StandardCharsets.ISO_8859_1);
        assertThat(text)
                .contains("Content-Range: bytes 10-19/" + SIZE + "\r\n\r\n" + text(10, 20) + "\r\n--")
                .contains("Content-Range: bytes 500000-699999/" + SIZE + "\r\n\r\n" + text(500_000, 700_000) + "\r\n--")
                .contains("\r\n\r\n" + text(SIZE - 3, SIZE) + "\r\n--")
                .endsWith("--\r\n");
    }

    private static String text(int from, int to) {
        return new String(Arrays.copyOfRange(CONTENT, from, to), StandardCharsets.ISO_8859_1);
    }

    @Test
    void headSaysWhatGetWouldAndReadsNothing() {
        client.head()
                .uri("/api/namespaces/3/data")
                .header(HttpHeaders.RANGE, "bytes=0-9")
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentLength(10L << 30)
                .expectHeader()
                .exists(HttpHeaders.ETAG)
                .expectBody()
                .isEmpty();
        assertThat(gateway.transfers().active()).isEmpty();
    }

    @Test
    void aClientThatHasTheCurrentBytesGetsNone() {
        String tag = tag();
        client.get()
                .uri(DATA)
                .header(HttpHeaders.IF_NONE_MATCH, "\"other\", W/" + tag)
                .exchange()
                .expectStatus()
                .isNotModified()
                .expectHeader()
                .valueEquals(HttpHeaders.ETAG, tag)
                .expectBody()
                .isEmpty();
    }

    @Test
    void anUploadChangesTheTagSoThatAPartialCopyIsNotContinued() {
        String tag = tag();
        client.get()
                .uri(DATA)
                .header(HttpHeaders.RANGE, "bytes=5-9")
                .header(HttpHeaders.IF_RANGE, tag)
                .exchange()
                .expectStatus()
                .isEqualTo(206);
        fill();
        assertThat(tag()).isNotEqualTo(tag);
        for (String ifRange : new String[] {tag, "W/" + tag(), "*", "Sat, 29 Oct 1994 19:43:31 GMT"}) {
            client.get()
                    .uri(DATA)
                    .header(HttpHeaders.RANGE, "bytes=5-9")
                    .header(HttpHeaders.IF_RANGE, ifRange)
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectHeader()
                    .contentLength(SIZE);
        }
    }

    @Test
    void conditionsThatAreNotMetAreRefused() {
        String tag = tag();
        client.get()
                .uri(DATA)
                .header(HttpHeaders.IF_MATCH, "\"x\"")
                .exchange()
                .expectStatus()
                .isEqualTo(412);
        client.get()
                .uri(DATA)
                .header(HttpHeaders.IF_MATCH, tag)
                .exchange()
                .expectStatus()
                .isOk();
        client.put()
                .uri(DATA)
                .header(HttpHeaders.IF_MATCH, tag)
                .bodyValue(CONTENT)
                .exchange()
                .expectStatus()
                .isOk();
        for (String header : new String[] {HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH}) {
            client.put()
                    .uri(DATA)
                    .header(header, header.equals(HttpHeaders.IF_MATCH) ? tag : "*")
                    .bodyValue(CONTENT)
                    .exchange()
                    .expectStatus()
                    .isEqualTo(412);
        }
    }

    private static String tag() {
        return client.head()
                .uri(DATA)
                .exchange()
                .expectBody()
                .returnResult()
                .getResponseHeaders()
                .getETag();
    }

    @Test
    void anUploadIsAnsweredWithWhatWasWritten() {
        byte[] part = Arrays.copyOf(CONTENT, 5000);
        client.post()
                .uri(DATA + "?offset=100")
                .bodyValue(part)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.offset")
                .isEqualTo(100)
                .jsonPath("$.bytes")
                .isEqualTo(5000)
                .jsonPath("$.crc32c")
                .isEqualTo(String.format("%08x", crc(part)))
                .jsonPath("$.seconds")
                .isNumber();
        byte[] expected = CONTENT.clone();
        System.arraycopy(part, 0, expected, 100, part.length);
        client.get().uri(DATA).exchange().expectBody(byte[].class).isEqualTo(expected);
    }

    @Test
    void aContentRangeSaysTheOffset() {
        client.put()
                .uri(DATA)
                .header(HttpHeaders.CONTENT_RANGE, "bytes 10-12/*")
                .bodyValue(new byte[3])
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.offset")
                .isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource({
        "?offset=x, , 400",
        "?offset=-1, , 400",
        "?offset=9999999999999999999, , 400",
        "?offset=5, bytes 4-6/*, 400",
        "'', bytes 0-3/*, 400",
        "'', bytes=0-2, 400",
        "'', items 0-2/*, 400",
        "?offset=1048574, , 413",
        "?offset=999999999999999999, , 413",
        "'', bytes 1048576-1048578/*, 413",
    })
    void anOffsetThatMakesNoSenseIsRefused(String query, String contentRange, int status) {
        client.put()
                .uri(DATA + query)
                .headers(headers -> {
                    if (contentRange != null) {
                        headers.set(HttpHeaders.CONTENT_RANGE, contentRange);
                    }
                })
                .bodyValue(new byte[3])
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON);
        client.get().uri(DATA).exchange().expectBody(byte[].class).isEqualTo(CONTENT);
    }

    @Test
    void anUploadBeyondTheLimitIsRefused() {
        client.put()
                .uri("/api/namespaces/3/data")
                .bodyValue(new byte[SIZE + 1])
                .exchange()
                .expectStatus()
                .isEqualTo(413);
    }

    @Test
    void formsAndEncodedBodiesAreRefused() {
        client.put()
                .uri(DATA)
                .contentType(MediaType.parseMediaType("multipart/form-data;boundary=x"))
                .bodyValue(new byte[3])
                .exchange()
                .expectStatus()
                .isEqualTo(415);
        client.put()
                .uri(DATA)
                .header(HttpHeaders.CONTENT_ENCODING, "gzip")
                .bodyValue(new byte[3])
                .exchange()
                .expectStatus()
                .isEqualTo(415);
        client.put()
                .uri(DATA)
                .accept(MediaType.TEXT_HTML)
                .bodyValue(new byte[3])
                .exchange()
                .expectStatus()
                .isEqualTo(406);
        client.get().uri(DATA).exchange().expectBody(byte[].class).isEqualTo(CONTENT);
    }

    @Test
    void aDigestIsCompared() throws Exception {
        String sha256 = base64(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        String crc = base64(ByteBuffer.allocate(4).putInt(crc(CONTENT)).array());
        String wrong = base64(new byte[] {1, 2, 3, 4});
        digest("sha-256=:" + sha256 + ":, crc32c=:" + crc + ":").expectStatus().isOk();
        digest("md5=:AAAA:, crc32c=:" + crc + ":").expectStatus().isOk();
        digest("crc32c=:" + wrong + ":")
                .expectStatus()
                .isEqualTo(422)
                .expectBody()
                .jsonPath("$.report.bytesReceived")
                .isEqualTo(SIZE);
        digest("sha-256=:" + base64(new byte[32]) + ":").expectStatus().isEqualTo(422);
        for (String unreadable : new String[] {"md5=:AAAA:", "crc32c=" + crc, "crc32c=:AAAA:", "x"}) {
            digest(unreadable).expectStatus().isBadRequest().expectHeader().exists("Want-Content-Digest");
        }
    }

    private static WebTestClient.ResponseSpec digest(String header) {
        return client.put()
                .uri(DATA)
                .header("Content-Digest", header)
                .bodyValue(CONTENT)
                .exchange();
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/namespaces/9/data, 404",
        "GET, /api/namespaces/9, 404",
        "PUT, /api/namespaces/9/data, 404",
        "GET, /api/namespaces/0, 404",
        "GET, /api/namespaces/4294967295, 404",
        "GET, /api/namespaces/99999999999, 400",
        "GET, /api/namespaces/one, 400",
        "GET, /api/namespaces/-1/data, 400",
        "GET, /api/nothing, 404",
        "GET, /nothing, 404",
        "DELETE, /api/namespaces/1/data, 405",
        "POST, /api/demo/interrupt, 404",
    })
    void whatIsNotThereIsAProblemInJson(String method, String path, int status) {
        client.method(HttpMethod.valueOf(method))
                .uri(path)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status)
                .jsonPath("$.detail")
                .isNotEmpty()
                .jsonPath("$.instance")
                .isEqualTo(path)
                .jsonPath("$.trace")
                .doesNotExist();
    }
}
