/**
 * CRC-32C (Castagnoli), the checksum of NVMe/TCP's digests, eight bytes at a time.
 * Table n holds the effect of a byte that has n more bytes behind it.
 */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables();

function makeTables() {
    const tables = Array.from({ length: 8 }, () => new Int32Array(256));
    for (let byte = 0; byte < 256; byte++) {
        let crc = byte;
        for (let bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
        }
        tables[0][byte] = crc;
    }
    for (let n = 1; n < 8; n++) {
        for (let byte = 0; byte < 256; byte++) {
            const before = tables[n - 1][byte];
            tables[n][byte] = (before >>> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

/**
 * The checksum of some bytes, or of more bytes after others.
 *
 * @param {Uint8Array} bytes
 * @param {number} [before] the checksum of all bytes before these
 * @returns {number} 0 to 2³² − 1
 */
export function crc32c(bytes, before = 0) {
    const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
    let crc = ~before;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
        crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
        crc =
            t7[crc & 0xff] ^
            t6[(crc >>> 8) & 0xff] ^
            t5[(crc >>> 16) & 0xff] ^
            t4[crc >>> 24] ^
            t3[bytes[at + 4]] ^
            t2[bytes[at + 5]] ^
            t1[bytes[at + 6]] ^
            t0[bytes[at + 7]];
    }
    for (; at < bytes.length; at++) {
        crc = t0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
    }
    return ~crc >>> 0;
}
