import { byId } from './dom.js';
import { TransferRow } from './transfer-row.js';

/** Of those that have ended; all that run are shown. */
const KEPT = 20;

/**
 * The list of transfers: those that this page makes, and those of other clients, which the gateway tells of.
 *
 * @typedef {{id: number, direction: 'download' | 'upload', nsid: number, bytes: number, total: number, paused: boolean,
 *     done: boolean, failure: string | null}} Told
 */
export class Transfers {
    /** @type {Set<TransferRow>} */
    #rows = new Set();
    /** @type {Map<number, TransferRow>} by the number that the gateway gave */
    #told = new Map();
    #list = byId('transfers');

    constructor() {
        byId('clear-transfers').addEventListener('click', () => {
            for (const row of this.#rows) {
                if (row.ended) {
                    this.#remove(row);
                }
            }
            this.#showOrHide();
            byId('transfers-title').focus();
        });
        window.addEventListener('beforeunload', (event) => {
            if ([...this.#rows].some((row) => row.endsWithPage && !row.ended)) {
                event.preventDefault();
            }
        });
    }

    /**
     * Adds a transfer on top.
     *
     * @param {import('./transfer-row.js').RowOptions} options
     * @returns {TransferRow}
     */
    add(options) {
        const row = new TransferRow(options, () => this.#showOrHide());
        this.#rows.add(row);
        this.#list.prepend(row.root);
        this.#forgetOldest();
        this.#showOrHide();
        return row;
    }

    /** @param {Told} told what the gateway says of a transfer */
    tell(told) {
        let row = this.#told.get(told.id);
        if (!row) {
            if (told.done) {
                return; // It was over before it could be shown.
            }
            row = this.#own(told) ?? this.#foreign(told);
            this.#told.set(told.id, row);
        }
        row.told(told);
    }

    /**
     * The transfer of this page that the gateway speaks of for the first time. It knows no names of ours, but what a
     * transfer is about says enough: of two that are the same, it does not matter which is which.
     *
     * @param {Told} told
     */
    #own({ direction, nsid, total }) {
        return [...this.#rows].find((row) => !row.ended && !row.known && row.is(direction, nsid, total));
    }

    /** @param {Told} told */
    #foreign({ direction, nsid, total }) {
        const title = direction === 'upload' ? `Upload into namespace ${nsid}` : `Download from namespace ${nsid}`;
        return this.add({ title, direction, nsid, total });
    }

    #forgetOldest() {
        for (const row of this.#rows) {
            if (this.#rows.size <= KEPT) {
                return;
            }
            if (row.ended) {
                this.#remove(row);
            }
        }
    }

    /** @param {TransferRow} row */
    #remove(row) {
        row.root.remove();
        this.#rows.delete(row);
        for (const [id, told] of this.#told) {
            if (told === row) {
                this.#told.delete(id);
            }
        }
    }

    #showOrHide() {
        byId('no-transfers').hidden = this.#rows.size > 0;
        byId('clear-transfers').hidden = ![...this.#rows].some((row) => row.ended);
    }
}
