// A UXP runtime in memory: what Chromium has and UXP lacks is taken away, and require("uxp") is there.
(function () {
  "use strict";

  for (const name of ["EventSource", "TextDecoder", "matchMedia", "FileReader", "URLSearchParams", "Worker", "SharedWorker", "structuredClone", "DOMParser", "alert", "confirm", "prompt"]) {
    delete window[name];
  }
  Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined });

  const ROOT = "/Users/editor/Media";
  const fake = (window.fake = window.fake || {});
  fake.faults = fake.faults || {};
  fake.opened = []; // what the system browser was asked for
  fake.pick = []; // what the file picker hands out next: {name, bytes} or null
  fake.picksFolder = true;
  fake.disk = new Map(); // native path -> Uint8Array, or null for a folder
  for (const path of ["/Users", "/Users/editor", ROOT, "/tmp", "/tmp/plugin"]) fake.disk.set(path, null);

  const formats = { binary: Symbol("binary"), utf8: Symbol("utf8") };
  const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));

  class Entry {
    constructor(path) {
      this.nativePath = path;
      this.name = path.slice(path.lastIndexOf("/") + 1);
      this.isEntry = true;
    }
    async delete() {
      if (!fake.disk.delete(this.nativePath)) throw new Error("no such entry");
    }
    async getMetadata() {
      const kept = fake.disk.get(this.nativePath);
      if (kept === undefined) throw new Error("no such entry");
      return { name: this.name, size: kept ? kept.length : 0, isFile: kept !== null, isFolder: kept === null };
    }
  }

  class File extends Entry {
    get isFile() {
      return true;
    }
    async read(options) {
      const kept = fake.disk.get(this.nativePath);
      if (!kept) throw new Error("could not find an entry of " + this.nativePath);
      if (!options || options.format !== formats.binary) throw new Error("this fake reads bytes only");
      return kept.slice().buffer;
    }
    async write(data, options) {
      if (!(data instanceof ArrayBuffer)) throw new Error("a string or an ArrayBuffer is needed");
      if (!options || options.format !== formats.binary) throw new Error("bytes need formats.binary");
      if (fake.faults.diskFull) throw Object.assign(new Error("out of space"), { name: "OutOfSpaceError" });
      const before = options.append ? fake.disk.get(this.nativePath) : new Uint8Array(0);
      const all = new Uint8Array(before.length + data.byteLength);
      all.set(before);
      all.set(new Uint8Array(data), before.length);
      fake.disk.set(this.nativePath, all);
      return data.byteLength;
    }
  }

  class Folder extends Entry {
    get isFolder() {
      return true;
    }
    async getEntries() {
      return [...fake.disk.keys()].filter((path) => parentOf(path) === this.nativePath).map(entry);
    }
    async createFile(name, options) {
      const path = this.nativePath + "/" + name;
      if (/[/:*?"<>|\\]/.test(name)) throw new Error("invalid file name");
      if (fake.disk.has(path) && !(options && options.overwrite)) throw new Error("EntryExistsError");
      fake.disk.set(path, new Uint8Array(0));
      return new File(path);
    }
    async createFolder(name) {
      const path = this.nativePath + "/" + name;
      if (fake.disk.has(path)) throw new Error("EntryExistsError");
      fake.disk.set(path, null);
      return new Folder(path);
    }
    async renameEntry(from, to, options) {
      const path = this.nativePath + "/" + to;
      if (fake.disk.has(path) && !options.overwrite) throw new Error("EntryExistsError");
      fake.disk.set(path, fake.disk.get(from.nativePath));
      fake.disk.delete(from.nativePath);
    }
  }

  const entry = (path) => (fake.disk.get(path) === null ? new Folder(path) : new File(path));

  const localFileSystem = {
    async getFolder() {
      fake.asked = (fake.asked || 0) + 1;
      return fake.picksFolder ? new Folder(ROOT) : null;
    },
    async getTemporaryFolder() {
      return new Folder("/tmp/plugin");
    },
    async getFileForOpening() {
      const next = fake.pick.shift();
      if (!next) return null;
      fake.disk.set("/tmp/" + next.name, Uint8Array.from(next.bytes));
      return new File("/tmp/" + next.name);
    },
    async createPersistentToken(chosen) {
      return "token:" + chosen.nativePath;
    },
    async getEntryForPersistentToken(token) {
      const path = token.replace("token:", "");
      if (!fake.disk.has(path)) throw new Error("invalid token");
      return entry(path);
    },
    createSessionToken(chosen) {
      if (!fake.disk.has(chosen.nativePath)) throw new Error("no such entry");
      return "session:" + chosen.nativePath;
    },
  };

  const secrets = new Map();
  const secureStorage = {
    async setItem(key, value) {
      if (!(value instanceof Uint8Array) && typeof value !== "string") throw new Error("illegal value");
      secrets.set(key, typeof value === "string" ? new TextEncoder().encode(value) : value.slice());
    },
    async getItem(key) {
      if (fake.faults.safeLost) throw new Error("could not be decrypted");
      return secrets.get(key); // a Uint8Array, whatever was put in
    },
    async removeItem(key) {
      secrets.delete(key);
    },
  };
  fake.secrets = secrets;

  let theme = "darkest";
  const hearers = [];
  const surface = { getCurrent: () => theme, onUpdated: { addListener: (heard) => hearers.push(heard) } };
  Object.defineProperty(Document.prototype, "theme", { value: surface });
  fake.setTheme = (name) => {
    theme = name;
    hearers.forEach((each) => each(name));
  };

  fake.modules = {
    uxp: {
      host: { name: fake.hostName || "premierepro", version: "26.3.0", uiLocale: "en_US" },
      storage: { localFileSystem, secureStorage, formats },
      shell: {
        async openExternal(url) {
          if (!/^https:/.test(url)) return "this scheme is not in the manifest";
          fake.opened.push(url);
        },
      },
      entrypoints: { setup() {} },
    },
  };
  window.require = function (name) {
    const script = (window.packaged || {})[name]; // a file of the package, which the host runs
    if (script) return (0, window.eval)(script) || {};
    if (!Object.prototype.hasOwnProperty.call(fake.modules, name)) throw new Error("Cannot find module " + name);
    return fake.modules[name];
  };
})();
