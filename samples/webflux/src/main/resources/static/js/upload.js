import { address, sentence } from './api.js';
import { checksum } from './checksum.js';

/**
 * @typedef {{offset: number, bytes: number, crc32c: string, seconds: number}} Report what the gateway wrote
 */

/**
 * Sends a file. An XMLHttpRequest, because fetch does not tell how much of a body it has sent. The file is read from
 * the disk as it goes, never as a whole into memory; beside that a worker computes its checksum.
 *
 * @param {{path: string, offset: number, file: File}} what
 * @param {(bytes: number) => void} onProgress
 * @returns {{result: Promise<{report: Report, crc: number}>, cancel: () => void}} after cancel() the result never comes
 */
export function upload({ path, offset, file }, onProgress) {
    const request = new XMLHttpRequest();
    const sum = checksum({ file, length: file.size });
    const sent = new Promise((resolve, reject) => {
        request.open('PUT', address(`${path}?offset=${offset}`));
        request.setRequestHeader('Content-Type', 'application/octet-stream');
        request.setRequestHeader('Accept', 'application/json');
        request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
        request.addEventListener('load', () => {
            if (request.status >= 200 && request.status < 300) {
                resolve(JSON.parse(request.responseText));
            } else {
                reject(new Error(sentence(request.status, request.responseText)));
            }
        });
        request.addEventListener('error', () => reject(new Error('The connection to the gateway broke off.')));
        request.send(file);
    });
    const result = Promise.all([sent, sum.result]).then(([report, crc]) => ({ report, crc }));
    result.catch(() => {
        sum.cancel();
        request.abort();
    });
    return {
        result,
        cancel() {
            sum.cancel();
            request.abort();
        },
    };
}
