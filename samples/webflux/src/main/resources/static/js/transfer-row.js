import { announce } from './announce.js';
import { element, setText, svg } from './dom.js';
import { duration, rate, size } from './format.js';

/** Speeds are of about the last second: shorter would flicker, longer would hide that something stands still. */
const SMOOTHING = 0.3;
const SPEED_EVERY_MS = 250;
let rows = 0;

/**
 * @typedef {{title: string, direction: 'download' | 'upload', nsid: number, total: number, cancel?: () => void
 *     }} RowOptions cancel: given for transfers that this page makes
 */

/** One transfer of the list: its bar, its figures and how it ended. */
export class TransferRow {
    #options;
    #onEnd;
    #started = performance.now();
    #bytes = 0;
    #speed = 0;
    #speedAt = performance.now();
    #speedBytes = 0;
    #bar;
    #percent = element('span', { class: 'transfer-percent' }, '0 %');
    #detail = element('p', { class: 'transfer-detail' }, 'Starting');
    #actions = element('div', { class: 'transfer-actions' });
    /** The list item. */
    root;
    ended = false;
    /** Whether the gateway has spoken of it. */
    known = false;

    /**
     * @param {RowOptions} options
     * @param {() => void} onEnd
     */
    constructor(options, onEnd) {
        this.#options = options;
        this.#onEnd = onEnd;
        const id = `transfer-${++rows}`;
        this.#bar = element('progress', { max: options.total, value: 0, 'aria-labelledby': id });
        const path = options.direction === 'upload' ? 'M8 13V3M4 7l4-4 4 4' : 'M8 3v10M4 9l4 4 4-4';
        const icon = svg(
            'svg',
            { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' },
            svg('path', { d: path }),
        );
        if (options.cancel) {
            this.#button('Cancel', options.cancel);
        }
        this.root = element(
            'li',
            { class: 'transfer', 'data-tone': 'busy' },
            element(
                'div',
                { class: 'transfer-head' },
                icon,
                element('span', { class: 'transfer-title', id }, options.title),
                this.#percent,
            ),
            this.#bar,
            element('div', { class: 'transfer-foot' }, this.#detail, this.#actions),
        );
    }

    /** @returns {boolean} whether leaving the page would end something that cannot be begun again without a file */
    get endsWithPage() {
        return Boolean(this.#options.cancel) && this.#options.direction === 'upload';
    }

    /**
     * @param {string} direction
     * @param {number} nsid
     * @param {number} total
     * @returns {boolean} whether this is what the row shows
     */
    is(direction, nsid, total) {
        return this.#options.direction === direction && this.#options.nsid === nsid && this.#options.total === total;
    }

    /** @param {number} bytes what the browser has sent or received */
    progress(bytes) {
        if (!this.ended) {
            this.#show(bytes, this.root.dataset.tone === 'paused');
        }
    }

    /**
     * What the gateway says. Of a transfer of this page it knows better whether it waits for the target; how far it
     * is, the browser says more often.
     *
     * @param {import('./transfers.js').Told} told
     */
    told(told) {
        if (this.ended) {
            return;
        }
        this.known = true;
        const own = Boolean(this.#options.cancel);
        if (told.done && !own) {
            this.#toldEnd(told);
        } else {
            this.#show(own ? this.#bytes : told.bytes, told.paused);
        }
    }

    /** @param {import('./transfers.js').Told} told */
    #toldEnd({ bytes, total, failure }) {
        this.#show(bytes, false);
        if (failure) {
            this.fail(failure);
        } else if (bytes < total) {
            this.#end('idle', `Ended by the client after ${size(bytes)}.`);
        } else {
            this.finish(`${size(bytes)} in ${duration((performance.now() - this.#started) / 1000)}`);
        }
    }

    /**
     * @param {string} text what came of it
     * @param {{label: string, run: () => void}} [action] what can be done next
     */
    finish(text, action) {
        this.#show(this.#options.total, false);
        this.#end('good', text);
        if (action) {
            this.#button(action.label, action.run);
        }
        announce(`${this.#options.title}: done. ${text}`);
    }

    /** @param {string} text why, as a sentence */
    fail(text) {
        this.#end('bad', text);
        announce(`${this.#options.title}: failed. ${text}`);
    }

    /** Somebody did not want it any more. */
    cancelled() {
        this.#end('idle', `Cancelled after ${size(this.#bytes)}.`);
    }

    /**
     * @param {string} tone
     * @param {string} text
     */
    #end(tone, text) {
        this.ended = true;
        this.root.dataset.tone = tone;
        setText(this.#detail, text);
        this.#actions.replaceChildren();
        this.#onEnd();
    }

    /**
     * @param {number} bytes
     * @param {boolean} paused
     */
    #show(bytes, paused) {
        this.#bytes = bytes;
        this.#measure();
        const { total } = this.#options;
        this.#bar.value = bytes;
        setText(this.#percent, `${total ? Math.floor((bytes / total) * 100) : 100} %`);
        this.root.dataset.tone = paused ? 'paused' : 'busy';
        const parts = [`${size(bytes)} of ${size(total)}`];
        if (paused) {
            parts.push('waiting for the target');
        } else if (bytes === total) {
            parts.push('finishing');
        } else if (this.#speed > 0) {
            parts.push(rate(this.#speed), `${duration((total - bytes) / this.#speed)} left`);
        }
        setText(this.#detail, parts.join(' · '));
    }

    #measure() {
        const now = performance.now();
        const elapsed = now - this.#speedAt;
        if (elapsed >= SPEED_EVERY_MS) {
            const current = ((this.#bytes - this.#speedBytes) / elapsed) * 1000;
            this.#speed = this.#speed ? this.#speed + SMOOTHING * (current - this.#speed) : current;
            this.#speedAt = now;
            this.#speedBytes = this.#bytes;
        }
    }

    /**
     * @param {string} label
     * @param {() => void} run
     */
    #button(label, run) {
        this.#actions.append(
            element(
                'button',
                { type: 'button', class: 'button small', onclick: run },
                label,
                element('span', { class: 'visually-hidden' }, ` ${this.#options.title}`),
            ),
        );
    }
}
