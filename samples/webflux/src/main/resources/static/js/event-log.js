import { byId, element } from './dom.js';
import { clock } from './format.js';

const KEPT = 200;

/** What has happened, newest first. */
export class EventLog {
    #list = byId('events');

    constructor() {
        byId('clear-events').addEventListener('click', () => {
            this.#list.replaceChildren();
            this.#showOrHide();
            byId('events-title').focus();
        });
    }

    /** @param {{time: string, kind: string, text: string}} event */
    add({ time, kind, text }) {
        const entry = element(
            'li',
            {},
            element('time', { datetime: time }, clock(time)),
            element('span', { class: 'event-kind' }, spaced(kind)),
            element('span', { class: 'event-text' }, text),
        );
        this.#list.prepend(entry);
        while (this.#list.children.length > KEPT) {
            this.#list.lastElementChild?.remove();
        }
        this.#showOrHide();
    }

    #showOrHide() {
        const empty = this.#list.children.length === 0;
        byId('events-scroll').hidden = empty;
        byId('clear-events').hidden = empty;
        byId('no-events').hidden = !empty;
    }
}

/**
 * @param {string} kind "NamespacesChanged"
 * @returns {string} "Namespaces changed"
 */
function spaced(kind) {
    return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
