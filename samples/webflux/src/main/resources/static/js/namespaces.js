import { getJson } from './api.js';
import { byId, element, setText } from './dom.js';
import { grouped, size } from './format.js';

/**
 * @typedef {{nsid: number, blockSize: number, blocks: number, bytes: number, identity: string | null,
 *     readOnly?: boolean, data: string}} Namespace
 */

/** The table of namespaces. */
export class Namespaces {
    #actions;

    /** @param {{upload: (namespace: Namespace) => void, verify: (namespace: Namespace) => void}} actions */
    constructor(actions) {
        this.#actions = actions;
        byId('refresh').addEventListener('click', () => this.load());
    }

    /** Asks the gateway, and shows what it says. */
    async load() {
        const error = byId('namespaces-error');
        try {
            const namespaces = await getJson('/api/namespaces');
            error.hidden = true;
            this.#show(namespaces);
        } catch (failure) {
            setText(error, failure.message);
            error.hidden = false;
        }
    }

    /** @param {Namespace[]} namespaces */
    #show(namespaces) {
        const rows = namespaces.map((namespace) => this.#row(namespace));
        if (rows.length === 0) {
            const text = 'The subsystem has no namespace that is attached to this controller.';
            rows.push(
                element('tr', { role: 'row' }, element('td', { role: 'cell', colspan: 4, class: 'quiet-cell' }, text)),
            );
        }
        byId('namespace-rows').replaceChildren(...rows);
    }

    /** @param {Namespace} namespace */
    #row(namespace) {
        const { nsid, blockSize, blocks, bytes, identity, readOnly } = namespace;
        return element(
            'tr',
            { role: 'row', 'data-nsid': nsid },
            element(
                'th',
                { role: 'rowheader', scope: 'row' },
                `Namespace ${nsid}`,
                identity
                    ? element('span', { class: 'identity given' }, identity)
                    : element('span', { class: 'identity' }, 'without a unique identifier'),
            ),
            element(
                'td',
                { role: 'cell', class: 'number', 'data-label': 'Size', title: `${grouped(bytes)} bytes` },
                size(bytes),
            ),
            element(
                'td',
                { role: 'cell', class: 'number', 'data-label': 'Blocks' },
                `${grouped(blocks)} × ${size(blockSize)}`,
            ),
            element(
                'td',
                { role: 'cell', class: 'actions' },
                readOnly
                    ? element('span', { class: 'locked' }, 'Write protected')
                    : this.#button('Upload', nsid, 'into', () => this.#actions.upload(namespace)),
                element(
                    'a',
                    { class: 'button small', href: namespace.data, download: `namespace-${nsid}.bin` },
                    'Download',
                    element('span', { class: 'visually-hidden' }, ` namespace ${nsid}`),
                ),
                this.#button('Verify', nsid, '', () => this.#actions.verify(namespace)),
            ),
        );
    }

    /**
     * @param {string} label
     * @param {number} nsid
     * @param {string} preposition
     * @param {() => void} run
     */
    #button(label, nsid, preposition, run) {
        return element(
            'button',
            { type: 'button', class: 'button small', onclick: run },
            label,
            element('span', { class: 'visually-hidden' }, ` ${preposition} namespace ${nsid}`),
        );
    }
}
