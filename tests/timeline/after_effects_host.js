// A stand-in for After Effects: runs a script against a project of plain objects and prints what became of it.
// node after_effects_host.js SCRIPT TIMES [existing item count]
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [, , script, times, fault] = process.argv;
const said = { alerts: [], undo: [], answers: [] };
const fail = (words) => { throw new Error(words); };

class File {
    constructor(name) { this.fsName = path.resolve(name); }
    get exists() { return fs.existsSync(this.fsName); }
    get parent() { return new File(path.dirname(this.fsName)); }
}
class MarkerValue { constructor(comment) { this.comment = comment; this.duration = 0; } }
class ImportOptions {
    constructor(file) { if (!file.exists) fail("no such file"); this.file = file; this.sequence = false; }
}
class Markers {
    constructor() { this.keys = []; }
    setValueAtTime(time, value) {
        if (!(value instanceof MarkerValue)) fail("not a marker");
        this.keys = this.keys.filter((key) => key.time !== time);
        this.keys.push({ time, text: value.comment, duration: value.duration });
    }
}
class Item {
    constructor(project) { this.project = project; this.name = ""; this.comment = ""; project.all.push(this); }
    remove() { this.project.all.splice(this.project.all.indexOf(this), 1); }
    set comment(text) { if (Buffer.byteLength(text) > 15999) fail("comment too long"); this.words = text; }
    get comment() { return this.words; }
}
class FolderItem extends Item {
    get numItems() { return this.children().length; }
    item(index) { return this.children()[index - 1] || fail("no such item"); }
    children() { return this.project.all.filter((item) => item.parentFolder === this); }
}
class FootageItem extends Item {
    constructor(project, options) {
        super(project);
        this.file = options.file;
        this.sequence = options.sequence;
        this.images = options.rangeEnd === undefined ? null : [options.rangeStart, options.rangeEnd];
        this.duration = this.images ? (this.images[1] - this.images[0] + 1) / 30 : 4;
        this.conformed = options.sequence ? 30 : 0;
        this.mainSource = { hasAlpha: false };
        Object.defineProperty(this.mainSource, "conformFrameRate", {
            get: () => this.conformed,
            set: (rate) => { this.duration *= this.conformed / rate; this.conformed = rate; },
        });
        Object.defineProperty(this.mainSource, "alphaMode", { set() { fail("no alpha to set"); } });
    }
    setProxy(file) { if (!file.exists) fail("no such proxy"); this.proxy = file.fsName; this.useProxy = true; }
}
class Layer {
    constructor(source) { this.source = source; this.enabled = true; this.audioEnabled = true; this.marks = new Markers(); }
    property(name) { return name === "ADBE Marker" ? this.marks : fail("no such property " + name); }
}
class CompItem extends Item {
    constructor(project, name, width, height, aspect, duration, rate) {
        super(project);
        if (rate < 1 || rate > 99 || duration <= 0) fail("out of range");
        Object.assign(this, { name, width, height, aspect, duration, rate, dropFrame: true });
        this.list = [];
        this.markerProperty = new Markers();
        this.layers = { add: (source) => { this.list.unshift(new Layer(source)); return this.list[0]; } };
    }
    set displayStartTime(time) { if (time >= 86400) fail("out of range"); this.starts = time; }
}
class Project {
    constructor() {
        this.all = [];
        this.bitsPerChannel = 8;
        this.rootFolder = new FolderItem(this);
        this.all = [];
        this.items = {
            addFolder: (name) => { const made = new FolderItem(this); made.name = name; made.parentFolder = this.rootFolder; return made; },
            addComp: (...asked) => new CompItem(this, ...asked),
        };
    }
    get numItems() { return this.all.length; }
    item(index) { return this.all[index - 1] || fail("no such item"); }
    importFile(options) { const made = new FootageItem(this, options); if (fault === "import") fail("cannot import"); return made; }
}

const app = {
    project: new Project(),
    beginUndoGroup: (name) => said.undo.push("begin " + name),
    endUndoGroup: () => said.undo.push("end"),
};
if (fault === "under-way") app.project.items.addFolder("Rushes");
if (fault === "old") Object.defineProperty(ImportOptions.prototype, "rangeEnd", { set() { fail("unknown"); } });
if (fault === "layers") CompItem.prototype.dropFrame = undefined;
const context = vm.createContext({
    app, File, MarkerValue, ImportOptions, FolderItem, FootageItem, CompItem,
    $: { fileName: path.resolve(script) },
    ImportAsType: { FOOTAGE: "footage" },
    AlphaMode: { IGNORE: "ignore" },
    FieldSeparationType: { OFF: "off" },
    alert: (words) => said.alerts.push(words),
});
// Of the language's own globals, only those that ECMAScript 3 had.
const later = {
    "Array.prototype": "forEach map filter reduce indexOf some every",
    "String.prototype": "trim includes repeat startsWith",
    "Function.prototype": "bind",
    "Object": "keys assign create",
    "this": "JSON Map Set Promise Symbol Reflect Proxy",
};
for (const [owner, names] of Object.entries(later)) {
    for (const name of names.split(" ")) vm.runInContext(`delete ${owner}.${name}`, context);
}
for (let run = 0; run < Number(times); run += 1) {
    try {
        said.answers.push(vm.runInContext(fs.readFileSync(script, "utf8"), context));
    } catch (error) {
        said.answers.push("threw " + error.message);
    }
}

const above = (item) => item.parentFolder && item.parentFolder.name ? above(item.parentFolder) + "/" + item.parentFolder.name : "";
const project = app.project;
said.depth = project.bitsPerChannel;
said.folders = project.all.filter((item) => item instanceof FolderItem).map((item) => above(item) + "/" + item.name);
said.footage = project.all.filter((item) => item instanceof FootageItem).map((item) => ({
    name: item.name, file: path.relative(path.dirname(script), item.file.fsName), sequence: item.sequence,
    images: item.images, rate: item.mainSource.conformFrameRate, comment: item.comment, folder: above(item),
    proxy: item.proxy && path.relative(path.dirname(script), item.proxy), useProxy: item.useProxy,
}));
said.comps = project.all.filter((item) => item instanceof CompItem).map((comp) => ({
    name: comp.name, width: comp.width, height: comp.height, duration: comp.duration, rate: comp.rate,
    dropFrame: comp.dropFrame, starts: comp.starts, comment: comp.comment, folder: above(comp), markers: comp.markerProperty.keys,
    layers: comp.list.map((layer) => ({
        name: layer.name, file: path.relative(path.dirname(script), layer.source.file.fsName), start: layer.startTime,
        in: layer.inPoint, out: layer.outPoint, enabled: layer.enabled, audio: layer.audioEnabled, markers: layer.marks.keys,
    })),
}));
process.stdout.write(JSON.stringify(said));
