/* A disk as Node gives it: CEP panels have Node in the page, Resolve's has it behind a bridge. */
(function (PB) {
  "use strict";

  /**
   * @param {any} load Node's own require
   * @param {() => string} root the folder the editor chose
   * @returns {PB.Disk}
   */
  function nodeDisk(load, root) {
    const fs = load("fs").promises;
    const path = load("path");
    const at = (/** @type {string[]} */ folder, /** @type {string} */ name) => path.join(root(), ...folder, name);
    const bytesOf = (/** @type {any} */ buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
    return {
      async size(folder, name) {
        try {
          return (await fs.stat(at(folder, name))).size;
        } catch (error) {
          if (/** @type {any} */ (error).code === "ENOENT") return null;
          throw error;
        }
      },
      read: async (folder, name) => bytesOf(await fs.readFile(at(folder, name))),
      async create(folder, name) {
        await fs.mkdir(path.join(root(), ...folder), { recursive: true });
        await fs.writeFile(at(folder, name), "");
      },
      append: (folder, name, bytes) => fs.appendFile(at(folder, name), new Uint8Array(bytes)),
      async rename(folder, from, to) {
        await fs.rename(at(folder, from), at(folder, to));
      },
      remove: (folder, name) => fs.unlink(at(folder, name)),
      path: at,
    };
  }

  PB.nodeDisk = nodeDisk;
})(window.PB);
