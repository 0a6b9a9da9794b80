import { getJson, post } from './api.js';
import { announce } from './announce.js';
import { byId, setText } from './dom.js';
import { duration } from './format.js';

/**
 * @typedef {{state: string, attempt: number | null, next: string | null, address: string | null,
 *     subsystem: string | null, controller: number | null, demo?: boolean}} State
 */

/** @type {Record<string, {word: string, tone: string, said: string}>} tone: how it is coloured; said: as a sentence */
const WORDS = {
    live: { word: 'Live', tone: 'good', said: 'The association is live.' },
    connecting: { word: 'Connecting', tone: 'busy', said: 'Connecting to the target.' },
    resetting: { word: 'Resetting', tone: 'busy', said: 'The controller is being reset.' },
    reconnecting: { word: 'Reconnecting', tone: 'busy', said: 'The association is lost. Reconnecting.' },
    lost: { word: 'Lost', tone: 'bad', said: 'The association is lost for good.' },
    closed: { word: 'Closed', tone: 'idle', said: 'The association is closed.' },
};

/** Shows what the association is doing, and counts down to the next attempt while it is being made again. */
export class Association {
    #onTurn;
    /** @type {State | null} */
    #state = null;
    /** When it turned to what it is, by Date.now(). */
    #since = Date.now();
    /** When it was live last. */
    #liveUntil = Date.now();

    /** @param {(name: string, sentence: string) => void} onTurn called when it turns from one state to another */
    constructor(onTurn) {
        this.#onTurn = onTurn;
        setInterval(() => this.#showDetail(), 250);
        byId('interrupt').addEventListener('click', () => this.#interrupt());
    }

    async #interrupt() {
        const error = byId('interrupt-error');
        error.hidden = true;
        try {
            await post('/api/demo/interrupt?seconds=5');
        } catch (failure) {
            setText(error, failure.message);
            error.hidden = false;
        }
    }

    /** @returns {boolean} */
    get live() {
        return this.#state?.state === 'live';
    }

    /** Asks for the state, for when it was not told. */
    async refresh() {
        try {
            this.show(await getJson('/api/state'));
        } catch {
            // The gateway is gone: the top of the page says so.
        }
    }

    /** @param {State} told */
    show(told) {
        const before = this.#state;
        const state = { ...told, state: nameOf(told) };
        const words = WORDS[state.state] ?? { word: state.state, tone: 'idle', said: state.state };
        this.#state = state;
        if (before?.state !== state.state) {
            this.#turned(before, state, words.said);
        }
        byId('connection').dataset.tone = words.tone;
        byId('connection').dataset.state = state.state;
        setText(byId('state-word'), words.word);
        setText(byId('fact-address'), state.address ?? '–');
        setText(byId('fact-subsystem'), state.subsystem ?? '–');
        setText(byId('fact-controller'), state.controller == null ? '–' : String(state.controller));
        byId('interrupt').hidden = !state.demo;
        document.title = state.state === 'live' ? 'NVMe gateway' : `${words.word} · NVMe gateway`;
        this.#showDetail();
    }

    /**
     * @param {State | null} before
     * @param {State} state
     * @param {string} said
     */
    #turned(before, state, said) {
        const now = Date.now();
        this.#since = now;
        if (before?.state === 'live') {
            this.#liveUntil = now;
        }
        if (before) {
            const back = state.state === 'live' && before.state !== 'connecting';
            const sentence = back ? `${said} It was away for ${duration((now - this.#liveUntil) / 1000)}.` : said;
            announce(sentence);
            this.#onTurn(state.state, sentence);
        }
    }

    #showDetail() {
        if (this.#state) {
            setText(byId('state-detail'), this.#detail(this.#state));
        }
    }

    /**
     * @param {State} state
     * @returns {string}
     */
    #detail({ state, attempt, next }) {
        switch (state) {
            case 'live':
                return `Up for ${duration((Date.now() - this.#since) / 1000)}`;
            case 'resetting':
                return 'The controller starts anew';
            case 'connecting':
            case 'reconnecting': {
                const seconds = next === null ? 0 : (Date.parse(next) - Date.now()) / 1000;
                const when = seconds > 0 ? `next in ${seconds.toFixed(1)} s` : 'under way';
                return attempt ? `Attempt ${attempt}, ${when}` : 'Under way';
            }
            case 'lost':
                return 'The target did not come back in time';
            default:
                return 'Ended by the gateway';
        }
    }
}

/**
 * The name of a state. The gateway is connecting in each attempt; for people it is reconnecting from the loss on, also
 * while an attempt is under way.
 *
 * @param {State} state
 * @returns {string}
 */
function nameOf({ state, controller }) {
    return state === 'connecting' && controller != null ? 'reconnecting' : state;
}
