package io.nvmf.samples.replicate;

/**
 * How far a copy has come.
 *
 * @param job what is copied
 * @param durable bytes known written and flushed, without a gap from the beginning
 * @param checksum CRC-32C of these bytes as they were read from the source
 */
record CopyState(CopyJob job, long durable, int checksum) {

    static CopyState begin(CopyJob job) {
        return new CopyState(job, 0, 0);
    }

    /** {@return the state after one more part is written and flushed} */
    CopyState and(long length, int partChecksum) {
        return new CopyState(job, durable + length, Checksum.combine(checksum, partChecksum, length));
    }

    boolean isComplete() {
        return durable == job.length();
    }
}
