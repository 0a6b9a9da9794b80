package io.nvmf.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which requirements of docs/compliance.md a test shows, each in the words of the table. The table and the tests are held to
 * each other: a test that a row cites claims the row, and whoever changes the words of a requirement has to look at its tests.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.METHOD)
public @interface Covers {

    /** Cells of the column "Requirement". */
    String[] value();
}
