const BINARY = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const DECIMAL = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'];
const GROUPED = new Intl.NumberFormat('en');

/**
 * Three digits that count: 9.54, 95.4, 954.
 *
 * @param {number} value
 * @returns {string}
 */
function threeDigits(value) {
    const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
    return String(Number(value.toFixed(digits)));
}

/**
 * @param {number} value
 * @param {number} base 1000 or 1024
 * @param {string[]} units
 * @returns {string}
 */
function scaled(value, base, units) {
    let unit = 0;
    while (value >= base && unit < units.length - 1) {
        value /= base;
        unit++;
    }
    return `${threeDigits(value)} ${units[unit]}`;
}

/**
 * @param {number} count a whole number
 * @returns {string} with separators: "268,435,456"
 */
export function grouped(count) {
    return GROUPED.format(count);
}

/**
 * @param {number} bytes
 * @returns {string} for people: "256 MiB"
 */
export function size(bytes) {
    return bytes === 1 ? '1 byte' : scaled(bytes, 1024, BINARY);
}

/**
 * @param {number} perSecond bytes in a second
 * @returns {string} for people: "412 MB/s"
 */
export function rate(perSecond) {
    return scaled(Math.round(perSecond), 1000, DECIMAL);
}

/**
 * @param {number} milliseconds
 * @returns {string} for people: "310 µs", "1.2 ms", "2.5 s"
 */
export function latency(milliseconds) {
    if (milliseconds === 0) {
        return '0 ms';
    }
    if (milliseconds < 1) {
        return `${threeDigits(milliseconds * 1000)} µs`;
    }
    return milliseconds < 1000 ? `${threeDigits(milliseconds)} ms` : `${threeDigits(milliseconds / 1000)} s`;
}

/**
 * @param {number} seconds
 * @returns {string} for people: "0.8 s", "12 s", "3 min", "2 h"
 */
export function duration(seconds) {
    if (seconds < 10) {
        return `${seconds.toFixed(1)} s`;
    }
    if (seconds < 100) {
        return `${Math.round(seconds)} s`;
    }
    return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/**
 * @param {number} crc
 * @returns {string} eight hexadecimal digits
 */
export function crcText(crc) {
    return crc.toString(16).padStart(8, '0');
}

/**
 * @param {number | string | Date} when
 * @returns {string} the time of day
 */
export function clock(when) {
    const date = new Date(when);
    const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const FACTORS = new Map([
    ['', 1],
    ['b', 1],
    ['byte', 1],
    ['bytes', 1],
    ['k', 1024],
    ['kib', 1024],
    ['m', 1024 ** 2],
    ['mib', 1024 ** 2],
    ['g', 1024 ** 3],
    ['gib', 1024 ** 3],
    ['t', 1024 ** 4],
    ['tib', 1024 ** 4],
]);

/**
 * Reads what somebody typed as a number of bytes.
 *
 * @param {string} text such as "4096", "64 MiB", "1.5g", "268,435,456"
 * @returns {number | null} null if it is no whole number of bytes
 */
export function parseBytes(text) {
    const match = /^\s*(\d[\d,]*(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
    const factor = match && FACTORS.get(match[2].toLowerCase());
    if (!match || !factor) {
        return null;
    }
    const bytes = Number(match[1].replaceAll(',', '')) * factor;
    return Number.isSafeInteger(bytes) ? bytes : null;
}
