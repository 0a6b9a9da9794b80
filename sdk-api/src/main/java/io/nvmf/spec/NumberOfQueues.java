package io.nvmf.spec;

/**
 * Feature 07h: how many I/O queues a host asks for and a controller grants; both directions have the same layout.
 *
 * @param submissionQueues number of I/O submission queues, 1..65536; one more than the 0's based field
 * @param completionQueues number of I/O completion queues, 1..65536; one more than the 0's based field
 */
public record NumberOfQueues(int submissionQueues, int completionQueues) {
    /**
     * Reads CDW11 of the command or dword 0 of its response.
     *
     * @param dword the dword
     * @return the numbers, made 1's based
     */
    public static NumberOfQueues decode(int dword) {
        return new NumberOfQueues((dword & 0xFFFF) + 1, (dword >>> 16) + 1);
    }

    /** {@return CDW11 of the command or dword 0 of its response} */
    public int encode() {
        Require.range("submission queues", submissionQueues, 1, 0x10000);
        Require.range("completion queues", completionQueues, 1, 0x10000);
        return (submissionQueues - 1) | (completionQueues - 1) << 16;
    }

    /** {@return how many queue pairs can be made of these queues} */
    public int queuePairs() {
        return Math.min(submissionQueues, completionQueues);
    }
}
