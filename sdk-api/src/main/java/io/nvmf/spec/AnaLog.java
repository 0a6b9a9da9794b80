package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Asymmetric Namespace Access log page, 0Ch (NVMe Base Specification, "Asymmetric Namespace Access").
 *
 * @param changeCount CHGCNT, unsigned
 * @param groups the ANA groups
 */
public record AnaLog(long changeCount, List<Group> groups) {
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 16;
    /** Bytes of a group without its namespaces. */
    public static final int GROUP_LENGTH = 32;
    /** LSP bit of Get Log Page: return groups without their namespaces. */
    public static final int LSP_GROUPS_ONLY = 1;

    private static final int NGRPS = 8;
    private static final int NNSIDS = 4;
    private static final int GROUP_CHGCNT = 8;
    private static final int STATE = 16;

    /**
     * One ANA group.
     *
     * @param id GRPID, unsigned
     * @param changeCount CHGCNT of the group, unsigned
     * @param state ANA state as on the wire, 0..15
     * @param nsids namespaces of the group; empty if only groups were asked for
     */
    public record Group(int id, long changeCount, int state, List<Integer> nsids) {
        /** {@return the state by name, empty for reserved values} */
        public Optional<AnaState> anaState() {
            return AnaState.find(state);
        }
    }

    /**
     * Reads a page.
     *
     * @param buffer holds the page up to its writer index
     * @param index absolute index of the page
     * @return the page
     * @throws SpecificationViolationException if a count reaches beyond the bytes there are
     */
    public static AnaLog decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, HEADER_LENGTH, "ANA log");
        int count = buffer.getUnsignedShortLE(index + NGRPS);
        Wire.requireReadable(buffer, index, HEADER_LENGTH + (long) GROUP_LENGTH * count, "ANA log");
        List<Group> groups = new ArrayList<>(count);
        int at = index + HEADER_LENGTH;
        for (int i = 0; i < count; i++) {
            Wire.requireReadable(buffer, at, GROUP_LENGTH, "ANA group");
            long members = buffer.getUnsignedIntLE(at + NNSIDS);
            long available = ((long) buffer.writerIndex() - at - GROUP_LENGTH) / 4;
            if (members > available) {
                throw new SpecificationViolationException(
                        "NNSIDS", members, at - index + NNSIDS, "only " + available + " identifiers follow");
            }
            List<Integer> nsids = new ArrayList<>((int) members);
            for (int n = 0; n < members; n++) {
                nsids.add(buffer.getIntLE(at + GROUP_LENGTH + 4 * n));
            }
            groups.add(new Group(
                    buffer.getIntLE(at),
                    buffer.getLongLE(at + GROUP_CHGCNT),
                    buffer.getByte(at + STATE) & 0xF,
                    List.copyOf(nsids)));
            at += GROUP_LENGTH + 4 * (int) members;
        }
        return new AnaLog(buffer.getLongLE(index), List.copyOf(groups));
    }

    /** {@return bytes of the encoded page} */
    public int length() {
        int identifiers =
                groups.stream().mapToInt(group -> group.nsids().size()).sum();
        return HEADER_LENGTH + GROUP_LENGTH * groups.size() + 4 * identifiers;
    }

    /**
     * Writes the page.
     *
     * @param buffer receives {@link #length} bytes
     * @param index absolute index of the page
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("NGRPS", groups.size(), 0, 0xFFFF);
        buffer.setZero(index, length());
        buffer.setLongLE(index, changeCount);
        buffer.setShortLE(index + NGRPS, groups.size());
        int at = index + HEADER_LENGTH;
        for (Group group : groups) {
            buffer.setIntLE(at, group.id());
            buffer.setIntLE(at + NNSIDS, group.nsids().size());
            buffer.setLongLE(at + GROUP_CHGCNT, group.changeCount());
            buffer.setByte(at + STATE, group.state());
            at += GROUP_LENGTH;
            for (int nsid : group.nsids()) {
                buffer.setIntLE(at, nsid);
                at += 4;
            }
        }
    }
}
