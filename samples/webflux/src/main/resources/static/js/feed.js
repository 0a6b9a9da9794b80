import { announce } from './announce.js';
import { byId, setText } from './dom.js';
import { listen } from './live.js';

/**
 * Receives the gateway's events, and shows at the top of the page whether they arrive.
 *
 * @param {Record<string, (data: any) => void>} listeners by the name of the event
 */
export function feed(listeners) {
    const text = byId('feed-text');
    let retryAt = 0;
    let lost = false;

    listen(listeners, (state, at) => {
        byId('feed').dataset.feed = state;
        retryAt = at ?? 0;
        if (state === 'live') {
            setText(text, 'Live updates');
            if (lost) {
                announce('Live updates are back.');
            }
            lost = false;
        } else if (state === 'connecting') {
            setText(text, 'Connecting to the gateway');
        } else {
            if (!lost) {
                announce('Live updates are lost: the gateway does not answer.');
            }
            lost = true;
            countDown();
        }
    });

    function countDown() {
        if (retryAt) {
            const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
            setText(text, `No live updates, trying again in ${seconds} s`);
        }
    }

    setInterval(countDown, 250);
}
