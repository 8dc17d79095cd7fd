/* Premiere Pro 25.6 and newer. Every change is one transaction with a name in Edit > Undo, and is read back. */
(function (PB) {
  "use strict";

  const LOOK = 8000; // how long the host may take to show what it has done, in milliseconds

  function recognises() {
    return PB.load("uxp") !== null && PB.load("premierepro") !== null;
  }

  function create() {
    const ppro = /** @type {Premiere} */ (PB.load("premierepro"));
    const shared = PB.uxp.make();
    /** @type {{ sequence: string, tracks: Array<{ kind: string, index: number, ticks: string, item: string }>, ripple: boolean } | null} */
    let last = null;

    async function opened() {
      const project = await ppro.Project.getActiveProject();
      if (!project) throw new PB.HostError("no-project");
      return project;
    }

    /** @param {string | null} wanted */
    async function current(wanted) {
      const project = await opened();
      const sequence = await project.getActiveSequence();
      if (!sequence) throw new PB.HostError("no-sequence");
      if (wanted !== null && sequence.guid.toString() !== wanted) throw new PB.HostError("no-sequence", sequence.name);
      return { project, sequence, per: await sequence.getTimebase() };
    }

    async function context() {
      const project = await ppro.Project.getActiveProject();
      if (!project) return { project: null, sequence: null };
      const sequence = await project.getActiveSequence();
      return {
        project: { id: project.guid.toString(), name: project.name },
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
      const drops = display.type === ppro.Constants.VideoDisplayFormatType.FPS_29_97;
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

    /**
     * One step of the host's undo. Actions are made inside the lock, without waiting: the host asks for both.
     * @param {PremiereProject} project
     * @param {string} name
     * @param {() => PremiereAction[]} actions
     */
    function transact(project, name, actions) {
      let done = false;
      project.lockedAccess(() => {
        done = project.executeTransaction((all) => {
          for (const each of actions()) all.addAction(each);
        }, name);
      });
      if (!done) throw new Error(name);
    }

    /**
     * Does a change and reads it back. What was refused and left no trace has failed; anything else is in doubt.
     * @template T
     * @param {() => Promise<unknown> | void} act
     * @param {() => Promise<T | null>} find
     * @returns {Promise<T>}
     */
    async function verified(act, find) {
      let refusal = null;
      try {
        await act();
      } catch (error) {
        refusal = error instanceof Error ? error.message : String(error);
      }
      const found = await PB.until(find, refusal === null ? LOOK : 500);
      if (found !== null) return found;
      throw refusal === null ? new PB.HostError("not-verified") : new PB.HostError("failed", refusal);
    }

    /** @param {PremiereItem} item */
    const isBin = (item) => item.type === ppro.ProjectItem.TYPE_BIN;

    /**
     * The bin of this path, made where it is missing. `item` is what the host imports into: null for the root.
     * @param {PremiereProject} project
     * @param {string} path
     */
    async function binOf(project, path) {
      let folder = await project.getRootItem();
      /** @type {PremiereItem | null} */
      let item = null;
      for (const name of path.split("/").filter(Boolean)) {
        const parent = folder;
        const find = async () => (await parent.getItems()).find((each) => isBin(each) && each.name === name) || null;
        const make = () => transact(project, "Make bin " + name, () => [parent.createBinAction(name, false)]);
        item = (await find()) || (await verified(make, find));
        folder = ppro.FolderItem.cast(item);
      }
      return { item, folder };
    }

    /**
     * Every clip under a bin.
     * @param {PremiereFolder} folder
     * @returns {Promise<PremiereItem[]>}
     */
    async function clipsUnder(folder) {
      const found = [];
      for (const each of await folder.getItems()) {
        if (isBin(each)) found.push(...(await clipsUnder(ppro.FolderItem.cast(each))));
        else found.push(each);
      }
      return found;
    }

    /** @param {PremiereItem} item */
    async function mediaPath(item) {
      try {
        return plain(await ppro.ClipProjectItem.cast(item).getMediaFilePath());
      } catch (error) {
        return ""; // a sequence, a title: no file
      }
    }

    /**
     * @param {PremiereFolder} folder
     * @param {string} path
     * @param {Set<string>} before
     */
    async function clipOf(folder, path, before) {
      for (const each of await folder.getItems()) {
        if (!before.has(each.getId()) && !isBin(each) && (await mediaPath(each)) === plain(path)) return each;
      }
      return null;
    }

    /** @param {PB.ImportRequest} request */
    async function bring(request) {
      const project = await opened();
      const bin = await binOf(project, request.bin);
      const path = request.paths[0];
      const item = (await clipOf(bin.folder, path, new Set())) || (await imported(project, bin, request));
      await named(project, item, request);
      await describe(project, item, request.comment);
      return { ref: JSON.stringify({ id: item.getId(), bin: request.bin }), path };
    }

    /**
     * @param {PremiereProject} project
     * @param {{ item: PremiereItem | null, folder: PremiereFolder }} bin
     * @param {PB.ImportRequest} request
     */
    async function imported(project, bin, request) {
      const before = new Set((await bin.folder.getItems()).map((each) => each.getId()));
      const paths = request.is_sequence ? [request.paths[0]] : [...request.paths];
      const target = /** @type {PremiereItem} */ (bin.item); // null is the root; leaving it out is refused
      const act = async () => {
        if (!(await project.importFiles(paths, true, target, request.is_sequence))) throw new Error("importFiles");
      };
      return verified(act, () => clipOf(bin.folder, request.paths[0], before));
    }

    /**
     * Its name, and of stills the rate they are played at.
     * @param {PremiereProject} project
     * @param {PremiereItem} item
     * @param {PB.ImportRequest} request
     */
    async function named(project, item, request) {
      const clip = ppro.ClipProjectItem.cast(item);
      const rate = PB.timing.toNumber(request.frame_rate);
      const isWell = async () => {
        const right = !request.is_sequence || Math.abs((await clip.getFootageInterpretation()).getFrameRate() - rate) < 0.001;
        return right && ppro.ClipProjectItem.cast(item).name === request.clip_name ? true : null;
      };
      if (await isWell()) return;
      await verified(() => {
        transact(project, "Name " + request.clip_name, () => {
          const actions = [clip.createSetNameAction(request.clip_name)];
          if (request.is_sequence) actions.push(clip.createSetOverrideFrameRateAction(rate));
          return actions;
        });
      }, isWell);
    }

    /**
     * The comment column, for the editor's eye: a clip without it is as good.
     * @param {PremiereProject} project
     * @param {PremiereItem} item
     * @param {string} comment
     */
    async function describe(project, item, comment) {
      if (!comment || !ppro.Metadata) return;
      try {
        transact(project, "Comment on " + item.name, () => [
          ppro.Metadata.createSetProjectMetadataAction(item, commentOf(comment), ["Column.PropertyText.Comment"]),
        ]);
      } catch (error) {
        return; // some kinds of items have no columns
      }
    }

    /**
     * @param {PremiereProject} project
     * @param {PB.Item} item
     */
    async function itemOf(project, item) {
      const { id } = JSON.parse(item.ref);
      const found = (await clipsUnder(await project.getRootItem())).find((each) => each.getId() === id);
      if (!found) throw new PB.HostError("failed", item.path);
      return found;
    }

    /** @param {PB.PlaceRequest} request */
    async function place(request) {
      const { project, sequence, per } = await current(request.sequence_id);
      const item = await itemOf(project, request.item);
      const frame = request.at_frame === null ? await playhead(sequence, per) : request.at_frame;
      if (request.mode === "bin") return { sequence_id: request.sequence_id, at_frame: frame, track: "", verified: /** @type {true} */ (true) };
      const end = frame + request.frame_count;
      const video = request.mode === "layer" ? await freeTrack(sequence, "Video", frame, end, per) : 0;
      const audio = request.mode === "layer" ? await freeTrack(sequence, "Audio", frame, end, per) : 0;
      const editor = ppro.SequenceEditor.getEditor(sequence);
      const at = ppro.TickTime.createWithTicks(PB.timing.ticksAt(frame, per));
      const before = await starts(sequence, "Video", video, item);
      const act = () =>
        transact(project, "Place " + item.name, () => [
          request.mode === "insert"
            ? editor.createInsertProjectItemAction(item, at, video, audio, false)
            : editor.createOverwriteItemAction(item, at, video, audio),
        ]);
      const found = await verified(act, () => placed(sequence, video, item, at.ticks, before));
      last = {
        sequence: request.sequence_id,
        ripple: request.mode === "insert",
        tracks: [
          { kind: "Video", index: video, ticks: at.ticks, item: item.getId() },
          { kind: "Audio", index: audio, ticks: at.ticks, item: item.getId() },
        ],
      };
      await rightLength(found, request, per);
      return { sequence_id: request.sequence_id, at_frame: frame, track: "V" + (video + 1), verified: /** @type {true} */ (true) };
    }

    /**
     * @param {PremiereSequence} sequence
     * @param {string} per
     */
    async function playhead(sequence, per) {
      return PB.timing.frameAt((await sequence.getPlayerPosition()).ticks, per);
    }

    /**
     * @param {PremiereSequence} sequence
     * @param {string} kind
     * @param {number} index
     */
    async function clips(sequence, kind, index) {
      if (index >= (await trackCount(sequence, kind))) return [];
      const track = kind === "Video" ? await sequence.getVideoTrack(index) : await sequence.getAudioTrack(index);
      return track.getTrackItems(ppro.Constants.TrackItemType.CLIP, false);
    }

    /**
     * @param {PremiereSequence} sequence
     * @param {string} kind
     */
    function trackCount(sequence, kind) {
      return kind === "Video" ? sequence.getVideoTrackCount() : sequence.getAudioTrackCount();
    }

    /**
     * Where this item already stands on the track: one that was there before is not ours.
     * @param {PremiereSequence} sequence
     * @param {string} kind
     * @param {number} index
     * @param {PremiereItem} item
     */
    async function starts(sequence, kind, index, item) {
      const found = new Map();
      for (const each of await clips(sequence, kind, index)) {
        if ((await each.getProjectItem()).getId() !== item.getId()) continue;
        const { ticks } = await each.getStartTime();
        found.set(ticks, (found.get(ticks) || 0) + 1);
      }
      return found;
    }

    /**
     * @param {PremiereSequence} sequence
     * @param {number} video
     * @param {PremiereItem} item
     * @param {string} ticks
     * @param {Map<string, number>} before
     */
    async function placed(sequence, video, item, ticks, before) {
      const now = await starts(sequence, "Video", video, item);
      const all = (/** @type {Map<string, number>} */ each) => [...each.values()].reduce((sum, count) => sum + count, 0);
      if (!now.get(ticks) || (all(now) === all(before) && before.has(ticks))) return null;
      return trackItem(sequence, "Video", video, item.getId(), ticks);
    }

    /**
     * @param {PremiereSequence} sequence
     * @param {string} kind
     * @param {number} index
     * @param {string} id
     * @param {string} ticks
     */
    async function trackItem(sequence, kind, index, id, ticks) {
      for (const each of await clips(sequence, kind, index)) {
        const mine = (await each.getProjectItem()).getId() === id && (await each.getStartTime()).ticks === ticks;
        if (mine) return each;
      }
      return null;
    }

    /**
     * @param {PremiereTrackItem} found
     * @param {PB.PlaceRequest} request
     * @param {string} per
     */
    async function rightLength(found, request, per) {
      const frames = Math.round((await found.getDuration()).ticksNumber / Number(per));
      const rate = PB.timing.fromTicksPerFrame(per);
      if (rate === request.frame_rate && frames !== request.frame_count) {
        throw new PB.HostError("not-verified", frames + " ≠ " + request.frame_count);
      }
    }

    /**
     * The lowest track above everything that lies in these frames; one past the last is made by the host.
     * @param {PremiereSequence} sequence
     * @param {string} kind
     * @param {number} from
     * @param {number} to
     * @param {string} per
     */
    async function freeTrack(sequence, kind, from, to, per) {
      const count = await trackCount(sequence, kind);
      let free = 0;
      for (let index = 0; index < count; index += 1) {
        for (const each of await clips(sequence, kind, index)) {
          const start = PB.timing.frameAt((await each.getStartTime()).ticks, per);
          const end = PB.timing.frameAt((await each.getEndTime()).ticks, per);
          if (start < to && end > from) free = index + 1;
        }
      }
      return free;
    }

    /** @param {PB.SwapRequest} request */
    async function swap(request) {
      const project = await opened();
      const all = await clipsUnder(await project.getRootItem());
      const drafts = [];
      for (const each of all) if ((await mediaPath(each)) === plain(request.from_path)) drafts.push(each);
      if (!drafts.length) throw new PB.HostError("failed", request.from_path);
      for (const item of drafts) {
        if (!(await ppro.ClipProjectItem.cast(item).canChangeMediaPath())) throw new PB.HostError("unsupported", item.name);
      }
      for (const item of drafts) {
        const clip = ppro.ClipProjectItem.cast(item);
        await verified(
          async () => {
            if (!(await clip.changeMediaFilePath(request.to_path, false))) throw new Error("changeMediaFilePath");
          },
          async () => ((await mediaPath(item)) === plain(request.to_path) ? true : null),
        );
        transact(project, "Name " + request.clip_name, () => [clip.createSetNameAction(request.clip_name)]);
      }
      return { count: drafts.length, verified: /** @type {true} */ (true) };
    }

    /**
     * @param {string} sequence_id
     * @param {ReadonlyArray<PB.Marker>} wanted
     */
    async function addMarkers(sequence_id, wanted) {
      const { project, sequence, per } = await current(sequence_id);
      const markers = await ppro.Markers.getMarkers(sequence);
      const before = markers.getMarkers().length;
      const time = (/** @type {number} */ frame) => ppro.TickTime.createWithTicks(PB.timing.ticksAt(frame, per));
      const act = () =>
        transact(project, "Set markers", () =>
          wanted.map((each) =>
            markers.createAddMarkerAction(
              each.name, ppro.Marker.MARKER_TYPE_COMMENT, time(each.frame), ppro.TickTime.TIME_ZERO, each.comment,
            ),
          ),
        );
      await verified(act, async () => {
        const now = await ppro.Markers.getMarkers(sequence);
        return now.getMarkers().length === before + wanted.length ? true : null;
      });
      return { count: wanted.length };
    }

    /** Takes the last placement back: UXP has no undo of its own, so what was placed is taken out again. */
    async function undo() {
      const mine = last;
      if (!mine) throw new PB.HostError("unsupported");
      const { project, sequence } = await current(mine.sequence);
      /** @type {PremiereTrackItem[]} */
      const found = [];
      for (const each of mine.tracks) {
        const item = await trackItem(sequence, each.kind, each.index, each.item, each.ticks);
        if (item) found.push(item);
      }
      if (!found.length) throw new PB.HostError("failed");
      const video = mine.tracks[0];
      await verified(
        () => {
          ppro.TrackItemSelection.createEmptySelection((selection) => {
            for (const each of found) selection.addItem(each, false);
            const editor = ppro.SequenceEditor.getEditor(sequence);
            transact(project, "Take back", () => [
              editor.createRemoveItemsAction(selection, mine.ripple, ppro.Constants.MediaType.ANY, false),
            ]);
          });
        },
        async () => ((await trackItem(sequence, video.kind, video.index, video.item, video.ticks)) ? null : true),
      );
      last = null;
    }

    /** The frame at the playhead as a PNG; the host's own word that it wrote one is not taken for it. */
    async function frame() {
      const { sequence } = await current(null);
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
      import: bring,
      place,
      swap,
      addMarkers,
      undo,
      openExternal: shared.openExternal,
      secret: shared.secret,
      theme: shared.theme,
      onTheme: shared.onTheme,
      draggable: () => undefined,
    };
    return adapter;
  }

  /**
   * What the project panel's comment column is written with.
   * @param {string} comment
   */
  function commentOf(comment) {
    const escaped = comment.replace(/[&<>"'\u0000-\u001f]/g, (each) => "&#" + (each.charCodeAt(0) || 32) + ";");
    const space = "premierePrivateProjectMetaData";
    return (
      '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      '<rdf:Description rdf:about="" xmlns:' + space + '="http://ns.adobe.com/premierePrivateProjectMetaData/1.0/">' +
      "<" + space + ":Column.PropertyText.Comment>" + escaped + "</" + space + ":Column.PropertyText.Comment>" +
      '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    );
  }

  /**
   * Paths as the host spells them differ in slashes, case on Windows, and the way accents are built.
   * @param {string} path
   */
  function plain(path) {
    const normal = path.replace(/\\/g, "/").normalize("NFC");
    return /^[a-z]:\//i.test(normal) ? normal.toLowerCase() : normal;
  }

  PB.plainPath = plain;
  PB.hosts.push({ name: "uxp-premiere", recognises, create });
})(window.PB);
