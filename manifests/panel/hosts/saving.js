/* A file from a signed link to the host's disk: in ranges, taken up again after a break, verified, never half. */
(function (PB) {
  "use strict";

  const RANGE = 4 * 1024 * 1024;
  const TRIES = 5; // in a row, without a byte between them
  const REREAD = 256 * 1024 * 1024; // a file of the same name and size is compared up to here
  const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

  /** @type {Map<string, { sha256: string, digest: ReturnType<PanelNamespace["sha256"]["start"]>, done: number }>} */
  const broken = new Map(); // by path of its `.part`: what has come of a download that broke off

  /**
   * A name that every file system takes; what a service says is never a way out of the folder.
   * @param {string} name
   */
  function safeName(name) {
    const plain = name.replace(/[\u0000-\u001f<>:"/\\|?*#%]/g, "_").replace(/^[. ]+|[. ]+$/g, "_").slice(-180);
    return RESERVED.test(plain) ? "_" + plain : plain || "_";
  }

  /**
   * Saves a file under a folder of the host's disk; one that is there already and the same is not fetched again.
   * @param {PB.Disk} disk
   * @param {PB.SaveRequest} file
   * @param {PB.Progress} progress
   * @param {AbortSignal} signal
   * @returns {Promise<{ path: string }>}
   */
  async function save(disk, file, progress, signal) {
    const folder = file.folder.split("/").filter(Boolean).map(safeName);
    const name = await onDisk(() => freeName(disk, folder, file));
    if (name.isThere) {
      progress(file.bytes, file.bytes);
      return { path: disk.path(folder, name.text) };
    }
    const part = name.text + ".part";
    const place = disk.path(folder, part);
    const begun = await onDisk(() => begin(disk, folder, part, file));
    try {
      const keep = (/** @type {ArrayBuffer} */ bytes) => onDisk(() => disk.append(folder, part, bytes));
      const digest = await fetchAll(file, keep, progress, signal, begun);
      const size = await onDisk(() => disk.size(folder, part));
      if (size !== file.bytes || digest !== file.sha256) throw new PB.HostError("checksum");
      await onDisk(() => disk.rename(folder, part, name.text));
    } catch (error) {
      const again = error instanceof PB.HostError && (error.code === "network" || error.code === "cancelled");
      if (again && begun.done > 0) broken.set(place, begun);
      else await disk.remove(folder, part).catch(() => undefined); // nothing half is left to be taken for whole
      throw error;
    }
    return { path: disk.path(folder, name.text) };
  }

  /**
   * Where a download goes on, or a new file to begin with. What lies there from before the panel was opened is not
   * gone on with: its digest is not known.
   * @param {PB.Disk} disk
   * @param {string[]} folder
   * @param {string} part
   * @param {PB.SaveRequest} file
   */
  async function begin(disk, folder, part, file) {
    const place = disk.path(folder, part);
    const known = broken.get(place);
    broken.delete(place);
    if (known && known.sha256 === file.sha256 && (await disk.size(folder, part)) === known.done) return known;
    await disk.create(folder, part);
    return fresh(file);
  }

  /** @param {{ sha256: string }} file */
  const fresh = (file) => ({ sha256: file.sha256, digest: PB.sha256.start(), done: 0 });

  /**
   * @param {PB.Disk} disk
   * @param {string[]} folder
   * @param {PB.SaveRequest} file
   */
  async function freeName(disk, folder, file) {
    const name = safeName(file.name);
    const dot = name.lastIndexOf(".") > 0 ? name.lastIndexOf(".") : name.length;
    for (let number = 1; number < 1000; number += 1) {
      const text = number === 1 ? name : name.slice(0, dot) + "-" + number + name.slice(dot);
      const size = await disk.size(folder, text);
      if (size === null) return { text, isThere: false };
      const same = size === file.bytes && size <= REREAD;
      if (same && (await PB.sha256(await disk.read(folder, text))) === file.sha256) return { text, isThere: true };
    }
    throw new PB.HostError("disk", name);
  }

  /**
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  async function onDisk(act) {
    try {
      return await act();
    } catch (error) {
      if (error instanceof PB.HostError) throw error;
      throw new PB.HostError("disk", error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Every byte in order to `keep`; answers with their digest. `begun` is what has come already, and grows.
   * @param {{ url: string, bytes: number, sha256: string }} file
   * @param {(bytes: ArrayBuffer) => Promise<void>} keep
   * @param {PB.Progress} progress
   * @param {AbortSignal} signal
   * @param {ReturnType<typeof fresh>} begun
   */
  async function fetchAll(file, keep, progress, signal, begun = fresh(file)) {
    let failures = 0;
    let ranged = file.bytes > RANGE;
    while (begun.done < file.bytes) {
      if (signal.aborted) throw new PB.HostError("cancelled");
      const before = begun.done;
      try {
        for await (const bytes of chunks(file, begun.done, ranged, signal)) {
          if (begun.done + bytes.byteLength > file.bytes) throw new PB.HostError("checksum");
          await keep(bytes);
          begun.digest.update(new Uint8Array(bytes));
          begun.done += bytes.byteLength;
          failures = 0;
          progress(begun.done, file.bytes);
        }
        if (begun.done === before) throw new Error("nothing came");
      } catch (error) {
        if (error instanceof PB.HostError) throw error;
        if (signal.aborted) throw new PB.HostError("cancelled");
        failures += 1;
        if (failures >= TRIES) throw new PB.HostError("network");
        if (failures % 2 === 0) ranged = !ranged; // a storage that forbids the header may answer without it
        await PB.wait(250 * 2 ** failures);
      }
    }
    if (file.bytes === 0) progress(0, 0);
    return begun.digest.hex();
  }

  /**
   * What one request brings, from `from` on. A plain Error is worth another try; a HostError is not.
   * @param {{ url: string, bytes: number }} file
   * @param {number} from
   * @param {boolean} ranged
   * @param {AbortSignal} signal
   */
  async function* chunks(file, from, ranged, signal) {
    const until = Math.min(from + RANGE, file.bytes) - 1;
    /** @type {Record<string, string>} */
    const headers = ranged ? { range: "bytes=" + from + "-" + until } : {};
    const answer = await fetch(file.url, { headers, signal, credentials: "omit", cache: "no-store" });
    if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
    if (!answer.ok) throw new PB.HostError("network"); // the link is no longer good: another one is needed
    if (answer.status === 206) {
      const bytes = await answer.arrayBuffer();
      if (bytes.byteLength !== until - from + 1) throw new Error("short");
      yield bytes;
      return;
    }
    yield* whole(answer, from, file.bytes);
  }

  /**
   * A whole file from a storage that knows no ranges: what is kept already is passed over.
   * @param {Response} answer
   * @param {number} from
   * @param {number} promised
   */
  async function* whole(answer, from, promised) {
    // All that the storage has, and not what was promised: another try would bring the same.
    if (Number(answer.headers.get("content-length") || promised) < promised) throw new PB.HostError("checksum");
    if (!answer.body || typeof answer.body.getReader !== "function") {
      yield (await answer.arrayBuffer()).slice(from);
      return;
    }
    const reader = answer.body.getReader();
    let passed = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const start = Math.min(value.byteLength, Math.max(0, from - passed));
      passed += value.byteLength;
      if (start < value.byteLength) yield value.slice(start).buffer;
    }
  }

  PB.saving = { save, fetchAll, safeName };
})(window.PB);
