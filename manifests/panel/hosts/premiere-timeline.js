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

    return { place, addMarkers, undo };
  }

  PB.premiereTimeline = premiereTimeline;
})(window.PB);
