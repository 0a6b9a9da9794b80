/**
 * Computes the checksum of a file or of what a URL gives, apart from the page, so that the page stays quick.
 * One chunk of the stream is in memory at a time. The page ends the work by ending this worker.
 *
 * Gets one {@link Job}; posts {progress} now and then, and at last {crc, bytes} or {failure}.
 *
 * @typedef {{file?: Blob, url?: string, headers?: Record<string, string>, length: number}} Job
 *     either a file or a URL with the headers to send; length: how many bytes there must be
 */
import { send } from './api.js';
import { crc32c } from './crc32c.js';

const REPORT_EVERY_MS = 100;

/**
 * @param {Job} job
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */
async function open(job) {
    if (job.file) {
        return job.file.stream();
    }
    const response = await send(String(job.url), { headers: job.headers, cache: 'no-store' });
    if (response.status !== 206 || !response.body) {
        throw new Error('The gateway did not answer with the range that was asked for.');
    }
    return response.body;
}

/** @param {Job} job */
async function work(job) {
    const reader = (await open(job)).getReader();
    let bytes = 0;
    let crc = 0;
    let reported = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) {
            break;
        }
        crc = crc32c(value, crc);
        bytes += value.length;
        const now = performance.now();
        if (now - reported > REPORT_EVERY_MS) {
            reported = now;
            self.postMessage({ progress: bytes });
        }
    }
    if (bytes !== job.length) {
        throw new Error(`The stream ended after ${bytes} of ${job.length} bytes.`);
    }
    self.postMessage({ crc, bytes });
}

self.addEventListener('message', (event) => {
    work(event.data).catch((error) => {
        // What fetch and the streams say about a broken connection is for programmers ("network error").
        const broken = error instanceof TypeError;
        self.postMessage({ failure: broken ? 'The connection to the gateway broke off.' : error.message });
    });
});
