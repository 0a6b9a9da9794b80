import { checksum } from './checksum.js';
import { crcText, duration, rate, size } from './format.js';
import { upload } from './upload.js';

/**
 * Uploads a file, shows how it goes, and compares what the gateway wrote with what the file holds.
 *
 * @param {import('./transfers.js').Transfers} transfers
 * @param {import('./namespaces.js').Namespace} namespace
 * @param {File} file
 * @param {number} offset
 */
export async function startUpload(transfers, namespace, file, offset) {
    const work = upload({ path: namespace.data, offset, file }, (bytes) => row.progress(bytes));
    const row = transfers.add({
        title: `${file.name} into namespace ${namespace.nsid}`,
        direction: 'upload',
        nsid: namespace.nsid,
        total: file.size,
        cancel() {
            work.cancel();
            row.cancelled();
        },
    });
    try {
        const { report, crc } = await work.result;
        const text = crcText(crc);
        if (report.crc32c !== text || report.bytes !== file.size) {
            row.fail(`The gateway wrote other bytes than the file has: CRC-32C ${report.crc32c}, not ${text}.`);
            return;
        }
        const took = `${size(report.bytes)} in ${duration(report.seconds)}, ${rate(report.bytes / report.seconds)}`;
        row.finish(`${took} · CRC-32C ${text}`, {
            label: 'Read back',
            run: () => startVerify(transfers, namespace, offset, file.size, crc),
        });
    } catch (error) {
        row.fail(error.message);
    }
}

/**
 * Reads bytes of a namespace, shows how it goes, and tells their checksum.
 *
 * @param {import('./transfers.js').Transfers} transfers
 * @param {import('./namespaces.js').Namespace} namespace
 * @param {number} offset
 * @param {number} length
 * @param {number} [expected] the checksum that they should have, if that is known
 */
export async function startVerify(transfers, namespace, offset, length, expected) {
    const started = performance.now();
    const job = {
        url: namespace.data,
        headers: { Range: `bytes=${offset}-${offset + length - 1}` },
        length,
    };
    const work = checksum(job, (bytes) => row.progress(bytes));
    const row = transfers.add({
        title: `${size(length)} of namespace ${namespace.nsid}, from byte ${offset}`,
        direction: 'download',
        nsid: namespace.nsid,
        total: length,
        cancel() {
            work.cancel();
            row.cancelled();
        },
    });
    try {
        const crc = await work.result;
        const seconds = Math.max(0.001, (performance.now() - started) / 1000);
        const took = `${size(length)} in ${duration(seconds)}, ${rate(length / seconds)}`;
        if (expected === undefined) {
            row.finish(`${took} · CRC-32C ${crcText(crc)}`);
        } else if (crc === expected) {
            row.finish(`${took} · CRC-32C ${crcText(crc)}, the same as was uploaded`);
        } else {
            row.fail(`It holds other bytes than were uploaded: CRC-32C ${crcText(crc)}, not ${crcText(expected)}.`);
        }
    } catch (error) {
        row.fail(error.message);
    }
}
