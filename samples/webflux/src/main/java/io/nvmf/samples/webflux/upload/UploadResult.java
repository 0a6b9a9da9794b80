package io.nvmf.samples.webflux.upload;

/**
 * What was written, as JSON.
 *
 * @param offset of the first byte
 * @param bytes how many
 * @param crc32c of the bytes that came, eight hexadecimal digits
 * @param seconds from the request to the moment at which everything was durable
 */
record UploadResult(long offset, long bytes, String crc32c, double seconds) {}
