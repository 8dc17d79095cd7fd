/* DaVinci Resolve Studio: the page is fenced in; what touches Resolve or the disk is asked of main.js by name. */
(function (PB) {
  "use strict";

  function recognises() {
    return typeof window.resolveBridge === "object" && window.resolveBridge !== null;
  }

  /**
   * @param {string} name
   * @param {unknown} [request]
   * @returns {Promise<any>}
   */
  async function call(name, request) {
    const said = await window.resolveBridge.call(name, request === undefined ? null : request);
    if (said.ok) return said.value;
    throw new PB.HostError(said.code, said.message);
  }

  function create() {
    /** @type {string} */
    let root = "";

    /** @param {boolean} again */
    async function folder(again) {
      const chosen = await call("folder", { again });
      root = chosen.path;
      return chosen;
    }

    /** @type {PB.Disk} */
    const disk = {
      size: (folder, name) => call("disk.size", { folder, name }),
      read: (folder, name) => call("disk.read", { folder, name }),
      create: (folder, name) => call("disk.create", { folder, name }),
      append: (folder, name, bytes) => call("disk.append", { folder, name, bytes }),
      rename: (folder, from, to) => call("disk.rename", { folder, name: from, to }),
      remove: (folder, name) => call("disk.remove", { folder, name }),
      path: (folder, name) => [root, ...folder, name].join(root.includes("\\") ? "\\" : "/"),
    };

    /**
     * @param {PB.SaveRequest} file
     * @param {PB.Progress} progress
     * @param {AbortSignal} signal
     */
    async function save(file, progress, signal) {
      if (!root) await folder(false);
      return PB.saving.save(disk, file, progress, signal);
    }

    async function context() {
      const said = await call("context");
      return { project: said.project, sequence: said.timeline ? sequenceOf(said.timeline) : null };
    }

    /** @param {any} said */
    function sequenceOf(said) {
      const drops = / DF$/.test(said.rate);
      const rate = PB.timing.fromNumber(parseFloat(said.rate));
      const timecode = drops ? said.timecode.replace(/[:;](\d+)$/, ";$1") : said.timecode;
      return {
        id: said.id,
        name: said.name,
        frame_rate: rate,
        drop_frame: drops,
        width: Number(said.width),
        height: Number(said.height),
        colour_space: null,
        playhead_timecode: timecode,
        playhead_frame: PB.timing.frameOf(timecode, rate) - said.start_frame,
        in_frame: said.mark ? said.mark.in - said.start_frame : null,
        out_frame: said.mark ? said.mark.out + 1 - said.start_frame : null, // Resolve's last frame is inside
      };
    }

    /** @param {PB.PlaceRequest} request */
    async function place(request) {
      const { sequence } = await context();
      if (!sequence || sequence.id !== request.sequence_id) throw new PB.HostError("no-sequence", sequence ? sequence.name : "");
      const at_frame = request.at_frame === null ? sequence.playhead_frame : request.at_frame;
      const cut = PB.timing.oneAfterAnother(request, sequence, at_frame);
      const done = { sequence_id: sequence.id, at_frame, verified: /** @type {true} */ (true) };
      if (request.mode === "bin") return { ...done, track: "" };
      const clips = cut.map(({ item, ...each }) => ({ ...each, id: JSON.parse(item.ref).id }));
      const said = await call("place", { clips, timeline: sequence.id, mode: request.mode });
      return { ...done, track: said.track };
    }

    /** @param {PB.ImportRequest} request */
    async function bring(request) {
      const said = await call("bring", request);
      return { ref: JSON.stringify({ id: said.id }), path: request.paths[0] };
    }

    async function frame() {
      const said = await call("frame");
      const { sequence } = await context();
      return {
        bytes: said.bytes, media_type: "image/png", filename: said.name, timecode: sequence ? sequence.playhead_timecode : null,
      };
    }

    /** @param {ReadonlyArray<string>} accept */
    async function pickFile(accept) {
      const said = await call("pick", { suffixes: PB.uxp.suffixes(accept) });
      return { bytes: said.bytes, media_type: PB.uxp.mediaType(said.name), filename: said.name, timecode: null };
    }

    async function capabilities() {
      const can = await call("capabilities");
      return {
        context: true,
        frame: can.frame,
        save: true,
        import: can.import,
        place: can.place,
        cut: true,
        swap: can.swap,
        undo: can.undo,
        drag: false,
        stream: true,
        markers: can.markers,
        video: true,
      };
    }

    /** @type {PB.Adapter} */
    const adapter = {
      info: async () => ({ host: "resolve", label: "DaVinci Resolve", version: (await call("info")).version, adapter: "resolve" }),
      capabilities,
      context,
      onContext: (changed) => PB.observe(context, changed),
      frame,
      pickFile,
      folder,
      save,
      import: bring,
      place,
      swap: async (request) => ({ count: (await call("swap", request)).count, verified: /** @type {true} */ (true) }),
      addMarkers: (timeline, markers) => call("markers", { timeline, markers }),
      undo: () => call("undo"),
      openExternal: (url) => call("open", { url }),
      secret: {
        get: (name) => call("secret.get", { name }),
        set: (name, value) => call("secret.set", { name, value }),
        remove: (name) => call("secret.remove", { name }),
      },
      theme: () => "dark", // Resolve has one
      onTheme: () => undefined,
      draggable: () => undefined,
    };
    return adapter;
  }

  PB.hosts.push({ name: "resolve", recognises, create });
})(window.PB);
