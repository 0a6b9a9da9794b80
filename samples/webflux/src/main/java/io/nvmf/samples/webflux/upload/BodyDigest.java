package io.nvmf.samples.webflux.upload;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.samples.webflux.problem.Refusal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Length and checksums of a body while it passes, and what they should be according to {@code Content-Length} and {@code
 * Content-Digest} (RFC 9530). CRC-32C is always computed, because it costs next to nothing; SHA-256 when the client has
 * sent one.
 */
final class BodyDigest {

    static final String HEADER = "Content-Digest";

    private static final String WANTED_HEADER = "Want-Content-Digest";
    private static final String WANTED = "sha-256=10, crc32c=5";
    private static final Pattern MEMBER = Pattern.compile("([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):");

    private final long length;
    private final CRC32C crc = new CRC32C();
    private final @Nullable MessageDigest sha256;
    private final byte @Nullable [] expectedSha256;
    private final byte @Nullable [] expectedCrc;

    private long received;

    private BodyDigest(long length, byte @Nullable [] expectedSha256, byte @Nullable [] expectedCrc) {
        this.length = length;
        this.expectedSha256 = expectedSha256;
        this.expectedCrc = expectedCrc;
        this.sha256 = expectedSha256 == null ? null : newSha256();
    }

    /**
     * Reads the header.
     *
     * @param header its lines, none if the client has sent none
     * @param length of the body in bytes
     * @return the digest to feed
     * @throws Refusal with 400 if it cannot be read, or names no algorithm that is known: who sends a digest relies on it
     */
    static BodyDigest of(List<String> header, long length) {
        byte[] sha256 = null;
        byte[] crc = null;
        String members = String.join(",", header);
        for (String member : members.split(",", -1)) {
            if (member.isBlank()) {
                continue;
            }
            Matcher matcher = MEMBER.matcher(member.strip());
            if (!matcher.matches()) {
                throw refusal("Content-Digest is not a list of algorithm=:base64: members");
            }
            if (matcher.group(1).equals("sha-256")) {
                sha256 = decode(matcher.group(2), 32);
            } else if (matcher.group(1).equals("crc32c")) {
                crc = decode(matcher.group(2), 4);
            }
        }
        if (!members.isBlank() && sha256 == null && crc == null) {
            throw refusal("Content-Digest has no algorithm that is known here, which are sha-256 and crc32c");
        }
        return new BodyDigest(length, sha256, crc);
    }

    /**
     * Takes the next bytes.
     *
     * @param data which stays as it is; released if this fails, because nobody gets it then
     * @return the same
     * @throws Refusal with 400 if the body is longer than it should be
     */
    ByteBuf update(ByteBuf data) {
        try {
            count(data.readableBytes());
            digest(data);
            return data;
        } catch (RuntimeException | Error e) {
            ReferenceCountUtil.safeRelease(data);
            throw e;
        }
    }

    private void count(int bytes) {
        received += bytes;
        if (received > length) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "the body is longer than its Content-Length of " + length);
        }
    }

    private void digest(ByteBuf data) {
        if (data.nioBufferCount() == 1) {
            digest(data.internalNioBuffer(data.readerIndex(), data.readableBytes()));
        } else {
            for (ByteBuffer part : data.nioBuffers()) {
                digest(part);
            }
        }
    }

    private void digest(ByteBuffer data) {
        if (sha256 != null) {
            sha256.update(data.duplicate());
        }
        crc.update(data);
    }

    /** {@return the CRC-32C of what has come, as eight hexadecimal digits} */
    String crc32c() {
        return String.format("%08x", crc.getValue());
    }

    /**
     * Compares, at the end of the body.
     *
     * @throws Refusal with 400 if it ended early, with 422 if it is not the body that the client meant to send
     */
    void verify() {
        if (received < length) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "the body ended after " + received + " of " + length + " bytes");
        }
        boolean sameSha256 =
                sha256 == null || expectedSha256 == null || MessageDigest.isEqual(sha256.digest(), expectedSha256);
        boolean sameCrc = expectedCrc == null || ByteBuffer.wrap(expectedCrc).getInt() == (int) crc.getValue();
        if (!sameSha256 || !sameCrc) {
            throw Refusal.of(
                    HttpStatus.valueOf(422),
                    "the body does not have the digest that was sent with it: damaged bytes are in the namespace now");
        }
    }

    private static byte[] decode(String base64, int length) {
        try {
            byte[] decoded = Base64.getDecoder().decode(base64);
            if (decoded.length == length) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            throw refusal("a digest is not base64");
        }
        throw refusal("a digest does not have the length of its algorithm");
    }

    private static Refusal refusal(String detail) {
        return Refusal.of(HttpStatus.BAD_REQUEST, detail).header(WANTED_HEADER, WANTED);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has it", e);
        }
    }
}
