package io.nvmf.subsystem.engine;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.LogPage;

/**
 * The thresholds of the composite temperature (feature 04h). There is nothing to measure, so the temperature is always
 * the same, but a host can put a threshold on the other side of it and finds the warning that follows.
 */
final class TemperatureThresholds {

    /** The composite temperature in kelvins: 25 degrees Celsius. */
    static final int TEMPERATURE = 298;

    /** Bit of the temperature in the critical warning of the SMART log and in Asynchronous Event Configuration. */
    static final int WARNING = 1 << 1;

    /** SMART / health status: temperature threshold. */
    static final AsyncEvent EVENT = new AsyncEvent(AsyncEvent.TYPE_SMART_HEALTH, 1, LogPage.SMART_HEALTH, 0);

    private static final int UNDER = 1 << 20;
    private static final int SENSOR = 0xF << 16;
    private static final int TYPE = 3 << 20;
    private static final int THRESHOLD = 0xFFFF;

    private int over;
    private int under;

    TemperatureThresholds() {
        reset();
    }

    void reset() {
        over = THRESHOLD;
        under = 0;
    }

    /** Takes CDW11 of Set Features; false if it is of a sensor that is not there, or of a reserved kind. */
    boolean set(int value) {
        if ((value & SENSOR) != 0 || (value & TYPE & ~UNDER) != 0) {
            return false;
        }
        if ((value & UNDER) != 0) {
            under = value & THRESHOLD;
        } else {
            over = value & THRESHOLD;
        }
        return true;
    }

    /** The threshold that CDW11 of Get Features asks for. */
    int get(int value) {
        return (value & UNDER) != 0 ? under : over;
    }

    /** Whether the temperature is at or beyond one of them. */
    boolean crossed() {
        return TEMPERATURE >= over || TEMPERATURE <= under;
    }
}
