import { element } from './dom.js';

const STEP_MS = 10_000;

/** The figures of a chart as a table, which is filled only while it is open. */
export class ChartTable {
    #series;
    #options;
    #body = element('tbody');
    #drawnAt = 0;
    /** What goes below the chart. */
    root;

    /**
     * @param {import('./series.js').Series} series
     * @param {import('./chart.js').ChartOptions} options
     */
    constructor(series, options) {
        this.#series = series;
        this.#options = options;
        const heads = options.lines.map(({ label }) => element('th', { scope: 'col', class: 'number' }, label));
        this.root = element(
            'details',
            { class: 'chart-table', ontoggle: () => this.#fill(Date.now()) },
            element('summary', {}, 'As a table'),
            element(
                'table',
                {},
                element('caption', { class: 'visually-hidden' }, `${options.title}, averages over ten seconds`),
                element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Seconds ago'), ...heads)),
                this.#body,
            ),
        );
    }

    /**
     * Called with every sample; the rows stand still for ten seconds, so that they can be read.
     *
     * @param {number} now
     */
    draw(now) {
        if (this.root.open && now - this.#drawnAt >= STEP_MS) {
            this.#fill(now);
        }
    }

    /** @param {number} now */
    #fill(now) {
        this.#drawnAt = now;
        const { lines, format } = this.#options;
        const columns = lines.map(({ key }) => this.#series.averages(key, now, STEP_MS));
        const steps = columns[0].map((_, step) => {
            const cells = columns.map((column) => {
                const value = column[step];
                return element('td', { class: 'number' }, value === null ? '–' : format(value));
            });
            const from = (step * STEP_MS) / 1000;
            return element('tr', {}, element('th', { scope: 'row' }, `${from} to ${from + STEP_MS / 1000}`), ...cells);
        });
        this.#body.replaceChildren(...steps);
    }
}
