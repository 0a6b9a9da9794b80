/**
 * The page in a real browser: headless Chromium, driven by Selenium, against the gateway in the same process. Run by
 * {@code mvn -Pbrowser verify}, where Debian's packages {@code chromium} and {@code chromium-driver} are installed.
 * What a test waits for comes within half a minute, or the test fails; transfers of gigabytes have two minutes.
 */
@NullMarked
package io.nvmf.samples.webflux.browser;

import org.jspecify.annotations.NullMarked;
