import { byId, setText } from './dom.js';
import { judge, readBytes, wire } from './form.js';
import { size } from './format.js';

/** Asks which bytes of a namespace are to be read. */
export class VerifyDialog {
    #dialog = byId('verify-dialog');
    /** @type {import('./namespaces.js').Namespace | null} */
    #namespace = null;
    #start;

    /** @param {(namespace: import('./namespaces.js').Namespace, offset: number, length: number) => void} start */
    constructor(start) {
        this.#start = start;
        wire(this.#dialog, () => this.#submit());
    }

    /** @param {import('./namespaces.js').Namespace} namespace */
    open(namespace) {
        this.#namespace = namespace;
        byId('verify-form').reset();
        judge('verify-offset', null);
        judge('verify-length', null);
        setText(byId('verify-title'), `Verify namespace ${namespace.nsid}`);
        const whole = size(namespace.bytes);
        byId('verify-length').value = /^\d+ /.test(whole) ? whole : String(namespace.bytes);
        this.#dialog.showModal();
    }

    /** @returns {boolean} */
    #submit() {
        const namespace = this.#namespace;
        if (!namespace) {
            return true;
        }
        const offset = readBytes('verify-offset', 0, namespace.bytes - 1);
        const length = offset === null ? null : readBytes('verify-length', 1, namespace.bytes - offset);
        if (offset === null || length === null) {
            return false;
        }
        this.#start(namespace, offset, length);
        return true;
    }
}
