package io.nvmf.transport;

import io.nvmf.spec.Require;

/**
 * How hosts of a transport say where the data of a command is, as a controller tells them in Identify Controller (SGLS,
 * IOCCSZ).
 *
 * @param keyedDataBlocks whether data is in memory that the host exposes with a key
 * @param transportDataBlocks whether the transport moves data in messages of its own
 * @param maxInCapsuleData most bytes of data that the transport takes within an I/O command capsule, directly behind the
 *     entry; 0 if it takes none
 */
public record SglSupport(boolean keyedDataBlocks, boolean transportDataBlocks, int maxInCapsuleData) {

    /** Messages of the transport, and within capsules whatever the controller allows. */
    public static final SglSupport MESSAGES = new SglSupport(false, true, Integer.MAX_VALUE);

    /**
     * Checks the ranges.
     *
     * @param keyedDataBlocks true for keyed data blocks
     * @param transportDataBlocks true for transport data blocks
     * @param maxInCapsuleData bytes, 0 or more
     */
    public SglSupport {
        Require.notNegative("maxInCapsuleData", maxInCapsuleData);
    }
}
