/**
 * Starts a worker that computes a CRC-32C.
 *
 * @param {import('./checksum-worker.js').Job} job
 * @param {(bytes: number) => void} [onProgress]
 * @returns {{result: Promise<number>, cancel: () => void}} the checksum; after cancel() it never comes
 */
export function checksum(job, onProgress = () => {}) {
    const worker = new Worker(new URL('./checksum-worker.js', import.meta.url), { type: 'module' });
    const result = new Promise((resolve, reject) => {
        worker.addEventListener('message', ({ data }) => {
            if (data.progress !== undefined) {
                onProgress(data.progress);
                return;
            }
            worker.terminate();
            if (data.failure) {
                reject(new Error(data.failure));
            } else {
                resolve(data.crc);
            }
        });
        worker.addEventListener('error', () =>
            reject(new Error('The checksum could not be computed in this browser.')),
        );
        worker.postMessage(job);
    });
    return { result, cancel: () => worker.terminate() };
}
