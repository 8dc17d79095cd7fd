/* Premiere Pro 25.6 and newer. Every change is one transaction with a name in Edit > Undo, and is read back. */
(function (PB) {
  "use strict";

  const LOOK = 8000; // how long the host may take to write a frame, in milliseconds

  const DROP_59_94 = 106; // as scripts of older Premieres know it; the constants of today have no name for it

  function recognises() {
    return PB.load("uxp") !== null && PB.load("premierepro") !== null;
  }

  function create() {
    const ppro = /** @type {Premiere} */ (PB.load("premierepro"));
    const shared = PB.uxp.make();
    const project = PB.premiereProject(ppro);
    const timeline = PB.premiereTimeline(ppro, project);

    async function context() {
      const open = await ppro.Project.getActiveProject();
      if (!open) return { project: null, sequence: null };
      const sequence = await open.getActiveSequence();
      return {
        project: { id: open.guid.toString(), name: open.name },
        sequence: sequence ? await described(sequence) : null,
      };
    }

    /** @param {PremiereSequence} sequence */
    async function described(sequence) {
      const per = await sequence.getTimebase();
      const [size, zero, position, from, to, display] = await Promise.all([
        sequence.getFrameSize(),
        sequence.getZeroPoint(),
        sequence.getPlayerPosition(),
        sequence.getInPoint(),
        sequence.getOutPoint(),
        sequence.getSequenceVideoTimeDisplayFormat(),
      ]);
      const rate = PB.timing.fromTicksPerFrame(per);
      const drops = [ppro.Constants.VideoDisplayFormatType.FPS_29_97, DROP_59_94].includes(display.type);
      const frame = PB.timing.frameAt(position.ticks, per);
      const start = PB.timing.frameAt(zero.ticks, per);
      const [first, end] = [from, to].map((each) => (each.seconds < 0 ? null : PB.timing.frameAt(each.ticks, per)));
      const marked = first !== null && end !== null && end > first;
      return {
        id: sequence.guid.toString(),
        name: sequence.name,
        frame_rate: rate,
        drop_frame: drops,
        width: size.width,
        height: size.height,
        colour_space: null, // UXP does not say
        playhead_timecode: PB.timing.timecode(start + frame, rate, drops),
        playhead_frame: frame,
        in_frame: marked ? first : null,
        out_frame: marked ? end : null,
      };
    }

    /** The frame at the playhead as a PNG; the host's own word that it wrote one is not taken for it. */
    async function frame() {
      const { sequence } = await project.current(null);
      const [position, size, folder] = await Promise.all([
        sequence.getPlayerPosition(), sequence.getFrameSize(), shared.files.getTemporaryFolder(),
      ]);
      const name = "frame-" + Date.now();
      const said = await described(sequence);
      await ppro.Exporter.exportSequenceFrame(
        sequence, position, name + ".png", folder.nativePath, size.width, size.height,
      );
      const file = await PB.until(async () => {
        const entries = await folder.getEntries();
        return entries.find((/** @type {any} */ each) => each.name.startsWith(name) && each.isFile) || null;
      }, LOOK);
      if (!file) throw new PB.HostError("failed", "exportSequenceFrame");
      const bytes = await file.read({ format: shared.binary });
      await file.delete().catch(() => undefined);
      return { bytes, media_type: "image/png", filename: name + ".png", timecode: said.playhead_timecode };
    }

    async function capabilities() {
      const has = (/** @type {any} */ thing, /** @type {string} */ name) => Boolean(thing) && typeof thing[name] === "function";
      const edits = has(ppro.SequenceEditor, "getEditor");
      /** @type {PB.PlaceMode[]} */
      const modes = edits ? ["insert", "overwrite", "layer", "bin"] : ["bin"];
      return {
        context: true,
        frame: has(ppro.Exporter, "exportSequenceFrame"),
        save: has(shared.files, "getFolder"),
        import: has(ppro.FolderItem, "cast"),
        place: modes,
        cut: edits,
        swap: has(ppro.ClipProjectItem, "cast"),
        undo: edits && has(ppro.TrackItemSelection, "createEmptySelection"),
        drag: false,
        stream: typeof ReadableStream === "function",
        markers: has(ppro.Markers, "getMarkers"),
        video: true,
      };
    }

    /** @type {PB.Adapter} */
    const adapter = {
      info: async () => ({
        host: "premiere-pro",
        label: "Premiere Pro",
        version: shared.uxp.host ? shared.uxp.host.version : "",
        adapter: "uxp-premiere",
      }),
      capabilities,
      context,
      onContext: (changed) => PB.observe(context, changed),
      frame,
      pickFile: shared.pickFile,
      folder: shared.folder,
      save: shared.save,
      import: project.bring,
      place: timeline.place,
      swap: project.swap,
      addMarkers: timeline.addMarkers,
      undo: timeline.undo,
      openExternal: shared.openExternal,
      secret: shared.secret,
      theme: shared.theme,
      onTheme: shared.onTheme,
      draggable: () => undefined,
    };
    return adapter;
  }

  PB.hosts.push({ name: "uxp-premiere", recognises, create });
})(window.PB);
