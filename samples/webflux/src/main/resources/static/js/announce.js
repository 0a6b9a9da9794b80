import { byId } from './dom.js';

/**
 * Tells people who use a screen reader what just changed. Only for what matters to everybody: the connection is lost or
 * back, a transfer has ended. Figures that move are read when somebody goes to them.
 *
 * @param {string} text
 */
export function announce(text) {
    const announcer = byId('announcer');
    // The same text twice would not be read the second time.
    announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text;
}
