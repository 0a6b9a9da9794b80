package io.nvmf.subsystem;

import io.nvmf.spec.Nqn;
import io.nvmf.spec.Require;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an NVM subsystem is made of. Immutable: each method returns a changed copy.
 *
 * <p>Namespaces are shared: every controller of the subsystem sees all of them, unless it is that of a host which has
 * {@linkplain #hostNamespaces its own}. Their identifiers (NGUID and UUID) are
 * made of the subsystem's name and the NSID, so they are the same after a restart.
 */
public final class SubsystemOptions {

    /** Model number when not set. */
    public static final String DEFAULT_MODEL = "nvmf-sdk";

    /** Largest NSID; each identify of the highest ones is still only one list. */
    public static final int MAX_NSID = 0xFFFF;

    private static final int SERIAL_LENGTH = 20;
    private static final int MODEL_LENGTH = 40;

    private final String nqn;
    private final SortedMap<Integer, BlockStore> namespaces;
    private final String serialNumber;
    private final String model;
    private final Set<String> allowedHosts;

    /** Ascending, by host; hosts that are not here see all. */
    private final Map<String, SortedSet<Integer>> hostNamespaces;

    private SubsystemOptions(
            String nqn,
            SortedMap<Integer, BlockStore> namespaces,
            String serialNumber,
            String model,
            Set<String> allowedHosts,
            Map<String, SortedSet<Integer>> hostNamespaces) {
        this.nqn = nqn;
        this.namespaces = namespaces;
        this.serialNumber = serialNumber;
        this.model = model;
        this.allowedHosts = allowedHosts;
        this.hostNamespaces = hostNamespaces;
    }

    /**
     * A subsystem without namespaces that admits every host.
     *
     * @param nqn its name, not the one of discovery subsystems
     * @return a new specification
     * @throws IllegalArgumentException if the name is not valid
     */
    public static SubsystemOptions of(String nqn) {
        if (Nqn.require(nqn).equals(Nqn.DISCOVERY)) {
            throw new IllegalArgumentException(nqn + " is the discovery subsystem, which every target has");
        }
        String serial = String.format("%08x", Arrays.hashCode(nqn.getBytes(StandardCharsets.UTF_8)));
        return new SubsystemOptions(nqn, new TreeMap<>(), serial, DEFAULT_MODEL, Set.of(), Map.of());
    }

    /**
     * Adds a namespace. The target closes the store when it is closed, see {@link BlockStore#keepOpen()}.
     *
     * @param nsid its identifier, 1..{@value #MAX_NSID}
     * @param store its blocks
     * @return a changed copy
     * @throws IllegalArgumentException if the identifier is out of range or taken
     */
    public SubsystemOptions namespace(int nsid, BlockStore store) {
        Require.range("nsid", nsid, 1, MAX_NSID);
        SortedMap<Integer, BlockStore> copy = new TreeMap<>(namespaces);
        if (copy.put(nsid, Objects.requireNonNull(store, "store")) != null) {
            throw new IllegalArgumentException("nsid " + nsid + " is there already");
        }
        return new SubsystemOptions(nqn, copy, serialNumber, model, allowedHosts, hostNamespaces);
    }

    /**
     * Sets the serial number (SN); made of the name when not set.
     *
     * @param value at most 20 ASCII characters
     * @return a changed copy
     */
    public SubsystemOptions serialNumber(String value) {
        return new SubsystemOptions(
                nqn, namespaces, ascii("serialNumber", value, SERIAL_LENGTH), model, allowedHosts, hostNamespaces);
    }

    /**
     * Sets the model number (MN); {@value #DEFAULT_MODEL} when not set.
     *
     * @param value at most 40 ASCII characters
     * @return a changed copy
     */
    public SubsystemOptions model(String value) {
        return new SubsystemOptions(
                nqn, namespaces, serialNumber, ascii("model", value, MODEL_LENGTH), allowedHosts, hostNamespaces);
    }

    /**
     * Admits these hosts, in addition to those named before, and no others. When never called, every host is admitted.
     *
     * @param hostNqns names of hosts
     * @return a changed copy
     */
    public SubsystemOptions allowHosts(String... hostNqns) {
        Set<String> copy = new LinkedHashSet<>(allowedHosts);
        for (String host : hostNqns) {
            copy.add(Nqn.require(host));
        }
        return new SubsystemOptions(nqn, namespaces, serialNumber, model, copy, hostNamespaces);
    }

    /**
     * Admits a host as {@link #allowHosts} does, and shows it these namespaces, in addition to those named for it
     * before, and no others: for this host there are none but these. They need not be there yet.
     *
     * @param hostNqn name of the host
     * @param nsids identifiers, each 1..{@value #MAX_NSID}; none for a host that is to see nothing yet
     * @return a changed copy
     * @throws IllegalArgumentException if the name is not valid or an identifier out of range
     */
    public SubsystemOptions hostNamespaces(String hostNqn, int... nsids) {
        SubsystemOptions admitting = allowHosts(hostNqn);
        SortedSet<Integer> visible = new TreeSet<>(hostNamespaces.getOrDefault(hostNqn, new TreeSet<>()));
        for (int nsid : nsids) {
            visible.add(Require.range("nsid", nsid, 1, MAX_NSID));
        }
        Map<String, SortedSet<Integer>> copy = new HashMap<>(hostNamespaces);
        copy.put(hostNqn, Collections.unmodifiableSortedSet(visible));
        return new SubsystemOptions(nqn, namespaces, serialNumber, model, admitting.allowedHosts, Map.copyOf(copy));
    }

    private static String ascii(String name, String value, int length) {
        if (value.length() > length || !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                    name + " \"" + value + "\" is not ASCII of at most " + length + " characters");
        }
        return value;
    }

    /**
     * The name.
     *
     * @return the NQN
     */
    public String nqn() {
        return nqn;
    }

    /** {@return the stores by namespace identifier; not to be changed} */
    public SortedMap<Integer, BlockStore> namespaces() {
        return namespaces;
    }

    /** {@return the serial number, SN of Identify Controller} */
    public String serialNumber() {
        return serialNumber;
    }

    /** {@return the model number, MN of Identify Controller} */
    public String model() {
        return model;
    }

    /**
     * Whether a host may connect.
     *
     * @param hostNqn its name
     * @return true for those that were allowed, and for all if none was
     */
    public boolean admits(String hostNqn) {
        return allowedHosts.isEmpty() || allowedHosts.contains(hostNqn);
    }

    /**
     * Which namespaces a host may see.
     *
     * @param hostNqn its name
     * @return their identifiers, whether they are there or not; empty if it sees all
     */
    public Optional<SortedSet<Integer>> namespacesOf(String hostNqn) {
        return Optional.ofNullable(hostNamespaces.get(hostNqn));
    }
}
