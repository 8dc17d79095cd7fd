/* The workflow integration's own process: one fenced-in window, and the list of what its page may ask for. */
const { app, BrowserWindow, dialog, ipcMain, safeStorage, shell } = require("electron");
const fs = require("fs").promises;
const os = require("os");
const path = require("path");

const makeResolveHost = require("./host.js");
const { id } = require("./plugin.json");
const WorkflowIntegration = require("./WorkflowIntegration.node"); // copied from the user's own installation

const PAGE = path.join(__dirname, "panel", "index.html");
let window = null;
let host = null;

const refusal = (code, message) => Object.assign(new Error(message || code), { code });
const stored = () => path.join(app.getPath("userData"), "panel.json");

async function settings() {
  try {
    return JSON.parse(await fs.readFile(stored(), "utf8"));
  } catch {
    return {};
  }
}

async function remember(change) {
  const now = { ...(await settings()), ...change };
  await fs.writeFile(stored() + ".new", JSON.stringify(now), { mode: 0o600 });
  await fs.rename(stored() + ".new", stored());
}

async function folder({ again }) {
  const known = (await settings()).folder;
  if (known && !again) return { path: known, label: path.basename(known) };
  const chosen = await dialog.showOpenDialog(window, { properties: ["openDirectory", "createDirectory"] });
  if (chosen.canceled) throw refusal("cancelled");
  await remember({ folder: chosen.filePaths[0] });
  return folder({ again: false });
}

/** A path in the chosen folder, nowhere else, whatever the page says. */
async function inside(names) {
  const root = (await settings()).folder;
  if (!root) throw refusal("denied");
  const found = path.resolve(root, ...names.map(String));
  if (!found.startsWith(path.resolve(root) + path.sep)) throw refusal("denied");
  return found;
}

const disk = {
  async size({ folder: at, name }) {
    const found = await inside([...at, name]);
    return fs.stat(found).then((each) => each.size, (error) => (error.code === "ENOENT" ? null : Promise.reject(error)));
  },
  read: async ({ folder: at, name }) => bytesOf(await fs.readFile(await inside([...at, name]))),
  async create({ folder: at, name }) {
    const file = await inside([...at, name]);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, "");
  },
  append: async ({ folder: at, name, bytes }) => fs.appendFile(await inside([...at, name]), new Uint8Array(bytes)),
  rename: async ({ folder: at, name, to }) => fs.rename(await inside([...at, name]), await inside([...at, to])),
  remove: async ({ folder: at, name }) => fs.unlink(await inside([...at, name])),
};

const bytesOf = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);

async function still(write) {
  const folderOfOne = await fs.mkdtemp(path.join(os.tmpdir(), "panel-"));
  try {
    const file = path.join(folderOfOne, "frame.png");
    await write(file);
    return { name: "frame.png", bytes: bytesOf(await fs.readFile(file)) };
  } finally {
    await fs.rm(folderOfOne, { recursive: true, force: true });
  }
}

async function pick({ suffixes }) {
  const filters = [{ name: "Media", extensions: suffixes.map(String) }];
  const chosen = await dialog.showOpenDialog(window, { properties: ["openFile"], filters });
  if (chosen.canceled) throw refusal("cancelled");
  return { name: path.basename(chosen.filePaths[0]), bytes: bytesOf(await fs.readFile(chosen.filePaths[0])) };
}

async function open({ url }) {
  if (!/^https:\/\//.test(url) && !/^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url)) throw refusal("denied");
  await shell.openExternal(url);
}

/** Kept by the system's own safe; without one a secret lives as long as the window. */
const inMemory = new Map();
const secret = {
  async get({ name }) {
    const kept = (await settings())["secret." + name];
    if (kept && safeStorage.isEncryptionAvailable()) return safeStorage.decryptString(Buffer.from(kept, "base64"));
    return inMemory.has(name) ? inMemory.get(name) : null;
  },
  async set({ name, value }) {
    if (!safeStorage.isEncryptionAvailable()) return void inMemory.set(name, value);
    return remember({ ["secret." + name]: safeStorage.encryptString(value).toString("base64") });
  },
  async remove({ name }) {
    inMemory.delete(name);
    return remember({ ["secret." + name]: undefined });
  },
};

const OWN = {
  folder, pick, open,
  "disk.size": disk.size, "disk.read": disk.read, "disk.create": disk.create,
  "disk.append": disk.append, "disk.rename": disk.rename, "disk.remove": disk.remove,
  "secret.get": secret.get, "secret.set": secret.set, "secret.remove": secret.remove,
};
const CHANGES = new Set(["bring", "place", "swap", "markers", "undo"]);
const CODES = new Set(["no-project", "no-sequence", "cancelled", "denied", "unsupported", "failed", "not-verified"]);

/** Answers never throw across the bridge: an error's own fields would be lost on the way. */
async function answer(name, request) {
  try {
    const known = Object.hasOwn(OWN, name) ? OWN[name] : Object.hasOwn(host, name) ? host[name] : null;
    if (!known) throw refusal("unsupported", name);
    const value = await known(request);
    return { ok: true, value: value === undefined ? null : value };
  } catch (error) {
    const doubt = CHANGES.has(name) ? "not-verified" : name.startsWith("disk.") ? "disk" : "failed";
    return { ok: false, code: CODES.has(error.code) ? error.code : doubt, message: error.message };
  }
}

function openWindow() {
  window = new BrowserWindow({
    width: 420,
    height: 860,
    backgroundColor: "#1d1d1d",
    webPreferences: { preload: path.join(__dirname, "preload.js"), contextIsolation: true, nodeIntegration: false, sandbox: true },
  });
  window.setMenuBarVisibility(false);
  window.webContents.setWindowOpenHandler(() => ({ action: "deny" }));
  window.webContents.on("will-navigate", (event) => event.preventDefault());
  window.on("closed", () => app.quit());
  window.loadFile(PAGE);
}

app.whenReady().then(async () => {
  const waits = typeof WorkflowIntegration.InitializePromise === "function"; // from Resolve 20.1 on
  const begun = waits ? await WorkflowIntegration.InitializePromise(id) : WorkflowIntegration.Initialize(id);
  const resolve = begun && (waits ? await WorkflowIntegration.GetResolvePromise() : WorkflowIntegration.GetResolve());
  if (!resolve) {
    dialog.showErrorBox("DaVinci Resolve does not answer", "Workflow integrations need DaVinci Resolve Studio, running.");
    app.quit();
    return;
  }
  host = makeResolveHost(resolve, still);
  ipcMain.handle("panel", (event, name, request) =>
    event.senderFrame === window.webContents.mainFrame ? answer(name, request) : { ok: false, code: "denied", message: "" },
  );
  openWindow();
});
app.on("window-all-closed", () => {
  WorkflowIntegration.CleanUp();
  app.quit();
});
