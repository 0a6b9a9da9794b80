package io.nvmf.subsystem.engine;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The namespaces of a subsystem at one moment. Immutable. */
final class Namespaces {

    private final SortedMap<Integer, Namespace> sorted;
    private final IntObjectMap<Namespace> byNsid = new IntObjectHashMap<>();
    private final int[] nsids;
    private final int highest;

    private Namespaces(SortedMap<Integer, Namespace> sorted, int highestSoFar) {
        this.sorted = sorted;
        this.byNsid.putAll(sorted);
        this.nsids = sorted.keySet().stream().mapToInt(nsid -> nsid).toArray();
        this.highest = nsids.length == 0 ? highestSoFar : Math.max(highestSoFar, nsids[nsids.length - 1]);
    }

    static Namespaces of(Collection<Namespace> namespaces) {
        SortedMap<Integer, Namespace> sorted = new TreeMap<>();
        namespaces.forEach(namespace -> sorted.put(namespace.nsid(), namespace));
        return new Namespaces(sorted, 0);
    }

    Namespaces with(Namespace another) {
        SortedMap<Integer, Namespace> copy = new TreeMap<>(sorted);
        copy.put(another.nsid(), another);
        return new Namespaces(copy, highest);
    }

    Namespaces without(int nsid) {
        SortedMap<Integer, Namespace> copy = new TreeMap<>(sorted);
        copy.remove(nsid);
        return new Namespaces(copy, highest);
    }

    @Nullable
    Namespace get(int nsid) {
        return byNsid.get(nsid);
    }

    /** By ascending NSID. */
    Collection<Namespace> all() {
        return sorted.values();
    }

    /** Ascending; not to be changed. */
    int[] nsids() {
        return nsids;
    }

    /** The highest NSID that there is or has been, 0 if there was none. */
    int highest() {
        return highest;
    }
}
