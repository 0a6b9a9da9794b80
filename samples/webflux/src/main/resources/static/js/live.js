import { address } from './api.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

/**
 * The gateway's events, for as long as the page is open. The browser's own EventSource gives up for good after some
 * errors and does not say when it tries again, so the retries are made here.
 *
 * @param {Record<string, (data: any) => void>} listeners by the name of the event
 * @param {(state: 'connecting' | 'live' | 'waiting', retryAt: number | null) => void} onState
 *     retryAt: when it tries again, by Date.now()
 */
export function listen(listeners, onState) {
    let failures = 0;

    function open() {
        const source = new EventSource(address('/api/events'));
        source.addEventListener('open', () => {
            failures = 0;
            onState('live', null);
        });
        source.addEventListener('error', () => {
            source.close();
            const delay = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
            onState('waiting', Date.now() + delay);
            setTimeout(() => {
                onState('connecting', null);
                open();
            }, delay);
        });
        for (const [name, listener] of Object.entries(listeners)) {
            source.addEventListener(name, (event) => listener(JSON.parse(event.data)));
        }
    }

    onState('connecting', null);
    open();
}
