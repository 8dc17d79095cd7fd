/* What the panel shows. Everything in it can be lost: the truth is on the server. */
(function (PB) {
  "use strict";

  const START = {
    screen: "generate",
    signedIn: false,
    sessionEnded: false,
    line: "ok", // "ok" | "offline" | "busy": what the last look at the service met
    me: null,
    models: [],
    policy: {}, // what the workspace asks of files; `refused`: those it refused last
    context: { project: null, sequence: null },
    settings: null, // the panel's own document, kept by the server
    work: [], // unfinished generations and those that finished since the panel opened
    heard: 0, // how often the feed told of something
    waiting: [], // requests that are not answered yet
    landings: {}, // delivery id -> how far it has come in the host
    takesOf: null, // the generation whose takes are shown
    compare: [], // take ids
    deliverTake: null,
  };
  let state = { ...START };
  const listeners = new Set();
  let told = null;

  function set(patch) {
    let changed = false;
    for (const [name, value] of Object.entries(patch)) {
      if (state[name] !== value) changed = true;
    }
    if (!changed) return;
    state = { ...state, ...patch };
    if (told === null) {
      told = setTimeout(() => {
        told = null;
        for (const listener of [...listeners]) listener(state);
      }, 0);
    }
  }

  function on(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function reset() {
    set({ ...START, signedIn: false, context: state.context });
  }

  /** Local memory that may fail or be forgotten. */
  const unkept = {};
  const local = {
    read(name, otherwise) {
      if (unkept[name]) return unkept[name];
      try {
        return JSON.parse(localStorage.getItem("plugin-backend." + name)) || otherwise;
      } catch (error) {
        return otherwise;
      }
    },
    write(name, value) {
      try {
        localStorage.setItem("plugin-backend." + name, JSON.stringify(value));
        delete unkept[name];
      } catch (error) {
        unkept[name] = value; // full or forbidden: until the panel closes; the server has what matters
      }
    },
  };

  PB.store = { get: () => state, set, on, reset };
  PB.local = local;
  PB.screens = {};
})((window.PB = window.PB || {}));
