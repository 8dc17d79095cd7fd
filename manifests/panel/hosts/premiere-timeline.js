/* Premiere's timeline: clips laid on tracks, looked for where they should be, and taken back. */
(function (PB) {
  "use strict";

  /**
   * @param {Premiere} ppro
   * @param {ReturnType<PanelNamespace["premiereProject"]>} project
   */
  function premiereTimeline(ppro, { current, transact, verified, itemOf }) {
    /** @type {{ sequence: string, tracks: Array<{ kind: string, index: number, ticks: string, item: string }>, ripple: boolean } | null} */
    let last = null;

    /** @param {PB.PlaceRequest} request */
    async function place(request) {
      const { project, sequence, per } = await current(request.sequence_id);
      const frame = request.at_frame === null ? await playhead(sequence, per) : request.at_frame;
      const rate = PB.timing.fromTicksPerFrame(per);
      /** @type {Array<PB.ClipToPlace & { node: PremiereItem, id: string, ticks: string }>} */
      const cut = [];
      for (const each of PB.timing.oneAfterAnother(request, { name: sequence.name, frame_rate: rate }, frame)) {
        const item = await itemOf(project, each.item);
        cut.push({ ...each, node: item, id: item.getId(), ticks: PB.timing.ticksAt(each.at_frame, per) });
      }
      const done = (/** @type {string} */ track) => ({ sequence_id: request.sequence_id, at_frame: frame, track, verified: /** @type {true} */ (true) });
      if (request.mode === "bin") return done("");
      for (const each of cut) await trimmed(project, each, request.frame_rate);
      const end = cut.reduce((sum, each) => sum + each.frame_count, frame);
      const free = async (/** @type {string} */ kind) => (request.mode === "layer" ? freeTrack(sequence, kind, frame, end, per) : 0);
      const tracks = [{ kind: "Video", index: await free("Video") }, { kind: "Audio", index: await free("Audio") }];
      const found = await laid(project, sequence, request.mode, cut, tracks);
      last = {
        sequence: request.sequence_id,
        ripple: request.mode === "insert",
        tracks: tracks.flatMap((track) => cut.map(({ id, ticks }) => ({ ...track, ticks, item: id }))),
      };
      for (const [number, each] of found.entries()) {
        if (rate === request.frame_rate) await rightLength(each, cut[number], per);
      }
      return done("V" + (tracks[0].index + 1));
    }

    /**
     * All of them in one step of the host's undo. A refusal after which the track is not as it was is a doubt.
     * @param {PremiereProject} project
     * @param {PremiereSequence} sequence
     * @param {PB.PlaceMode} mode
     * @param {ReadonlyArray<{ node: PremiereItem, id: string, ticks: string }>} cut
     * @param {ReadonlyArray<{ index: number }>} tracks
     */
    async function laid(project, sequence, mode, cut, [{ index: video }, { index: audio }]) {
      const editor = ppro.SequenceEditor.getEditor(sequence);
      const before = await standing(sequence, video);
      const action = (/** @type {typeof cut[0]} */ { node, ticks }) => {
        const at = ppro.TickTime.createWithTicks(ticks);
        return mode === "insert"
          ? editor.createInsertProjectItemAction(node, at, video, audio, false)
          : editor.createOverwriteItemAction(node, at, video, audio);
      };
      const name = "Place " + cut[0].node.name + (cut.length > 1 ? " + " + (cut.length - 1) : "");
      const act = () => transact(project, name, () => cut.map(action));
      const spelt = (/** @type {typeof before} */ all) => all.map(({ id, ticks }) => id + ticks).join();
      return verified(act, () => placed(sequence, video, cut, before)).catch(async (error) => {
        const isTouched = spelt(await standing(sequence, video)) !== spelt(before);
        throw isTouched ? new PB.HostError("not-verified", error.message) : error;
      });
    }

    /**
     * Handles stay outside: what is cut in lies between the item's own marks.
     * @param {PremiereProject} project
     * @param {PB.ClipToPlace & { node: PremiereItem }} clip
     * @param {string} rate
     */
    async function trimmed(project, { node, from_frame, frame_count }, rate) {
      if (!from_frame) return;
      const item = ppro.ClipProjectItem.cast(node);
      const per = PB.timing.ticksPerFrame(rate);
      const time = (/** @type {number} */ frame) => ppro.TickTime.createWithTicks(PB.timing.ticksAt(frame, per));
      const [first, end] = [time(from_frame), time(from_frame + frame_count)];
      const near = (/** @type {{ ticksNumber: number }} */ one, /** @type {{ ticksNumber: number }} */ other) =>
        Math.abs(one.ticksNumber - other.ticksNumber) < Number(per) / 2;
      await verified(
        () => transact(project, "Trim " + node.name, () => [item.createSetInOutPointsAction(first, end)]),
        async () => {
          const { VIDEO } = ppro.Constants.MediaType;
          return near(await item.getInPoint(VIDEO), first) && near(await item.getOutPoint(VIDEO), end) ? true : null;
        },
      );
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
     * What stands on a video track.
     * @param {PremiereSequence} sequence
     * @param {number} video
     */
    async function standing(sequence, video) {
      const found = [];
      for (const each of await clips(sequence, "Video", video)) {
        found.push({ id: (await each.getProjectItem()).getId(), ticks: (await each.getStartTime()).ticks, item: each });
      }
      return found;
    }

    /**
     * Every clip where it was laid, or null while one is missing: what stood there before is not ours.
     * @param {PremiereSequence} sequence
     * @param {number} video
     * @param {ReadonlyArray<{ id: string, ticks: string }>} wanted
     * @param {Awaited<ReturnType<typeof standing>>} before
     */
    async function placed(sequence, video, wanted, before) {
      const now = await standing(sequence, video);
      const found = [];
      for (const { id, ticks } of wanted) {
        const [old, fresh] = [before, now].map((all) => all.filter((each) => each.id === id));
        const ours = fresh.find((each) => each.ticks === ticks);
        const stood = old.length === fresh.length && old.some((each) => each.ticks === ticks);
        if (!ours || stood) return null;
        found.push(ours.item);
      }
      return found;
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
     * @param {PB.ClipToPlace} clip
     * @param {string} per
     */
    async function rightLength(found, clip, per) {
      const frames = Math.round((await found.getDuration()).ticksNumber / Number(per));
      if (frames !== clip.frame_count) throw new PB.HostError("not-verified", frames + " ≠ " + clip.frame_count);
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
      const first = mine.tracks[0];
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
        async () => ((await trackItem(sequence, first.kind, first.index, first.item, first.ticks)) ? null : true),
      );
      last = null;
    }

    return { place, addMarkers, undo };
  }

  PB.premiereTimeline = premiereTimeline;
})(window.PB);
