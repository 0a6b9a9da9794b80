package io.nvmf.samples.replicate;

import io.nvmf.NvmeClient;

/**
 * Where a namespace is: a URI as {@link NvmeClient#from} reads it, with {@code #ns=2} at its end for another namespace
 * than the first.
 *
 * @param uri of the subsystem
 * @param nsid NSID, unsigned
 */
record NamespaceAddress(String uri, int nsid) {

    private static final String FRAGMENT = "#ns=";
    private static final long MAX_NSID = 0xFFFF_FFFEL;

    /**
     * Reads the text.
     *
     * @throws IllegalArgumentException if it is no such URI
     */
    static NamespaceAddress parse(String text) {
        int fragment = text.indexOf('#');
        String uri = fragment < 0 ? text : text.substring(0, fragment);
        NvmeClient.from(uri);
        return new NamespaceAddress(uri, fragment < 0 ? 1 : nsid(text.substring(fragment)));
    }

    private static int nsid(String fragment) {
        if (!fragment.startsWith(FRAGMENT)) {
            throw new IllegalArgumentException("'" + fragment + "' is not " + FRAGMENT + "NSID");
        }
        String digits = fragment.substring(FRAGMENT.length());
        try {
            long value = Long.parseLong(digits);
            if (value >= 1 && value <= MAX_NSID) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("namespace '" + digits + "' is not a number", e);
        }
        throw new IllegalArgumentException("namespace " + digits + " is outside 1.." + MAX_NSID);
    }

    @Override
    public String toString() {
        return "namespace " + Integer.toUnsignedString(nsid) + " of " + uri;
    }
}
