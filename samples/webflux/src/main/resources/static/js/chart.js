import { element, setText, svg } from './dom.js';
import { WINDOW_MS } from './series.js';
import { ChartTable } from './chart-table.js';

const HEIGHT = 168;
const TOP = 14;
const BOTTOM = 22;
const PLOT = HEIGHT - TOP - BOTTOM;
/** A hole in time longer than this is a hole in the line. */
const HOLE_MS = 2_500;

/**
 * @typedef {{key: string, label: string, tone: 'read' | 'write', kind: 'line' | 'dashed', area?: boolean}} Line
 * @typedef {{title: string, lines: Line[], format: (value: number) => string, floor: number,
 *     extra: (line: Line, values: import('./series.js').Values | null, series: import('./series.js').Series) => string
 *     }} ChartOptions
 *     floor: the least that the axis goes up to; extra: the small print below a line's figure
 */

/** Lines over the last two minutes, with their figures above, and the same as a table for who asks for it. */
export class Chart {
    #series;
    #options;
    #width = 400;
    /** @type {number | null} where the pointer is, in pixels */
    #pointer = null;
    #drawing = svg('svg', { class: 'chart', role: 'img', height: HEIGHT, focusable: 'false' });
    #figures = new Map();
    #when = element('p', { class: 'chart-when', 'aria-hidden': 'true' });
    #table;

    /**
     * @param {HTMLElement} parent
     * @param {import('./series.js').Series} series
     * @param {ChartOptions} options
     */
    constructor(parent, series, options) {
        this.#series = series;
        this.#options = options;
        this.#table = new ChartTable(series, options);
        parent.append(this.#legend(), this.#drawing, this.#table.root);
        new ResizeObserver(() => {
            this.#width = Math.max(200, parent.clientWidth);
            this.draw();
        }).observe(parent);
        this.#drawing.addEventListener('pointermove', (event) => this.#point(event.offsetX));
        this.#drawing.addEventListener('pointerleave', () => this.#point(null));
    }

    #legend() {
        const legend = element('dl', { class: 'legend' });
        for (const line of this.#options.lines.filter(({ kind }) => kind === 'line')) {
            const value = element('dd', { class: 'figure' }, '–');
            const small = element('dd', { class: 'figure-extra' }, '');
            this.#figures.set(line, { value, small });
            const swatch = element('span', { class: `swatch ${line.tone}`, 'aria-hidden': 'true' });
            legend.append(element('div', {}, element('dt', {}, swatch, line.label), value, small));
        }
        return element('div', { class: 'legend-row' }, legend, this.#when);
    }

    /** @param {number | null} x */
    #point(x) {
        this.#pointer = x;
        this.draw();
    }

    /** Draws what the series holds now. */
    draw() {
        const now = this.#series.last?.at ?? Date.now();
        const top = this.#top();
        const x = (/** @type {number} */ at) => this.#width - ((now - at) / WINDOW_MS) * this.#width;
        const y = (/** @type {number} */ value) => TOP + PLOT - (value / top) * PLOT;
        const pointed =
            this.#pointer === null
                ? undefined
                : this.#series.nearest(now - ((this.#width - this.#pointer) / this.#width) * WINDOW_MS);

        this.#drawing.setAttribute('viewBox', `0 0 ${this.#width} ${HEIGHT}`);
        this.#drawing.replaceChildren(
            svg('title', {}, this.#description()),
            ...this.#outages(x),
            ...this.#grid(top, y),
            ...this.#options.lines.flatMap((line) => this.#line(line, x, y)),
            ...(pointed ? this.#cursor(pointed, x, y) : []),
        );
        this.#drawing.setAttribute('aria-label', this.#description());
        this.#showFigures(pointed);
        setText(this.#when, pointed ? ago(now - pointed.at) : '');
        this.#table.draw(now);
    }

    #top() {
        const peaks = this.#options.lines.map(({ key }) => this.#series.peak(key) ?? 0);
        return roundUp(Math.max(this.#options.floor, ...peaks));
    }

    #description() {
        const { lines, format, title } = this.#options;
        const parts = lines.map(({ key, label }) => {
            const value = this.#series.last?.values[key];
            const peak = this.#series.peak(key);
            if (peak === null) {
                return `${label}: nothing measured`;
            }
            return `${label}: now ${value == null ? 'nothing' : format(value)}, at most ${format(peak)}`;
        });
        return `${title} in the last two minutes. ${parts.join('. ')}.`;
    }

    /** @param {import('./series.js').Sample | undefined} pointed */
    #showFigures(pointed) {
        const values = (pointed ?? this.#series.last)?.values ?? null;
        for (const [line, { value, small }] of this.#figures) {
            const figure = values?.[line.key];
            setText(value, figure == null ? '–' : this.#options.format(figure));
            setText(small, this.#options.extra(line, values, this.#series));
        }
    }

    /**
     * @param {number} top
     * @param {(value: number) => number} y
     */
    #grid(top, y) {
        const lines = [0, top / 2, top].map((value) => {
            const at = Math.round(y(value)) + 0.5;
            return svg('line', { class: value ? 'grid' : 'axis', x1: 0, x2: this.#width, y1: at, y2: at });
        });
        const labels = [top / 2, top].map((value) =>
            svg('text', { class: 'tick', x: 0, y: y(value) - 4 }, this.#options.format(value)),
        );
        const times = [
            { x: 0, anchor: 'start', text: '2 min ago' },
            { x: this.#width / 2, anchor: 'middle', text: '1 min' },
            { x: this.#width, anchor: 'end', text: 'now' },
        ].map(({ x, anchor, text }) => svg('text', { class: 'tick', x, y: HEIGHT - 5, 'text-anchor': anchor }, text));
        return [...lines, ...labels, ...times];
    }

    /**
     * Where the association was not live.
     *
     * @param {(at: number) => number} x
     */
    #outages(x) {
        const bands = [];
        const samples = this.#series.samples;
        for (let i = 0; i < samples.length; i++) {
            if (!samples[i].live) {
                const from = x(i > 0 ? samples[i - 1].at : samples[i].at);
                while (i + 1 < samples.length && !samples[i + 1].live) {
                    i++;
                }
                const width = Math.max(2, x(samples[i].at) - from);
                bands.push(svg('rect', { class: 'outage', x: from, y: TOP, width, height: PLOT }));
            }
        }
        return bands;
    }

    /**
     * @param {Line} line
     * @param {(at: number) => number} x
     * @param {(value: number) => number} y
     */
    #line(line, x, y) {
        const runs = this.#runs(line.key).map((run) =>
            run.map(({ at, value }) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`),
        );
        const drawn = [];
        if (line.area) {
            const bottom = y(0).toFixed(1);
            const areas = runs.map((points) => {
                const [first, last] = [points[0], points[points.length - 1]].map((point) => point.split(' ')[0]);
                return `M${first} ${bottom}L${points.join('L')}L${last} ${bottom}Z`;
            });
            drawn.push(svg('path', { class: `area ${line.tone}`, d: areas.join('') }));
        }
        // A run of one sample is a dot: a line of no length with round ends.
        const strokes = runs.map((points) => `M${points[0]}L${points.join('L')}`);
        drawn.push(svg('path', { class: `line ${line.tone} ${line.kind}`, d: strokes.join('') }));
        return drawn;
    }

    /**
     * @param {string} key
     * @returns stretches of time without a hole
     */
    #runs(key) {
        /** @type {{at: number, value: number}[][]} */
        const runs = [];
        let before = -Infinity;
        for (const { at, values } of this.#series.samples) {
            const value = values[key];
            if (value == null) {
                continue;
            }
            if (at - before > HOLE_MS) {
                runs.push([]);
            }
            runs[runs.length - 1].push({ at, value });
            before = at;
        }
        return runs;
    }

    /**
     * @param {import('./series.js').Sample} sample
     * @param {(at: number) => number} x
     * @param {(value: number) => number} y
     */
    #cursor({ at, values }, x, y) {
        const here = x(at);
        const dots = this.#options.lines
            .filter(({ key }) => values[key] != null)
            .map(({ key, tone }) =>
                svg('circle', { class: `dot ${tone}`, cx: here, cy: y(Number(values[key])), r: 3.5 }),
            );
        return [svg('line', { class: 'cursor', x1: here, x2: here, y1: TOP, y2: TOP + PLOT }), ...dots];
    }
}

/**
 * @param {number} value
 * @returns {number} the next number whose half is easily read, too
 */
function roundUp(value) {
    const power = 10 ** Math.floor(Math.log10(value));
    const step = [1, 2, 3, 4, 5, 6, 8, 10].find((factor) => value <= factor * power * (1 + 1e-9));
    return (step ?? 10) * power;
}

/**
 * @param {number} milliseconds
 * @returns {string}
 */
function ago(milliseconds) {
    const seconds = Math.round(milliseconds / 1000);
    return seconds === 0 ? 'now' : `${seconds} s ago`;
}
