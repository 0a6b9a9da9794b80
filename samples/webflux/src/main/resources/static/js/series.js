/** How far back the charts show. */
export const WINDOW_MS = 120_000;

/**
 * What the gateway said in the last two minutes, once a second.
 *
 * @typedef {Record<string, number | null>} Values null where nothing was measured, such as the latency of no reads
 * @typedef {{at: number, live: boolean, values: Values}} Sample at: by Date.now(); live: the association was
 */
export class Series {
    /** @type {Sample[]} */
    #samples = [];

    /** @param {Sample} sample */
    add(sample) {
        this.#samples.push(sample);
        const oldest = sample.at - WINDOW_MS;
        while (this.#samples[0].at < oldest) {
            this.#samples.shift();
        }
    }

    /** @returns {readonly Sample[]} oldest first */
    get samples() {
        return this.#samples;
    }

    /** @returns {Sample | undefined} */
    get last() {
        return this.#samples.at(-1);
    }

    /**
     * @param {string} key
     * @returns {number | null} the largest value, or null if there is none
     */
    peak(key) {
        let peak = null;
        for (const { values } of this.#samples) {
            const value = values[key];
            if (value != null && (peak === null || value > peak)) {
                peak = value;
            }
        }
        return peak;
    }

    /**
     * Averages over steps of time, for the table beside a chart.
     *
     * @param {string} key
     * @param {number} now
     * @param {number} stepMs
     * @returns {(number | null)[]} newest step first
     */
    averages(key, now, stepMs) {
        const steps = Array.from({ length: WINDOW_MS / stepMs }, () => ({ sum: 0, count: 0 }));
        for (const { at, values } of this.#samples) {
            const step = steps[Math.floor((now - at) / stepMs)];
            const value = values[key];
            if (step && value != null) {
                step.sum += value;
                step.count++;
            }
        }
        return steps.map(({ sum, count }) => (count ? sum / count : null));
    }

    /**
     * The sample nearest to a point of time.
     *
     * @param {number} when
     * @returns {Sample | undefined}
     */
    nearest(when) {
        let best;
        for (const sample of this.#samples) {
            if (!best || Math.abs(sample.at - when) < Math.abs(best.at - when)) {
                best = sample;
            }
        }
        return best;
    }
}
