package io.nvmf.spring.properties;

import java.util.List;

/** A property whose value cannot be used. The message names the property, its value and what is allowed. */
public final class InvalidNvmePropertyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** An array, because a list need not be serializable. */
    private final String[] properties;

    InvalidNvmePropertyException(String message, String... properties) {
        super(message);
        this.properties = properties.clone();
    }

    /**
     * The properties that are to be changed.
     *
     * @return one name, or two that contradict each other
     */
    public List<String> properties() {
        return List.of(properties);
    }
}
