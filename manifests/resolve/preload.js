/* The one thing the page sees: a call by name. */
const { contextBridge, ipcRenderer } = require("electron");

contextBridge.exposeInMainWorld("resolveBridge", {
  call: (name, request) => ipcRenderer.invoke("panel", String(name), request),
});
