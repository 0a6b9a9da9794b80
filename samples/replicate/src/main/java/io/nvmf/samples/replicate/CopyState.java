package io.nvmf.samples.replicate;

/**
 * How far a copy has come.
 *
 * @param job what is copied
 * @param durable bytes known written and flushed, without a gap from the beginning
 * @param checksum CRC-32C of these bytes as they were read from the source
 * @param toVerify whether somebody has asked for the copy to be verified; stays until it was found equal, so that nobody
 *     who goes on with it takes it for good before
 */
record CopyState(CopyJob job, long durable, int checksum, boolean toVerify) {

    static CopyState begin(CopyJob job) {
        return new CopyState(job, 0, 0, false);
    }

    /** {@return the state of a copy that is to be verified, too} */
    CopyState verifiedLater() {
        return new CopyState(job, durable, checksum, true);
    }

    /** {@return the state after one more part is written and flushed} */
    CopyState and(long length, int partChecksum) {
        return new CopyState(job, durable + length, Checksum.combine(checksum, partChecksum, length), toVerify);
    }

    boolean isComplete() {
        return durable == job.length();
    }
}
