/**
 * Talks to the gateway. Addresses are made absolute from the origin alone, because a page that was opened with a user's
 * name in its address must not fetch relative to that.
 */
const ORIGIN = self.location.origin;

/**
 * @param {string} path
 * @returns {string}
 */
export function address(path) {
    return new URL(path, ORIGIN).href;
}

/**
 * What went wrong, as a sentence.
 *
 * @param {number} status of HTTP
 * @param {string} body problem+json, or anything
 * @returns {string}
 */
export function sentence(status, body) {
    let text = '';
    try {
        const problem = JSON.parse(body);
        text = problem.detail || problem.title || '';
    } catch {
        // No JSON: a proxy's page, or nothing. The status has to do.
    }
    if (!text) {
        text =
            status === 401
                ? 'The gateway wants to know who you are: load this page again'
                : status === 403
                  ? 'You are not allowed to do this'
                  : `The gateway answered with status ${status}`;
    }
    text = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * Fetches, and fails with a sentence where the gateway answers with an error.
 *
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function send(path, options) {
    let response;
    try {
        response = await fetch(address(path), { credentials: 'same-origin', ...options });
    } catch {
        throw new Error('The gateway does not answer.');
    }
    if (!response.ok) {
        throw new Error(sentence(response.status, await response.text()));
    }
    return response;
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export async function getJson(path) {
    return (await send(path, { headers: { Accept: 'application/json' } })).json();
}

/**
 * @param {string} path
 * @returns {Promise<Response>}
 */
export function post(path) {
    return send(path, { method: 'POST', headers: { Accept: 'application/json' } });
}
