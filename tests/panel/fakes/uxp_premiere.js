// Premiere Pro in memory, refusing what the real one refuses: changes outside a locked transaction, a bin that
// is not named, actions kept for later. Loaded after premiere_objects.js.
(function () {
  "use strict";

  const fake = window.fake;
  const model = fake.premiere;
  const { TickTime, Action, ProjectItem, FolderItem, ClipProjectItem, TrackItem, Sequence, SequenceEditor, lock, mediaOf, newId, only } = fake.objects;

  const project = {
    guid: { toString: () => "project-1" },
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
        setTimeout(() => into.children.push({ id: newId("clip"), kind: "clip", name, path, rate, stills }), 200);
      }
      if (fake.faults.importThrows) throw new Error("lost");
      return true;
    },
    lockedAccess(act) {
      lock.held = true;
      try {
        if (act() instanceof Promise) throw new Error("lockedAccess does not wait");
      } finally {
        lock.held = false;
      }
    },
    executeTransaction(act, name) {
      if (!lock.held) throw new Error("executeTransaction outside lockedAccess");
      if (typeof name !== "string" || !name) throw new Error("a step of undo has a name");
      const actions = [];
      const answer = act({ addAction: (each) => actions.push(only(Action, each, "action")) });
      if (answer instanceof Promise) throw new Error("a transaction does not wait");
      if (fake.faults.transactionRefused) return false;
      for (const [number, each] of actions.entries()) {
        if (number && fake.faults.transactionBreaks) throw new Error("lost");
        each.run();
      }
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
      MediaType: { ANY: 0, DATA: 1, VIDEO: 2, AUDIO: 3 },
      VideoDisplayFormatType: { FPS_23_976: 0, FPS_25: 1, FPS_29_97: 2, FPS_29_97_NON_DROP: 3 },
    },
  };
})();
