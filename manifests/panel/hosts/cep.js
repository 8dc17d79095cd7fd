/* CEP: After Effects, and Premiere before 25.6. The host's part is ExtendScript; it answers with text. */
(function (PB) {
  "use strict";

  const FOLDER = "plugin-backend.folder";
  const SECRET = "plugin-backend.secret.";
  const LOOK = 8000;
  const APPS = /** @type {Record<string, { host: string, label: string, adapter: PB.HostInfo["adapter"] }>} */ ({
    AEFT: { host: "after-effects", label: "After Effects", adapter: "cep-after-effects" },
    PPRO: { host: "premiere-pro", label: "Premiere Pro", adapter: "cep-premiere" },
  });

  function bridge() {
    return window.__adobe_cep__;
  }

  function recognises() {
    return Boolean(bridge()) && environment().appName in APPS;
  }

  function environment() {
    return JSON.parse(bridge().getHostEnvironment());
  }

  /**
   * A value as an ExtendScript literal: JSON whose every letter is ASCII, so that no text ends its string early.
   * @param {unknown} value
   */
  function literal(value) {
    return JSON.stringify(value).replace(
      /[\u007f-\uffff]/g,
      (each) => "\\u" + each.charCodeAt(0).toString(16).padStart(4, "0"),
    );
  }

  /**
   * Asks the host's script; `changes` says that a lost answer is a doubt and not a refusal.
   * @param {string} name
   * @param {unknown} [request]
   * @param {boolean} [changes]
   * @returns {Promise<any>}
   */
  function call(name, request, changes) {
    const script = "PluginBackend.call(" + literal(name) + "," + literal(request === undefined ? null : request) + ")";
    return new Promise((done, refuse) => {
      bridge().evalScript(script, (/** @type {string} */ answer) => {
        let said = null;
        try {
          said = JSON.parse(answer);
        } catch (error) {
          refuse(new PB.HostError(changes ? "not-verified" : "failed", answer));
          return;
        }
        if (said.ok) done(said.value);
        else if (said.code !== "thrown") refuse(new PB.HostError(said.code, said.message));
        else refuse(new PB.HostError(changes ? "not-verified" : "failed", said.message)); // who knows how far it came
      });
    });
  }

  /**
   * A dialog answers with a path or, by platform, with its address.
   * @param {string} path
   */
  function plainPath(path) {
    return path.startsWith("file://") ? decodeURIComponent(path.slice(7)).replace(/^\/([A-Za-z]:)/, "$1") : path;
  }

  function create() {
    const app = APPS[environment().appName];
    const node = window.cep_node && window.cep_node.require ? window.cep_node.require : null;
    const disk = node ? PB.nodeDisk(node, () => localStorage.getItem(FOLDER) || "") : null;

    async function folder(/** @type {boolean} */ again) {
      const known = localStorage.getItem(FOLDER);
      if (known && !again) return { path: known, label: label(known) };
      const chosen = window.cep.fs.showOpenDialogEx(false, true, "", known || "");
      const path = chosen.data && chosen.data[0];
      if (!path) throw new PB.HostError("cancelled");
      localStorage.setItem(FOLDER, plainPath(path));
      return folder(false);
    }

    /** @param {string} path */
    const label = (path) => path.split(/[\\/]/).filter(Boolean).pop() || path;

    /**
     * @param {PB.SaveRequest} file
     * @param {PB.Progress} progress
     * @param {AbortSignal} signal
     */
    async function save(file, progress, signal) {
      if (!disk) throw new PB.HostError("unsupported");
      await folder(false);
      return PB.saving.save(disk, file, progress, signal);
    }

    async function context() {
      const said = await call("context");
      return { project: said.project, sequence: said.sequence ? sequenceOf(said.sequence) : null };
    }

    /**
     * Scripts of this age count in doubles and strings; what is exact is worked out here.
     * @param {any} said
     */
    function sequenceOf(said) {
      const rate = said.ticks_per_frame ? PB.timing.fromTicksPerFrame(said.ticks_per_frame) : PB.timing.fromNumber(said.rate);
      const at = (/** @type {string | number} */ time) =>
        said.ticks_per_frame
          ? PB.timing.frameAt(String(time), said.ticks_per_frame)
          : Math.round(Number(time) * PB.timing.toNumber(rate));
      const frame = at(said.playhead);
      const [first, end] = [said.in_point, said.out_point].map((each) => (each === null ? null : at(each)));
      const marked = first !== null && end !== null && end > first;
      return {
        id: said.id,
        name: said.name,
        frame_rate: rate,
        drop_frame: said.drop_frame,
        width: said.width,
        height: said.height,
        colour_space: null,
        playhead_timecode: PB.timing.timecode(at(said.start) + frame, rate, said.drop_frame),
        playhead_frame: frame,
        in_frame: marked ? first : null,
        out_frame: marked ? end : null,
      };
    }

    async function frame() {
      if (!node) throw new PB.HostError("unsupported");
      const [fs, os, path] = ["fs", "os", "path"].map((each) => node(each));
      const name = "plugin-backend-frame-" + Date.now() + ".png";
      const file = path.join(os.tmpdir(), name);
      const before = await context();
      await call("frame", { path: file });
      const bytes = await PB.until(() => settled(fs, file), LOOK);
      await fs.promises.unlink(file).catch(() => undefined);
      if (!bytes) throw new PB.HostError("failed", name);
      const timecode = before.sequence ? before.sequence.playhead_timecode : null;
      return { bytes, media_type: "image/png", filename: name, timecode };
    }

    /**
     * A PNG that is whole: the host writes it after it has answered.
     * @param {any} fs
     * @param {string} file
     */
    async function settled(fs, file) {
      const buffer = await fs.promises.readFile(file).catch(() => null);
      if (!buffer || buffer.length < 12 || buffer.toString("latin1", buffer.length - 8, buffer.length - 4) !== "IEND") return null;
      return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
    }

    async function pickFile(/** @type {ReadonlyArray<string>} */ accept) {
      const chosen = window.cep.fs.showOpenDialogEx(false, false, "", "", PB.uxp.suffixes(accept));
      const path = chosen.data && chosen.data[0];
      if (!path) throw new PB.HostError("cancelled");
      const read = window.cep.fs.readFile(plainPath(path), window.cep.encoding.Base64);
      if (read.err) throw new PB.HostError("disk", String(read.err));
      const bytes = Uint8Array.from(atob(read.data), (each) => each.charCodeAt(0));
      return { bytes: bytes.buffer, media_type: PB.uxp.mediaType(path), filename: label(path), timecode: null };
    }

    /** @param {PB.ImportRequest} request */
    async function bring(request) {
      const rate = PB.timing.toNumber(request.frame_rate);
      const said = await call("bring", { ...request, paths: request.is_sequence ? [request.paths[0]] : request.paths, rate }, true);
      return { ref: JSON.stringify({ id: said.id }), path: request.paths[0] };
    }

    /** @param {PB.PlaceRequest} request */
    async function place(request) {
      const { sequence } = await context();
      if (!sequence || sequence.id !== request.sequence_id) throw new PB.HostError("no-sequence", sequence ? sequence.name : "");
      const at_frame = request.at_frame === null ? sequence.playhead_frame : request.at_frame;
      const cut = PB.timing.oneAfterAnother(request, sequence, at_frame);
      const done = { sequence_id: sequence.id, at_frame, verified: /** @type {true} */ (true) };
      if (request.mode === "bin") return { ...done, track: "" };
      const rate = PB.timing.toNumber(sequence.frame_rate);
      const clips = cut.map((each) => inHostsTime(each, sequence.frame_rate, request.frame_rate));
      const said = await call("place", { clips, sequence: sequence.id, mode: request.mode, half: 0.5 / rate }, true);
      return { ...done, track: said.track };
    }

    /**
     * In seconds for one host and in ticks for the other; `part` is what is cut in of its media, null where that is all.
     * @param {PB.ClipToPlace & { at_frame: number }} clip
     * @param {string} rate the sequence's
     * @param {string} own the media's
     */
    function inHostsTime(clip, rate, own) {
      const seconds = (/** @type {number} */ frame, /** @type {string} */ at) => frame / PB.timing.toNumber(at);
      const ticks = (/** @type {number} */ frame, /** @type {string} */ at) => PB.timing.ticksAt(frame, PB.timing.ticksPerFrame(at));
      const end = clip.from_frame + clip.frame_count;
      const part = { from: seconds(clip.from_frame, own), from_ticks: ticks(clip.from_frame, own), to_ticks: ticks(end, own), length: seconds(clip.frame_count, own) };
      return {
        id: JSON.parse(clip.item.ref).id,
        seconds: seconds(clip.at_frame, rate),
        ticks: ticks(clip.at_frame, rate),
        part: clip.from_frame ? part : null,
      };
    }

    /** @param {PB.SwapRequest} request */
    async function swap(request) {
      const said = await call("swap", request, true);
      return { count: said.count, verified: /** @type {true} */ (true) };
    }

    /**
     * @param {string} id
     * @param {ReadonlyArray<PB.Marker>} markers
     */
    async function addMarkers(id, markers) {
      const { sequence } = await context();
      if (!sequence || sequence.id !== id) throw new PB.HostError("no-sequence");
      const rate = PB.timing.toNumber(sequence.frame_rate);
      const wanted = markers.map((each) => ({ seconds: each.frame / rate, name: each.name, comment: each.comment }));
      return call("markers", { sequence: id, markers: wanted }, true);
    }

    async function openExternal(/** @type {string} */ url) {
      if (!/^https:\/\//.test(url) && !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url)) throw new PB.HostError("denied");
      window.cep.util.openURLInDefaultBrowser(url);
    }

    function theme() {
      const { red, green, blue } = environment().appSkinInfo.panelBackgroundColor.color;
      return 0.299 * red + 0.587 * green + 0.114 * blue > 127 ? "light" : "dark";
    }

    async function capabilities() {
      const can = await call("capabilities");
      return {
        context: true,
        frame: Boolean(can.frame && node),
        save: Boolean(disk),
        import: true,
        place: can.place,
        cut: true,
        swap: can.swap,
        undo: can.undo,
        drag: true,
        stream: true,
        markers: can.markers,
        video: true,
      };
    }

    /** @type {PB.Adapter} */
    const adapter = {
      info: async () => ({ ...app, version: environment().appVersion }),
      capabilities,
      context,
      onContext: (changed) => PB.observe(context, changed),
      frame,
      pickFile,
      folder,
      save,
      import: bring,
      place,
      swap,
      addMarkers,
      undo: () => call("undo", null, true).then(() => undefined),
      openExternal,
      secret: {
        get: async (name) => localStorage.getItem(SECRET + name),
        set: async (name, value) => localStorage.setItem(SECRET + name, value),
        remove: async (name) => localStorage.removeItem(SECRET + name),
      },
      theme: () => theme(),
      onTheme: (changed) => bridge().addEventListener("com.adobe.csxs.events.ThemeColorChanged", changed),
      draggable: (element, file) => PB.dragOut(element, file),
    };
    return adapter;
  }

  PB.cep = { literal };
  PB.hosts.push({ name: "cep-after-effects", recognises, create });
})(window.PB);
