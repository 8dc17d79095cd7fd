/* SHA-256 of bytes as they come, for hosts whose crypto takes only a whole file or nothing at all. */
(/** @param {PanelNamespace} PB */ function (PB) {
  "use strict";

  const FIRST = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  const K = roundConstants();

  /** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, worked out exactly. */
  function roundConstants() {
    const found = new Int32Array(64);
    for (let candidate = 2n, count = 0; count < 64; candidate += 1n) {
      let isPrime = true;
      for (let each = 2n; each * each <= candidate; each += 1n) if (candidate % each === 0n) isPrime = false;
      if (!isPrime) continue;
      found[count] = Number(BigInt.asIntN(32, cubeRoot(candidate << 96n)));
      count += 1;
    }
    return found;
  }

  /** @param {bigint} of */
  function cubeRoot(of) {
    let low = 0n;
    for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) {
      const higher = low | bit;
      if (higher * higher * higher <= of) low = higher;
    }
    return low;
  }

  /** A digest that grows: `update(bytes)` any number of times, then `hex()` once. */
  function start() {
    const state = Int32Array.from(FIRST, (each) => each | 0);
    const words = new Int32Array(64);
    const kept = new Uint8Array(64);
    let length = 0;

    /** @param {Uint8Array} bytes */
    function update(bytes) {
      let at = 0;
      const left = length % 64;
      length += bytes.length;
      if (left) {
        at = Math.min(64 - left, bytes.length);
        kept.set(bytes.subarray(0, at), left);
        if (left + at < 64) return;
        block(state, words, kept, 0);
      }
      for (; at + 64 <= bytes.length; at += 64) block(state, words, bytes, at);
      kept.set(bytes.subarray(at), 0);
    }

    function hex() {
      const bits = length * 8;
      const tail = new Uint8Array(length % 64 < 56 ? 64 - (length % 64) : 128 - (length % 64));
      tail[0] = 0x80;
      const view = new DataView(tail.buffer);
      view.setUint32(tail.length - 8, Math.floor(bits / 0x100000000));
      view.setUint32(tail.length - 4, bits >>> 0);
      update(tail);
      return Array.from(state, (each) => (each >>> 0).toString(16).padStart(8, "0")).join("");
    }

    return { update, hex };
  }

  /**
   * @param {Int32Array} state
   * @param {Int32Array} w
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  function block(state, w, bytes, at) {
    for (let i = 0, j = at; i < 16; i += 1, j += 4) {
      w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = state[0]; // one by one: taking the array apart at once takes longer than the rounds below
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }

  /**
   * The digest of a whole buffer as hex; by the host's own crypto where it has one.
   * @param {ArrayBuffer} buffer
   * @returns {Promise<string>}
   */
  async function sha256(buffer) {
    const subtle = typeof crypto === "object" ? crypto.subtle : undefined;
    if (subtle && typeof subtle.digest === "function") {
      const digest = new Uint8Array(await subtle.digest("SHA-256", buffer));
      return Array.from(digest, (each) => each.toString(16).padStart(2, "0")).join("");
    }
    return ofBytes(new Uint8Array(buffer));
  }

  /** @param {Uint8Array} bytes */
  function ofBytes(bytes) {
    const digest = start();
    digest.update(bytes);
    return digest.hex();
  }

  /** @param {string} text */
  const ofText = (text) => ofBytes(PB.utf8.encode(text));

  /** Text as bytes and back: not every host has TextEncoder and TextDecoder. */
  const utf8 = {
    /** @param {string} text */
    encode: (text) => {
      const spelt = encodeURIComponent(text);
      const bytes = [];
      for (let i = 0; i < spelt.length; i += 1) {
        if (spelt[i] !== "%") bytes.push(spelt.charCodeAt(i));
        else {
          bytes.push(parseInt(spelt.slice(i + 1, i + 3), 16));
          i += 2;
        }
      }
      return Uint8Array.from(bytes);
    },
    /** @param {Uint8Array} bytes */
    decode: (bytes) =>
      decodeURIComponent(Array.from(bytes, (each) => "%" + each.toString(16).padStart(2, "0")).join("")),
  };

  PB.utf8 = utf8;
  PB.sha256 = Object.assign(sha256, { start, ofText });
})(window.PB);
