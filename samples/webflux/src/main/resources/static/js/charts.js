import { Chart } from './chart.js';
import { byId } from './dom.js';
import { latency, rate } from './format.js';
import { Series } from './series.js';

/**
 * What the gateway says once a second. Latencies are null while nothing of their kind completes.
 *
 * @typedef {{readBytes: number, writeBytes: number, readP50: number | null, readP99: number | null,
 *     writeP50: number | null, writeP99: number | null, inFlight: number}} Rates
 */

/** Throughput and latency of the last two minutes. */
export class Charts {
    #series = new Series();
    #throughput = new Chart(byId('throughput'), this.#series, {
        title: 'Throughput',
        lines: [
            { key: 'readBytes', label: 'Read', tone: 'read', kind: 'line', area: true },
            { key: 'writeBytes', label: 'Write', tone: 'write', kind: 'line', area: true },
        ],
        format: rate,
        floor: 1_000_000,
        extra: ({ key }) => `at most ${rate(this.#series.peak(key) ?? 0)}`,
    });
    #latency = new Chart(byId('latency'), this.#series, {
        title: 'Latency',
        lines: [
            { key: 'readP50', label: 'Read, median', tone: 'read', kind: 'line' },
            { key: 'readP99', label: 'Read, 99th percentile', tone: 'read', kind: 'dashed' },
            { key: 'writeP50', label: 'Write, median', tone: 'write', kind: 'line' },
            { key: 'writeP99', label: 'Write, 99th percentile', tone: 'write', kind: 'dashed' },
        ],
        format: latency,
        floor: 0.1,
        extra: ({ tone }, values) => {
            const slow = values?.[tone === 'read' ? 'readP99' : 'writeP99'];
            return `p99 ${slow == null ? '–' : latency(slow)}`;
        },
    });

    /**
     * @param {Rates} rates
     * @param {boolean} live whether the association is
     */
    add(rates, live) {
        this.#series.add({ at: Date.now(), live, values: { ...rates } });
        this.#throughput.draw();
        this.#latency.draw();
    }
}
