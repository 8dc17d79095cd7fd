// CEP around a page: the bridge that carries strings, Node's disk, the dialogs. Loaded after the host's scripts.
(function () {
  "use strict";

  const fake = window.fake;
  // The page has its own File; the scripts have had theirs.
  fake.scripts = []; // every text that crossed the bridge
  fake.picks = ["file:///Users/editor/My%20Media"];
  fake.opened = [];
  fake.skin = 30;
  const hearers = {};

  window.__adobe_cep__ = {
    evalScript(script, answered) {
      fake.scripts.push(script);
      if (/[^\x20-\x7e]/.test(script)) throw new Error("a letter that ends a string early");
      let answer = "EvalScript error.";
      try {
        answer = String((0, eval)(script));
      } catch (error) {
        fake.scriptError = String(error);
      }
      if (fake.faults.answerLost) answer = "EvalScript error.";
      setTimeout(() => answered(answer), 5);
    },
    getHostEnvironment: () =>
      JSON.stringify({
        appName: fake.app === "aftereffects" ? "AEFT" : "PPRO",
        appVersion: "26.0.0",
        appSkinInfo: { panelBackgroundColor: { color: { red: fake.skin, green: fake.skin, blue: fake.skin, alpha: 255 } } },
      }),
    addEventListener: (type, heard) => (hearers[type] = hearers[type] || []).push(heard),
  };
  fake.setSkin = (value) => {
    fake.skin = value;
    (hearers["com.adobe.csxs.events.ThemeColorChanged"] || []).forEach((each) => each());
  };

  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  window.cep = {
    encoding: { Base64: "Base64" },
    fs: {
      showOpenDialogEx: () => ({ err: 0, data: fake.picks.length ? [fake.picks.shift()] : [] }),
      readFile: (path) => (fake.disk.has(path) ? { err: 0, data: base64(fake.disk.get(path)) } : { err: 3 }),
    },
    util: { openURLInDefaultBrowser: (url) => void fake.opened.push(url) },
  };

  const missing = () => Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
  const buffer = (bytes) => ({
    length: bytes.length,
    buffer: bytes.slice().buffer,
    byteOffset: 0,
    byteLength: bytes.length,
    toString: (encoding, from, to) => String.fromCharCode(...bytes.slice(from, to)),
  });
  const promises = {
    async stat(path) {
      if (!fake.disk.has(path)) throw missing();
      return { size: fake.disk.get(path).length };
    },
    async readFile(path) {
      if (!fake.disk.has(path)) throw missing();
      return buffer(fake.disk.get(path));
    },
    async mkdir() {},
    async writeFile(path) {
      fake.disk.set(path, new Uint8Array(0));
    },
    async appendFile(path, bytes) {
      if (fake.faults.diskFull) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      const before = fake.disk.get(path);
      const all = new Uint8Array(before.length + bytes.length);
      all.set(before);
      all.set(bytes, before.length);
      fake.disk.set(path, all);
    },
    async rename(from, to) {
      fake.disk.set(to, fake.disk.get(from));
      fake.disk.delete(from);
    },
    async unlink(path) {
      if (!fake.disk.delete(path)) throw missing();
    },
  };
  const modules = { fs: { promises }, os: { tmpdir: () => "/tmp" }, path: { join: (...parts) => parts.filter(Boolean).join("/") } };
  if (!fake.withoutNode) window.cep_node = { require: (name) => modules[name] };
})();
