import { byId, setText } from './dom.js';
import { parseBytes } from './format.js';

/**
 * Shows what is wrong with a field below it, or that nothing is.
 *
 * @param {string} field the field's id
 * @param {string | null} problem a sentence
 * @returns {boolean} whether the field is right
 */
export function judge(field, problem) {
    const input = byId(field);
    const error = byId(`${field}-error`);
    setText(error, problem ?? '');
    error.hidden = problem === null;
    input.toggleAttribute('aria-invalid', problem !== null);
    if (problem !== null) {
        input.setAttribute('aria-invalid', 'true');
    }
    return problem === null;
}

/**
 * Reads a field with a number of bytes.
 *
 * @param {string} field the field's id
 * @param {number} least
 * @param {number} most
 * @returns {number | null} null if it is none or not within the limits, which the page then says
 */
export function readBytes(field, least, most) {
    const bytes = parseBytes(byId(field).value);
    const problem =
        bytes === null
            ? 'This is no number of bytes. Write 4096 or 64 MiB, for example.'
            : bytes < least || bytes > most
              ? `Choose a number from ${least} to ${most}.`
              : null;
    return judge(field, problem) ? bytes : null;
}

/**
 * Makes a dialog's buttons work.
 *
 * @param {HTMLDialogElement} dialog
 * @param {() => boolean} submit true if the dialog may be closed
 */
export function wire(dialog, submit) {
    dialog.querySelector('[data-close]')?.addEventListener('click', () => dialog.close());
    dialog.querySelector('form')?.addEventListener('submit', (event) => {
        event.preventDefault();
        if (submit()) {
            dialog.close();
        } else {
            /** @type {HTMLElement | null} */ (dialog.querySelector('[aria-invalid]'))?.focus();
        }
    });
    // A click beside the dialog closes it: its own content fills it, so the dialog itself is hit at the backdrop only.
    dialog.addEventListener('click', (event) => {
        if (event.target === dialog) {
            dialog.close();
        }
    });
}
