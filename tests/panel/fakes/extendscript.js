// The engine that ExtendScript runs in, as far as the panel's scripts touch it, and the two hosts' objects.
// What ES3 has not is not used by those scripts: the linter sees to that.
(function () {
  "use strict";

  const fake = (window.fake = window.fake || {});
  fake.faults = fake.faults || {};
  fake.app = fake.app || "aftereffects";
  fake.disk = new Map(); // path -> Uint8Array
  let ids = 100;

  window.BridgeTalk = { get appName() { return fake.app; } };
  window.File = function (path) {
    this.fsName = String(path).replace(/\/+/g, "/");
    this.displayName = this.fsName.slice(this.fsName.lastIndexOf("/") + 1);
  };

  // After Effects: lists count from 1.
  class Item {
    constructor(name) {
      this.id = ids += 1;
      this.name = name;
      this.comment = "";
    }
  }
  window.FolderItem = class FolderItem extends Item {
    get children() {
      return all.filter((each) => each.parentFolder === this);
    }
    get numItems() {
      return this.children.length;
    }
    item(index) {
      return this.children[index - 1];
    }
  };
  window.FootageItem = class FootageItem extends Item {
    replace(file) {
      if (!fake.faults.swapSilently) this.mainSource.file = file;
    }
  };
  window.CompItem = class CompItem extends Item {
    constructor(name) {
      super(name);
      Object.assign(this, {
        frameRate: 23.976024627685547, frameDuration: 1 / 23.976023976, dropFrame: false, width: 1920, height: 1080, time: 10.01,
        displayStartTime: 3603.6, workAreaStart: 0, workAreaDuration: 30, duration: 30, stack: [],
      });
      const comp = this;
      this.layers = {
        add(item) {
          const layer = { id: (ids += 1), source: item, name: item.name, startTime: 0 };
          Object.defineProperty(layer, "index", { get: () => comp.stack.indexOf(layer) + 1 });
          let start = 0;
          Object.defineProperty(layer, "startTime", {
            get: () => start,
            set: (value) => (start = fake.faults.placeElsewhere ? value + 1 : value),
          });
          layer.remove = () => comp.stack.splice(comp.stack.indexOf(layer), 1);
          if (!fake.faults.placeSilently) comp.stack.unshift(layer);
          else Object.defineProperty(layer, "index", { get: () => 1 });
          return layer;
        },
      };
      const keys = (this.keys = []);
      this.markerProperty = {
        get numKeys() { return keys.length; },
        setValueAtTime: (time, value) => void keys.push([time, value.comment]),
      };
    }
    get numLayers() {
      return this.stack.length;
    }
    layer(index) {
      if (index < 1 || index > this.stack.length) throw new Error("After Effects error: no such layer");
      return this.stack[index - 1];
    }
    saveFrameToPng(time, file) {
      // It answers first and writes later.
      setTimeout(() => fake.disk.set(file.fsName, fake.png), 200);
    }
  };
  fake.png = Uint8Array.from([137, 80, 78, 71, 0, 0, 0, 0, 73, 69, 78, 68, 1, 2, 3, 4]);
  window.MarkerValue = function (comment) {
    this.comment = comment;
  };
  window.ImportAsType = { FOOTAGE: 1 };
  window.ImportOptions = class ImportOptions {
    constructor(file) {
      if (!fake.disk.has(file.fsName)) throw new Error("After Effects error: the file does not exist");
      this.file = file;
      this.sequence = false;
    }
    canImportAs(type) {
      return type === 1 && !/\.txt$/.test(this.file.fsName);
    }
  };

  const all = [];
  const rootFolder = new window.FolderItem("Root");
  const comp = new window.CompItem("Comp 1");
  comp.parentFolder = rootFolder;
  all.push(comp);
  const groups = [];
  fake.ae = { all, comp, groups, undo: [] };
  const aeProject = {
    file: new window.File("/Users/editor/shot.aep"),
    rootFolder,
    activeItem: comp,
    get numItems() { return all.length; },
    item: (index) => all[index - 1],
    items: {
      addFolder(name) {
        const folder = new window.FolderItem(name);
        folder.parentFolder = rootFolder;
        all.push(folder);
        return folder;
      },
    },
    importFile(options) {
      if (fake.faults.importThrows) throw new Error("After Effects error: could not be imported");
      const item = new window.FootageItem(options.file.displayName);
      item.mainSource = { file: options.file, conformFrameRate: 0, sequence: options.sequence };
      item.parentFolder = rootFolder;
      if (!fake.faults.importSilently) all.push(item);
      fake.imports = (fake.imports || 0) + 1;
      return item;
    },
  };

  // Premiere of before: lists count from 0, times are ticks as text.
  window.ProjectItemType = { CLIP: 1, BIN: 2, ROOT: 3 };
  window.Time = function () {
    this.ticks = "0";
  };
  const list = (items) => Object.assign([...items], { numItems: items.length });
  const node = (kind, name, path) => {
    const made = { nodeId: "node-" + (ids += 1), type: kind, name, path, kids: [], rate: 25 };
    Object.defineProperty(made, "children", { get: () => list(made.kids) });
    made.createBin = (text) => void made.kids.push(node(2, text));
    made.getMediaPath = () => made.path;
    made.canChangeMediaPath = () => !made.fixed;
    made.changeMediaPath = (text) => void (fake.faults.swapSilently || (made.path = text));
    made.setInPoint = (time, kinds) => kinds === 4 && (made.in = BigInt(time.ticks));
    made.setOutPoint = (time, kinds) => kinds === 4 && (made.out = BigInt(time.ticks));
    made.setOverrideFrameRate = (rate) => void (made.rate = rate);
    made.getFootageInterpretation = () => ({ frameRate: made.rate });
    return made;
  };
  const PER = 10594584000n;
  const track = [];
  const lay = (item, time, insert) => {
    if (fake.faults.placeSilently) return;
    if (!(time instanceof window.Time)) throw new Error("Illegal Parameter type");
    const at = BigInt(time.ticks);
    const length = item.out === undefined ? 48n * PER : item.out - item.in;
    if (insert) for (const each of track) if (each.at >= at) each.at += length;
    const clip = { projectItem: item, at, inPoint: { ticks: String(item.in || 0n) } };
    Object.defineProperty(clip, "start", { get: () => ({ ticks: String(clip.at) }) });
    Object.defineProperty(clip, "end", { get: () => ({ ticks: String(clip.at + length) }) });
    clip.remove = (ripple) => {
      track.splice(track.indexOf(clip), 1);
      if (ripple) for (const each of track) if (each.at >= clip.at) each.at -= length;
    };
    track.push(clip);
  };
  const markers = [];
  fake.ppro = {
    root: node(3, "Root"),
    track,
    markers,
    sequence: {
      sequenceID: "seq-9", name: "Old cut", timebase: String(PER), frameSizeHorizontal: 1920, frameSizeVertical: 1080,
      zeroPoint: String(86400n * PER),
      getSettings: () => ({ videoDisplayFormat: 110 }),
      getPlayerPosition: () => ({ ticks: String(240n * PER) }),
      getInPointAsTime: () => ({ seconds: -400000, ticks: "-101606400000000000" }),
      getOutPointAsTime: () => ({ seconds: -400000, ticks: "-101606400000000000" }),
      videoTracks: [{ get clips() { return list(track); } }],
      insertClip: (item, time) => lay(item, time, true),
      overwriteClip: (item, time) => lay(item, time, false),
      markers: {
        get numMarkers() { return markers.length; },
        createMarker(time) {
          markers.push({ time });
          return markers[markers.length - 1];
        },
      },
    },
  };
  const pproProject = {
    documentID: "doc-1",
    name: "old.prproj",
    get rootItem() { return fake.ppro.root; },
    get activeSequence() { return fake.ppro.sequence; },
    importFiles(paths, quiet, bin, stills) {
      fake.imports = (fake.imports || 0) + 1;
      if (!paths.every((path) => fake.disk.has(path))) return false;
      if (!fake.faults.importSilently) for (const path of paths) bin.kids.push(Object.assign(node(1, path, path), { stills }));
      return true;
    },
  };

  window.app = {
    get project() {
      if (fake.noProject) return null;
      return fake.app === "aftereffects" ? aeProject : pproProject;
    },
    beginUndoGroup: (name) => void groups.push(name),
    endUndoGroup: () => void fake.ae.undo.push(groups.pop()),
  };
})();
