/* What both UXP hosts share: the folder the editor chose, its files, the safe, the theme. */
(function (PB) {
  "use strict";

  const TOKEN = "plugin-backend.folder";

  /** Everything that comes from require("uxp"). */
  function make() {
    const uxp = /** @type {Uxp} */ (PB.load("uxp"));
    const storage = uxp.storage;
    const files = storage.localFileSystem;
    const binary = storage.formats.binary;
    /** @type {any} */
    let root = null;

    async function remembered() {
      const token = localStorage.getItem(TOKEN);
      if (!token) return null;
      try {
        return await files.getEntryForPersistentToken(token);
      } catch (error) {
        return null; // the folder is gone, or the host forgot: asked anew
      }
    }

    /** @param {boolean} again */
    async function folder(again) {
      if (!root && !again) root = await remembered();
      if (!root || again) {
        const chosen = await files.getFolder();
        if (!chosen) throw new PB.HostError("cancelled");
        root = chosen;
        localStorage.setItem(TOKEN, await files.createPersistentToken(chosen));
      }
      return { path: root.nativePath, label: root.name };
    }

    /**
     * @param {any} parent
     * @param {string} name
     */
    async function child(parent, name) {
      const entries = await parent.getEntries();
      return entries.find((/** @type {any} */ each) => each.name === name) || null;
    }

    /**
     * @param {string[]} names
     * @param {boolean} make
     */
    async function within(names, make) {
      let at = root;
      for (const name of names) {
        const next = await child(at, name);
        if (!next && !make) return null;
        at = next || (await at.createFolder(name));
      }
      return at;
    }

    /**
     * @param {string[]} folder
     * @param {string} name
     */
    async function entry(folder, name) {
      const at = await within(folder, false);
      return at && child(at, name);
    }

    /** @type {PB.Disk} */
    const disk = {
      async size(folder, name) {
        const found = await entry(folder, name);
        return found ? (await found.getMetadata()).size : null;
      },
      async read(folder, name) {
        return (await entry(folder, name)).read({ format: binary });
      },
      async create(folder, name) {
        await (await within(folder, true)).createFile(name, { overwrite: true });
      },
      async append(folder, name, bytes) {
        await (await entry(folder, name)).write(bytes, { format: binary, append: true });
      },
      async rename(folder, from, to) {
        await (await within(folder, false)).renameEntry(await entry(folder, from), to, { overwrite: false });
      },
      async remove(folder, name) {
        const found = await entry(folder, name);
        if (found) await found.delete();
      },
      path(folder, name) {
        const parent = root.nativePath;
        const slash = parent.includes("\\") ? "\\" : "/";
        return [parent, ...folder, name].join(slash);
      },
    };

    /**
     * @param {PB.SaveRequest} file
     * @param {PB.Progress} progress
     * @param {AbortSignal} signal
     */
    async function save(file, progress, signal) {
      await folder(false);
      return PB.saving.save(disk, file, progress, signal);
    }

    /** @param {ReadonlyArray<string>} accept */
    async function pickFile(accept) {
      const file = /** @type {any} */ (await files.getFileForOpening({ types: suffixes(accept) }));
      if (!file) throw new PB.HostError("cancelled");
      const bytes = await file.read({ format: binary });
      return { bytes, media_type: mediaType(file.name), filename: file.name, timecode: null };
    }

    /** The entry of a path that `save` gave: within the chosen folder, nowhere else. */
    async function entryOf(/** @type {string} */ path) {
      await folder(false);
      const parent = root.nativePath;
      if (!path.startsWith(parent)) throw new PB.HostError("denied");
      const names = path.slice(parent.length).split(/[\\/]/).filter(Boolean);
      const found = await entry(names.slice(0, -1), names[names.length - 1]);
      if (!found) throw new PB.HostError("disk", path);
      return found;
    }

    const secret = {
      /** @param {string} name */
      async get(name) {
        const kept = await storage.secureStorage.getItem(name).catch(() => null); // a safe may lose what it held
        return kept && kept.length ? PB.utf8.decode(kept) : null;
      },
      /**
       * @param {string} name
       * @param {string} value
       */
      set: (name, value) => storage.secureStorage.setItem(name, PB.utf8.encode(value)),
      /** @param {string} name */
      remove: (name) => storage.secureStorage.removeItem(name),
    };

    /** @param {string} url */
    async function openExternal(url) {
      if (!url.startsWith("https://") && !url.startsWith("http://127.0.0.1")) throw new PB.HostError("denied");
      const refused = /** @type {unknown} */ (await uxp.shell.openExternal(url)); // a sentence where it is refused
      if (refused) throw new PB.HostError("denied", String(refused));
    }

    return { uxp, files, binary, folder, save, pickFile, entryOf, secret, openExternal, theme, onTheme };
  }

  const TYPES = /** @type {Record<string, string>} */ ({
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    webp: "image/webp",
    tif: "image/tiff",
    tiff: "image/tiff",
    exr: "image/x-exr",
    mp4: "video/mp4",
    mov: "video/quicktime",
    wav: "audio/wav",
  });

  /** @param {ReadonlyArray<string>} accept */
  function suffixes(accept) {
    const wanted = accept.map((each) => each.replace("*", ""));
    return Object.keys(TYPES).filter((each) => wanted.some((prefix) => TYPES[each].startsWith(prefix)));
  }

  /** @param {string} name */
  function mediaType(name) {
    return TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] || "application/octet-stream";
  }

  function theme() {
    const current = document.theme && document.theme.getCurrent ? document.theme.getCurrent() : "dark";
    return current === "light" || current === "lightest" ? "light" : "dark";
  }

  /** @param {() => void} changed */
  function onTheme(changed) {
    if (document.theme && document.theme.onUpdated) document.theme.onUpdated.addListener(changed);
  }

  PB.uxp = { make, mediaType, suffixes };
})(window.PB);
