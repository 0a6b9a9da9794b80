package io.nvmf.command;

/**
 * Logical blocks of a namespace.
 *
 * @param lba the first block, as an unsigned number
 * @param blocks how many, 1..65,536
 */
public record BlockRange(long lba, int blocks) {

    @Override
    public String toString() {
        String first = "LBA " + Long.toUnsignedString(lba);
        return blocks == 1 ? first : first + ".." + Long.toUnsignedString(lba + blocks - 1);
    }
}
