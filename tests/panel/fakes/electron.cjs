// Runs Resolve's main.js with Electron and Blackmagic's module faked, asks it what standard input lists, prints the answers.
// `node electron.cjs MAIN FOLDER`, where FOLDER is the user's data; each request: {name, request, from?, pick?}.
const Module = require("module");
const fs = require("fs");
const path = require("path");

const [main, data] = process.argv.slice(2);
const asked = { opened: [], windows: [], denied: [], navigated: 0, initialised: null };
const handlers = {};
let pick = null;
let safe = true;

const electron = {
  app: { whenReady: () => Promise.resolve(), getPath: () => data, on() {}, quit() { asked.quit = true; } },
  BrowserWindow: class {
    constructor(options) {
      asked.windows.push(options.webPreferences);
      this.webContents = {
        mainFrame: "main",
        setWindowOpenHandler: (decide) => asked.denied.push(decide({ url: "https://x" }).action),
        on: (event, heard) => heard({ preventDefault: () => (asked.navigated += 1) }),
      };
    }
    setMenuBarVisibility() {}
    on() {}
    loadFile(page) { asked.page = path.relative(path.dirname(main), page); }
  },
  dialog: {
    showOpenDialog: async () => (pick ? { canceled: false, filePaths: [pick] } : { canceled: true, filePaths: [] }),
    showErrorBox: (title) => (asked.error = title),
  },
  ipcMain: { handle: (channel, handler) => (handlers[channel] = handler) },
  safeStorage: {
    isEncryptionAvailable: () => safe,
    encryptString: (text) => Buffer.from([...Buffer.from(text, "utf8")].map((each) => each ^ 0x5a)),
    decryptString: (bytes) => Buffer.from([...bytes].map((each) => each ^ 0x5a)).toString("utf8"),
  },
  shell: { openExternal: async (url) => void asked.opened.push(url) },
};
const integration = {
  Initialize: (id) => { asked.initialised = id; return process.env.FAKE_FREE_EDITION !== "1"; },
  GetResolve: () => ({
    GetVersionString: () => "19.0.2",
    GetProjectManager: () => ({ GetCurrentProject: () => { throw new Error("the scripting server is gone"); } }),
  }),
  CleanUp() {},
};

const load = Module._load;
Module._load = function (name, ...rest) {
  if (name === "electron") return electron;
  if (name === "./WorkflowIntegration.node") return integration;
  return load.call(this, name, ...rest);
};

require(path.resolve(main));
setImmediate(async () => {
  const answers = [];
  for (const each of JSON.parse(fs.readFileSync(0, "utf8"))) {
    pick = each.pick || null;
    safe = each.safe !== false;
    const frame = each.from || "main";
    const request = each.bytes ? { ...each.request, bytes: Uint8Array.from(each.bytes).buffer } : each.request;
    const answer = handlers.panel ? await handlers.panel({ senderFrame: frame }, each.name, request) : null;
    if (answer && answer.value && answer.value.bytes) answer.value.bytes = [...new Uint8Array(answer.value.bytes)];
    if (answer && answer.value instanceof ArrayBuffer) answer.value = [...new Uint8Array(answer.value)];
    answers.push(answer);
  }
  console.log(JSON.stringify({ answers, asked }));
});
