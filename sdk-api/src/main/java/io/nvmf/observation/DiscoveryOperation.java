package io.nvmf.observation;

/** A client reads the log page of a discovery controller. */
public interface DiscoveryOperation extends Operation {

    /**
     * What was found.
     *
     * @return number of entries, 0 until the page is read
     */
    int entries();
}
