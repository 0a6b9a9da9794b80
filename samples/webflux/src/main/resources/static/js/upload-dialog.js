import { byId, setText } from './dom.js';
import { judge, readBytes, wire } from './form.js';
import { size } from './format.js';

/** Asks which file goes where. */
export class UploadDialog {
    #dialog = byId('upload-dialog');
    #file = byId('upload-file');
    #drop = byId('upload-drop');
    /** @type {import('./namespaces.js').Namespace | null} */
    #namespace = null;
    #start;

    /** @param {(namespace: import('./namespaces.js').Namespace, file: File, offset: number) => void} start */
    constructor(start) {
        this.#start = start;
        wire(this.#dialog, () => this.#submit());
        this.#file.addEventListener('change', () => this.#fileChosen());
        this.#drop.addEventListener('dragover', (/** @type {DragEvent} */ event) => {
            event.preventDefault();
            this.#drop.dataset.over = '';
        });
        this.#drop.addEventListener('dragleave', () => delete this.#drop.dataset.over);
        this.#drop.addEventListener('drop', (/** @type {DragEvent} */ event) => {
            event.preventDefault();
            delete this.#drop.dataset.over;
            if (event.dataTransfer?.files.length) {
                this.#file.files = event.dataTransfer.files;
                this.#fileChosen();
            }
        });
    }

    /** @param {import('./namespaces.js').Namespace} namespace */
    open(namespace) {
        this.#namespace = namespace;
        byId('upload-form').reset();
        judge('upload-file', null);
        judge('upload-offset', null);
        this.#fileChosen();
        setText(byId('upload-title'), `Upload into namespace ${namespace.nsid}`);
        setText(byId('upload-lead'), `It holds ${size(namespace.bytes)} in blocks of ${size(namespace.blockSize)}.`);
        this.#dialog.showModal();
    }

    #fileChosen() {
        const file = this.#file.files[0];
        setText(
            byId('upload-file-hint'),
            file ? `${size(file.size)} in this file.` : 'Choose a file, or drop one here.',
        );
        if (file) {
            judge('upload-file', null);
        }
    }

    /** @returns {boolean} */
    #submit() {
        const namespace = this.#namespace;
        const file = this.#file.files[0];
        if (!namespace) {
            return true;
        }
        const problem = !file
            ? 'Choose a file first.'
            : file.size === 0
              ? 'This file is empty.'
              : file.size > namespace.bytes
                ? `This file is larger than the namespace, by ${size(file.size - namespace.bytes)}.`
                : null;
        const most = problem ? namespace.bytes : namespace.bytes - file.size;
        const offset = readBytes('upload-offset', 0, most);
        if (!judge('upload-file', problem) || offset === null) {
            return false;
        }
        this.#start(namespace, file, offset);
        return true;
    }
}
