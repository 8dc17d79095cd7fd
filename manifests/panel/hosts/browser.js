/* Any browser: files are downloaded or dragged out, and the editor types what the sequence is. */
(function (PB) {
  "use strict";

  const SEQUENCE = "plugin-backend.sequence";
  const SECRET = "plugin-backend.secret.";
  const IN_MEMORY = 1024 * 1024 * 1024; // up to here a file is verified before it is handed over

  /** @returns {PB.Sequence | null} */
  function manual() {
    try {
      return JSON.parse(localStorage.getItem(SEQUENCE) || "null");
    } catch (error) {
      return null;
    }
  }

  /**
   * @param {string} url
   * @param {string} name
   */
  function download(url, name) {
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.rel = "noopener";
    document.body.appendChild(link);
    link.click();
    link.remove();
  }

  /**
   * @param {PB.SaveRequest} file
   * @param {PB.Progress} progress
   * @param {AbortSignal} signal
   */
  async function save(file, progress, signal) {
    const name = PB.saving.safeName(file.name);
    if (file.bytes > IN_MEMORY) {
      download(file.url, name); // the browser's own download, which no script can look into
      return { path: name };
    }
    /** @type {ArrayBuffer[]} */
    const parts = [];
    const digest = await PB.saving.fetchAll(file, async (bytes) => void parts.push(bytes), progress, signal);
    if (digest !== file.sha256) throw new PB.HostError("checksum");
    const url = URL.createObjectURL(new Blob(parts));
    download(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    return { path: name };
  }

  /** @param {ReadonlyArray<string>} accept */
  function pickFile(accept) {
    return new Promise((done, refuse) => {
      const input = document.createElement("input");
      input.type = "file";
      input.accept = accept.join(",");
      input.addEventListener("cancel", () => refuse(new PB.HostError("cancelled")));
      input.addEventListener("change", async () => {
        const file = input.files && input.files[0];
        if (!file) return refuse(new PB.HostError("cancelled"));
        return done({ bytes: await file.arrayBuffer(), media_type: file.type, filename: file.name, timecode: null });
      });
      input.click();
    });
  }

  /** @param {string} url */
  async function openExternal(url) {
    if (!/^https?:\/\//.test(url)) throw new PB.HostError("denied");
    window.open(url, "_blank", "noopener");
  }

  /** Makes an element carry a file out of the page: to the desktop, or to a host that takes one.
   * @param {HTMLElement} element
   * @param {{ name: string, url: string, media_type: string }} file
   */
  PB.dragOut = function (element, file) {
    element.draggable = true;
    element.addEventListener("dragstart", (event) => {
      if (!event.dataTransfer) return;
      event.dataTransfer.effectAllowed = "copy";
      event.dataTransfer.setData("DownloadURL", file.media_type + ":" + PB.saving.safeName(file.name) + ":" + file.url);
      event.dataTransfer.setData("text/uri-list", file.url);
    });
  };

  function preference() {
    return window.matchMedia ? window.matchMedia("(prefers-color-scheme: light)") : null;
  }

  /** @returns {Promise<never>} */
  async function unsupported() {
    throw new PB.HostError("unsupported");
  }

  /** @returns {PB.Adapter} */
  function create() {
    return {
      info: async () => ({ host: "download", label: "Browser", version: "", adapter: "browser" }),
      capabilities: async () => ({
        context: manual() !== null,
        frame: false,
        save: true,
        import: false,
        place: [],
        cut: false,
        swap: false,
        undo: false,
        drag: true,
        stream: typeof ReadableStream === "function",
        markers: false,
        video: true,
      }),
      context: async () => ({ project: null, sequence: manual() }),
      onContext: () => () => undefined,
      setManualSequence: async (sequence) => {
        if (sequence) localStorage.setItem(SEQUENCE, JSON.stringify(sequence));
        else localStorage.removeItem(SEQUENCE);
      },
      frame: unsupported,
      pickFile,
      folder: async () => ({ path: "", label: "" }),
      save,
      import: unsupported,
      place: unsupported,
      swap: unsupported,
      addMarkers: unsupported,
      undo: unsupported,
      openExternal,
      secret: {
        get: async (name) => localStorage.getItem(SECRET + name),
        set: async (name, value) => localStorage.setItem(SECRET + name, value),
        remove: async (name) => localStorage.removeItem(SECRET + name),
      },
      theme: () => {
        const light = preference();
        return light && light.matches ? "light" : "dark";
      },
      onTheme: (changed) => {
        const light = preference();
        if (light) light.addEventListener("change", changed);
      },
      draggable: PB.dragOut,
    };
  }

  PB.hosts.push({ name: "browser", recognises: () => true, create });
})(window.PB);
