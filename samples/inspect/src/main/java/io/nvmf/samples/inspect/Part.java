package io.nvmf.samples.inspect;

import java.util.List;

/** A part of what is shown. */
sealed interface Part {

    /** {@return what it is, in the specification's words} */
    String title();

    /**
     * Values of one thing.
     *
     * @param title what it is
     * @param fields its values
     */
    record One(String title, List<Field> fields) implements Part {}

    /**
     * Values of several things of a kind.
     *
     * @param title what they are
     * @param columns names of their values
     * @param rows the values of each, in the order of the columns
     */
    record Many(String title, List<String> columns, List<List<Field>> rows) implements Part {}
}
