// What Premiere Pro's scripts hold in their hands: items of the project, clips on tracks, actions that are made under a
// lock. Loaded after uxp.js. `fake.premiere` is what a test sets and looks at, `fake.objects` is for uxp_premiere.js.
(function () {
  "use strict";

  const fake = window.fake;
  const PER_SECOND = 254016000000n;
  const lock = { held: false };
  let ids = 0;
  const newId = (kind) => kind + "-" + (ids += 1);

  class TickTime {
    constructor(ticks) {
      this.ticks = String(ticks);
      this.ticksNumber = Number(ticks);
      this.seconds = Number(ticks) / Number(PER_SECOND);
    }
  }
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
      if (!lock.held) throw new Error("Actions are made inside lockedAccess");
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
      return new Action(() => void this.node.children.push({ id: newId("bin"), kind: "bin", name, children: [] }));
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
    createSetInOutPointsAction(from, to) {
      const [first, end] = [from, to].map((each) => BigInt(only(TickTime, each, "point").ticks));
      return new Action(() => void Object.assign(this.node, { in: first, out: end }));
    }
    async getInPoint(type) {
      if (type !== 2) throw new Error("Illegal Parameter type: mediaType");
      return new TickTime(this.node.in || 0n);
    }
    async getOutPoint(type) {
      if (type !== 2) throw new Error("Illegal Parameter type: mediaType");
      return new TickTime(this.node.out || 0n);
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
        const whole = BigInt(fake.faults.placeShort ? frames - 1 : frames) * this.sequence.per;
        const length = item.node.out ? item.node.out - item.node.in : whole;
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
            const gone = track.filter((each) => chosen.has(each));
            const before = (each) => gone.filter((one) => one.end <= each.start);
            const by = (each) => (ripple ? before(each).reduce((sum, one) => sum + one.end - one.start, 0n) : 0n);
            const kept = track.filter((each) => !chosen.has(each));
            tracks[index] = kept.map((each) => ({ ...each, start: each.start - by(each), end: each.end - by(each) }));
          });
        }
      });
    }
  }

  const mediaOf = (path) => model.media[path] || { frames: 48, rate: 23.976, audio: false };

  class Sequence {
    constructor(of) {
      this.of = of;
      this.guid = { toString: () => of.id };
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

  fake.objects = { TickTime, Action, ProjectItem, FolderItem, ClipProjectItem, TrackItem, Sequence, SequenceEditor, lock, mediaOf, newId, only };
})();
