/* Time as hosts count it: exact rates, frames, ticks and timecode. */
(function (PB) {
  "use strict";

  const TICKS = 254016000000n; // of Premiere, in a second: every usual rate divides it
  const NTSC = [24000, 30000, 48000, 60000, 120000];

  /** @param {string} rate "24000/1001" */
  function parse(rate) {
    const [num, den] = rate.split("/");
    return { num: Number(num), den: Number(den || 1) };
  }

  /** @param {string} rate */
  function toNumber(rate) {
    const { num, den } = parse(rate);
    return num / den;
  }

  /**
   * The exact rate that a host rounded: 23.976 is 24000/1001.
   * @param {number} value
   */
  function fromNumber(value) {
    const whole = Math.round(value);
    if (Math.abs(value - whole) < 0.0005) return String(whole);
    const near = NTSC.find((each) => Math.abs(value - each / 1001) < 0.006);
    if (near) return near + "/1001";
    return fraction(Math.round(value * 1000), 1000);
  }

  /**
   * @param {number} num
   * @param {number} den
   */
  function fraction(num, den) {
    let [a, b] = [num, den];
    while (b) [a, b] = [b, a % b];
    return den / a === 1 ? String(num / a) : num / a + "/" + den / a;
  }

  /** @param {string} ticksPerFrame */
  const fromTicksPerFrame = (ticksPerFrame) => fraction(Number(TICKS), Number(ticksPerFrame));

  /** @param {string} rate */
  function ticksPerFrame(rate) {
    const { num, den } = parse(rate);
    return String((TICKS * BigInt(den)) / BigInt(num));
  }

  /**
   * The frame that lies at these ticks.
   * @param {string} ticks
   * @param {string} ticksPerFrame
   */
  function frameAt(ticks, ticksPerFrame) {
    const per = BigInt(ticksPerFrame);
    const at = BigInt(ticks);
    return Number((at + (at < 0n ? 0n : per / 1000n)) / per); // a hair before a frame is that frame
  }

  /**
   * @param {number} frame
   * @param {string} ticksPerFrame
   */
  const ticksAt = (frame, ticksPerFrame) => String(BigInt(frame) * BigInt(ticksPerFrame));

  /**
   * How many numbers a minute skips, in every minute but each tenth; 0 where the rate drops none.
   * @param {string} rate
   * @param {boolean} drops
   */
  function skipped(rate, drops) {
    if (!drops) return 0;
    return { "30000/1001": 2, "60000/1001": 4 }[rate] || 0;
  }

  /**
   * @param {number} frame
   * @param {string} rate
   * @param {boolean} drops
   */
  function timecode(frame, rate, drops) {
    const base = Math.round(toNumber(rate));
    const skip = skipped(rate, drops);
    let number = Math.max(0, frame);
    if (skip) {
      const tenMinutes = base * 600 - skip * 9;
      const minute = base * 60 - skip;
      const tens = Math.floor(number / tenMinutes);
      const rest = number % tenMinutes;
      number += skip * 9 * tens + (rest >= base * 60 ? skip * (1 + Math.floor((rest - base * 60) / minute)) : 0);
    }
    const parts = [number / (base * 3600), (number / (base * 60)) % 60, (number / base) % 60, number % base];
    const [h, m, s, f] = parts.map((each) => String(Math.floor(each)).padStart(2, "0"));
    return h + ":" + m + ":" + s + (skip ? ";" : ":") + f;
  }

  /**
   * The frame that a timecode names.
   * @param {string} text
   * @param {string} rate
   */
  function frameOf(text, rate) {
    const [h, m, s, f] = text.split(/[:;.]/).map(Number);
    const base = Math.round(toNumber(rate));
    const skip = skipped(rate, text.includes(";"));
    const minutes = h * 60 + m;
    return (minutes * 60 + s) * base + f - skip * (minutes - Math.floor(minutes / 10));
  }

  /**
   * Where each clip of a request begins. Those of a cut that was made for another rate would leave gaps or overlap.
   * @param {PB.PlaceRequest} request
   * @param {{ name: string, frame_rate: string }} sequence
   * @param {number} at_frame
   */
  function oneAfterAnother(request, sequence, at_frame) {
    if (request.clips.length > 1 && request.frame_rate !== sequence.frame_rate) {
      throw new PB.HostError("no-sequence", sequence.name + ": " + sequence.frame_rate + " ≠ " + request.frame_rate);
    }
    let next = at_frame;
    return request.clips.map((each) => {
      const start = next;
      next += each.frame_count;
      return { ...each, at_frame: start };
    });
  }

  PB.timing = { oneAfterAnother, fromNumber, toNumber, fromTicksPerFrame, ticksPerFrame, frameAt, ticksAt, timecode, frameOf };
})(window.PB);
