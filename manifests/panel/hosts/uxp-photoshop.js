/* Photoshop: the document stands for the sequence, a placed picture is a layer, a change is one history state. */
(function (PB) {
  "use strict";

  const PLACEABLE = /\.(png|jpe?g|tiff?|psd|exr)$/i;

  function recognises() {
    return PB.load("uxp") !== null && PB.load("photoshop") !== null;
  }

  function create() {
    const photoshop = /** @type {typeof import("photoshop")} */ (PB.load("photoshop"));
    const { app, core, action, imaging } = photoshop;
    const shared = PB.uxp.make();
    /** @type {{ document: number, layer: number } | null} */
    let last = null;

    function opened() {
      const document = app.activeDocument;
      if (!document) throw new PB.HostError("no-project");
      return document;
    }

    async function context() {
      const document = app.activeDocument;
      return { project: document ? { id: String(document.id), name: document.title || document.name } : null, sequence: null };
    }

    /**
     * Photoshop lets one plug-in at a time change things; another's turn is a refusal, not a doubt.
     * @template T
     * @param {string} name
     * @param {(context: any) => Promise<T>} act
     * @returns {Promise<T>}
     */
    async function modal(name, act) {
      try {
        return await core.executeAsModal(act, { commandName: name, timeOut: 10 });
      } catch (error) {
        if (error instanceof PB.HostError) throw error;
        throw new PB.HostError("failed", error instanceof Error ? error.message : String(error));
      }
    }

    /** The document as it looks, as JPEG: the one kind of picture that the host writes into memory. */
    async function frame() {
      const document = opened();
      return modal("Read the picture", async () => {
        const { imageData } = await imaging.getPixels({
          documentID: document.id, colorSpace: "RGB", componentSize: 8, applyAlpha: true,
        });
        try {
          const encoded = await imaging.encodeImageData({ imageData, base64: false });
        const bytes = Uint8Array.from(/** @type {number[]} */ (encoded));
          const name = (document.title || document.name).replace(/\.[^.]*$/, "") + ".jpg";
          return { bytes: bytes.buffer, media_type: "image/jpeg", filename: name, timecode: null };
        } finally {
          imageData.dispose();
        }
      });
    }

    /** Nothing is brought into a document before it is placed: the file itself is the item. */
    async function bring(/** @type {PB.ImportRequest} */ request) {
      const path = request.paths[0];
      if (!PLACEABLE.test(path)) throw new PB.HostError("unsupported", path);
      await shared.entryOf(path);
      return { ref: JSON.stringify({ path, name: request.clip_name }), path };
    }

    /**
     * Every layer's id, those in groups too.
     * @param {any} layers
     * @returns {any[]}
     */
    function flat(layers) {
      return Array.from(layers || []).flatMap((/** @type {any} */ each) => [each, ...flat(each.layers)]);
    }

    /** @param {PB.PlaceRequest} request */
    async function place(request) {
      const document = opened();
      if (request.sequence_id && String(document.id) !== request.sequence_id) throw new PB.HostError("no-sequence", document.name);
      const done = { sequence_id: String(document.id), at_frame: 0, verified: /** @type {true} */ (true) };
      if (request.mode !== "layer") return { ...done, track: "" };
      const { path, name } = JSON.parse(request.clips[0].item.ref);
      const token = await shared.files.createSessionToken(await shared.entryOf(path));
      const before = new Set(flat(document.layers).map((each) => each.id));
      const layer = await modal("Place " + name, async (context) => {
        const history = await context.hostControl.suspendHistory({ documentID: document.id, name: "Place " + name });
        try {
          const answers = await action.batchPlay([{ _obj: "placeEvent", null: { _path: token, _kind: "local" } }], {});
          const refused = answers.find((/** @type {any} */ each) => each && each._obj === "error");
          const made = flat(document.layers).filter((each) => !before.has(each.id));
          if (!made.length) throw new PB.HostError(refused ? "failed" : "not-verified", refused ? refused.message : "");
          made[0].name = name;
          return made[0];
        } finally {
          await context.hostControl.resumeHistory(history);
        }
      });
      last = { document: document.id, layer: layer.id };
      return { ...done, track: layer.name };
    }

    async function undo() {
      const mine = last;
      const document = opened();
      if (!mine || document.id !== mine.document) throw new PB.HostError("unsupported");
      const layer = flat(document.layers).find((each) => each.id === mine.layer);
      if (!layer) throw new PB.HostError("failed");
      await modal("Take back " + layer.name, async () => layer.delete());
      if (flat(document.layers).some((each) => each.id === mine.layer)) throw new PB.HostError("not-verified");
      last = null;
    }

    async function capabilities() {
      /** @type {PB.PlaceMode[]} */
      const modes = ["layer"];
      return {
        context: true,
        frame: Boolean(imaging) && typeof imaging.getPixels === "function",
        save: true,
        import: typeof core.executeAsModal === "function",
        place: modes,
        cut: false,
        swap: false,
        undo: true,
        drag: false,
        stream: typeof ReadableStream === "function",
        markers: false,
        video: true,
      };
    }

    /** @returns {Promise<never>} */
  async function unsupported() {
      throw new PB.HostError("unsupported");
    }

    /** @type {PB.Adapter} */
    const adapter = {
      info: async () => ({
        host: "photoshop",
        label: "Photoshop",
        version: shared.uxp.host ? shared.uxp.host.version : "",
        adapter: "uxp-photoshop",
      }),
      capabilities,
      context,
      onContext: (changed) => PB.observe(context, changed),
      frame,
      pickFile: shared.pickFile,
      folder: shared.folder,
      save: shared.save,
      import: bring,
      place,
      swap: unsupported,
      addMarkers: unsupported,
      undo,
      openExternal: shared.openExternal,
      secret: shared.secret,
      theme: shared.theme,
      onTheme: shared.onTheme,
      draggable: () => undefined,
    };
    return adapter;
  }

  PB.hosts.push({ name: "uxp-photoshop", recognises, create });
})(window.PB);
