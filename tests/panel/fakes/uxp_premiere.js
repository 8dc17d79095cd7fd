// Premiere Pro in memory, refusing what the real one refuses: changes outside a locked transaction, a bin that
// is not named, actions kept for later. Loaded after uxp.js. `fake.premiere` is what a test sets and looks at.
(function () {
  "use strict";

  const fake = window.fake;
  const PER_SECOND = 254016000000n;
  let locked = false;
  let ids = 0;

  class TickTime {
    constructor(ticks) {
      this.ticks = String(ticks);
      this.ticksNumber = Number(ticks);
      this.seconds = Number(ticks) / Number(PER_SECOND);
    }
  }
  const guid = (text) => ({ toString: () => text });
  const model = (fake.premiere = {
    media: {}, // path -> {frames, rate, audio}; any other file is 48 frames of the sequence's own rate
    root: { id: "root", kind: "bin", name: "Root", children: [] },
    hasProject: true,
    sequence: {
      id: "seq-1", name: "Scene 1", per: 10594584000n, width: 3840, height: 2160, zero: 3600n * 10594584000n * 24n,
      playhead: 240n, in: -400000n * PER_SECOND, out: -400000n * PER_SECOND, video: [[], [], []], audio: [[], []], markers: [],
    },
    history: [], // names of what was done, as Edit > Undo shows them
  });

  const only = (wanted, value, what) => {
    if (!(value instanceof wanted)) throw new Error("Illegal Parameter type: " + what);
    return value;
  };

  class Action {
    constructor(run) {
      if (!locked) throw new Error("Actions are made inside lockedAccess");
      this.run = run;
    }
  }

  class ProjectItem {
    constructor(node) {
      this.node = node;
      this.type = node.kind === "bin" ? 2 : 1;
      this.name = node.name;
    }
    getId() {
      return this.node.id;
    }
  }
  class FolderItem {
    constructor(node) {
      this.node = node;
      this.type = node === model.root ? 3 : 2;
      this.name = node.name;
    }
    async getItems() {
      return this.node.children.map((each) => new ProjectItem(each));
    }
    createBinAction(name, unique) {
      if (typeof unique !== "boolean") throw new Error("Illegal Parameter type");
      return new Action(() => void this.node.children.push({ id: "bin-" + (ids += 1), kind: "bin", name, children: [] }));
    }
  }
  class ClipProjectItem {
    constructor(node) {
      if (node.kind !== "clip") throw new Error("not a clip");
      this.node = node;
      this.name = node.name;
    }
    async getMediaFilePath() {
      return this.node.path;
    }
    async canChangeMediaPath() {
      return !this.node.fixed;
    }
    async changeMediaFilePath(path, override) {
      if (typeof override !== "boolean") throw new Error("Illegal Parameter type");
      if (!fake.disk.has(path)) return false;
      if (!fake.faults.swapSilently) this.node.path = path;
      return true;
    }
    createSetNameAction(name) {
      return new Action(() => void (this.node.name = name));
    }
    createSetOverrideFrameRateAction(rate) {
      return new Action(() => void (this.node.rate = fake.faults.rateIgnored ? this.node.rate : rate));
    }
    async getFootageInterpretation() {
      return { getFrameRate: () => this.node.rate };
    }
  }

  class TrackItem {
    constructor(clip) {
      this.clip = clip;
    }
    async getStartTime() {
      return new TickTime(this.clip.start);
    }
    async getEndTime() {
      return new TickTime(this.clip.end);
    }
    async getDuration() {
      return new TickTime(this.clip.end - this.clip.start);
    }
    async getProjectItem() {
      return new ProjectItem(this.clip.node);
    }
  }

  /** Cuts a hole of these ticks; with `shift` what comes later moves by that much. */
  function cut(track, from, to, shift) {
    const kept = [];
    for (const each of track) {
      if (each.end <= from) kept.push(each);
      else if (each.start >= to || (shift && each.start >= from)) kept.push({ ...each, start: each.start + shift, end: each.end + shift });
      else {
        if (each.start < from) kept.push({ ...each, end: from });
        const rest = shift ? from : to;
        if (each.end > rest) kept.push({ ...each, start: rest + shift, end: each.end + shift });
      }
    }
    return kept;
  }

  function lay(tracks, index, node, at, length, insert) {
    if (index >= tracks.length) tracks.push([]); // one past the last is made
    const track = insert ? cut(tracks[index], at, at, length) : cut(tracks[index], at, at + length, 0n);
    track.push({ node, start: at, end: at + length });
    tracks[index] = track.sort((one, other) => (one.start < other.start ? -1 : 1));
  }

  class SequenceEditor {
    constructor(sequence) {
      this.sequence = sequence;
    }
    place(item, time, video, audio, insert) {
      only(ProjectItem, item, "projectItem");
      only(TickTime, time, "time");
      if (!Number.isInteger(video) || !Number.isInteger(audio)) throw new Error("Illegal Parameter type: track");
      return new Action(() => {
        if (fake.faults.placeSilently) return;
        const { frames, audio: sounds } = mediaOf(item.node.path);
        const at = BigInt(time.ticks) + (fake.faults.placeElsewhere ? this.sequence.per : 0n);
        const length = BigInt(fake.faults.placeShort ? frames - 1 : frames) * this.sequence.per;
        lay(this.sequence.video, video, item.node, at, length, insert);
        if (sounds) lay(this.sequence.audio, audio, item.node, at, length, insert);
      });
    }
    createInsertProjectItemAction(item, time, video, audio, limitShift) {
      if (typeof limitShift !== "boolean") throw new Error("Illegal Parameter type: limitShift");
      return this.place(item, time, video, audio, true);
    }
    createOverwriteItemAction(item, time, video, audio) {
      return this.place(item, time, video, audio, false);
    }
    createRemoveItemsAction(selection, ripple) {
      return new Action(() => {
        const chosen = new Set(selection.items.map((each) => each.clip));
        for (const tracks of [this.sequence.video, this.sequence.audio]) {
          tracks.forEach((track, index) => {
            const gone = track.find((each) => chosen.has(each));
            if (!gone) return;
            const by = ripple ? gone.end - gone.start : 0n;
            tracks[index] = track
              .filter((each) => each !== gone)
              .map((each) => (each.start >= gone.end ? { ...each, start: each.start - by, end: each.end - by } : each));
          });
        }
      });
    }
  }

  const mediaOf = (path) => model.media[path] || { frames: 48, rate: 23.976, audio: false };

  class Sequence {
    constructor(of) {
      this.of = of;
      this.guid = guid(of.id);
      this.name = of.name;
    }
    async getTimebase() {
      return String(this.of.per);
    }
    async getFrameSize() {
      return { width: this.of.width, height: this.of.height };
    }
    async getZeroPoint() {
      return new TickTime(this.of.zero);
    }
    async getPlayerPosition() {
      return new TickTime(this.of.playhead * this.of.per);
    }
    async getInPoint() {
      return new TickTime(this.of.in);
    }
    async getOutPoint() {
      return new TickTime(this.of.out);
    }
    async getSequenceVideoTimeDisplayFormat() {
      return { type: this.of.display || 0 };
    }
    async getVideoTrackCount() {
      return this.of.video.length;
    }
    async getAudioTrackCount() {
      return this.of.audio.length;
    }
    async getVideoTrack(index) {
      return new Track(this.of.video, index);
    }
    async getAudioTrack(index) {
      return new Track(this.of.audio, index);
    }
  }
  class Track {
    constructor(tracks, index) {
      if (index >= tracks.length) throw new Error("no such track");
      this.read = () => tracks[index];
    }
    getTrackItems(type, empty) {
      if (type !== 1 || empty !== false) throw new Error("Illegal Parameter type");
      return this.read().map((each) => new TrackItem(each));
    }
  }

  const project = {
    guid: guid("project-1"),
    name: "film.prproj",
    path: "/Users/editor/film.prproj",
    async getActiveSequence() {
      return model.sequence ? new Sequence(model.sequence) : null;
    },
    async getRootItem() {
      return new FolderItem(model.root);
    },
    async importFiles(paths, quiet, bin, stills) {
      if (bin === undefined) throw new Error("Illegal Parameter type");
      if (bin !== null) only(ProjectItem, bin, "targetBin");
      fake.imports = (fake.imports || 0) + 1;
      if (fake.faults.importRefused) return false;
      const into = bin === null ? model.root : bin.node;
      if (!paths.every((path) => fake.disk.has(path))) return false;
      if (fake.faults.importSilently) return true;
      for (const path of paths) {
        const name = path.slice(path.lastIndexOf("/") + 1);
        const rate = stills ? 25 : mediaOf(path).rate;
        // It answers before the bin shows anything.
        setTimeout(() => into.children.push({ id: "clip-" + (ids += 1), kind: "clip", name, path, rate, stills }), 200);
      }
      if (fake.faults.importThrows) throw new Error("lost");
      return true;
    },
    lockedAccess(act) {
      locked = true;
      try {
        if (act() instanceof Promise) throw new Error("lockedAccess does not wait");
      } finally {
        locked = false;
      }
    },
    executeTransaction(act, name) {
      if (!locked) throw new Error("executeTransaction outside lockedAccess");
      if (typeof name !== "string" || !name) throw new Error("a step of undo has a name");
      const actions = [];
      const answer = act({ addAction: (each) => actions.push(only(Action, each, "action")) });
      if (answer instanceof Promise) throw new Error("a transaction does not wait");
      if (fake.faults.transactionRefused) return false;
      actions.forEach((each) => each.run());
      model.history.push(name);
      return true;
    },
  };

  fake.modules.premierepro = {
    Project: { getActiveProject: async () => (model.hasProject ? project : null) },
    ProjectItem: { TYPE_CLIP: 1, TYPE_BIN: 2, TYPE_ROOT: 3 },
    FolderItem: { cast: (item) => new FolderItem(only(ProjectItem, item, "projectItem").node) },
    ClipProjectItem: { cast: (item) => new ClipProjectItem(only(ProjectItem, item, "projectItem").node) },
    SequenceEditor: { getEditor: (sequence) => new SequenceEditor(only(Sequence, sequence, "sequence").of) },
    TickTime: {
      TIME_ZERO: new TickTime(0n),
      createWithTicks: (ticks) => {
        if (typeof ticks !== "string") throw new Error("Illegal Parameter type: ticks");
        return new TickTime(BigInt(ticks));
      },
    },
    TrackItemSelection: {
      createEmptySelection: (use) => {
        use({ items: [], addItem(item) { this.items.push(only(TrackItem, item, "trackItem")); } });
        return true;
      },
    },
    Marker: { MARKER_TYPE_COMMENT: "Comment" },
    Markers: {
      getMarkers: async (sequence) => ({
        getMarkers: () => [...sequence.of.markers],
        createAddMarkerAction: (name, type, start, duration, comments) =>
          new Action(() => {
            if (fake.faults.markersSilently) return;
            sequence.of.markers.push({ name, type, at: only(TickTime, start, "start").ticks, comments });
          }),
      }),
    },
    Metadata: {
      createSetProjectMetadataAction: (item, xml, fields) =>
        new Action(() => {
          const text = new RegExp(":" + fields[0] + ">([^]*?)</").exec(xml);
          item.node.comment = text ? text[1] : "";
        }),
    },
    Exporter: {
      async exportSequenceFrame(sequence, time, name, folder, width, height) {
        only(TickTime, time, "time");
        if (![width, height].every(Number.isInteger)) throw new Error("Illegal Parameter type");
        if (fake.faults.frameSilently) return true;
        // It writes the suffix twice, and after it has answered.
        setTimeout(() => fake.disk.set(folder + "/" + name + ".png", Uint8Array.from([137, 80, 78, 71])), 150);
        return true;
      },
    },
    Constants: {
      TrackItemType: { EMPTY: 0, CLIP: 1 },
      MediaType: { ANY: 0 },
      VideoDisplayFormatType: { FPS_23_976: 0, FPS_25: 1, FPS_29_97: 2, FPS_29_97_NON_DROP: 3 },
    },
  };
})();
