// DaVinci Resolve's scripting objects in memory, with its silences: an import lands in the current folder, of two
// clips that overlap the later is dropped, and what it hands back are empty shells. Loaded after resolve/host.js.
(function () {
  "use strict";

  const fake = (window.fake = { faults: {}, disk: new Map(), opened: [], secrets: {}, asked: 0, picksFolder: true });
  let ids = 0;
  const id = () => "id-" + (ids += 1);

  const clip = (path, properties) => {
    const of = { id: id(), path, properties: { "Clip Name": path, FPS: "24", ...properties }, metadata: {} };
    return {
      of,
      GetUniqueId: async () => of.id,
      GetClipProperty: async (name) => (name === "File Path" ? of.path : of.properties[name]),
      SetClipProperty: async (name, value) => {
        of.properties[name] = value;
        return true;
      },
      SetMetadata: async (name, value) => {
        of.metadata[name] = value;
        return true;
      },
      ReplaceClip: async (to) => {
        if (!fake.faults.swapSilently) of.path = to;
        return true;
      },
    };
  };
  const folder = (name) => {
    const of = { name, folders: [], clips: [] };
    return {
      of,
      GetName: async () => of.name,
      GetSubFolderList: async () => [...of.folders],
      GetClipList: async () => [...of.clips],
    };
  };
  const root = folder("Master");
  let current = root;

  const timeline = (fake.timeline = { width: "1920", height: "1080", rate: "23.976", start: 86400, timecode: "01:00:10:00", tracks: [[], []], markers: {}, mark: {} });
  const item = (of) => ({
    of,
    GetStart: async () => of.at,
    GetEnd: async () => of.at + of.length,
    GetDuration: async () => of.length,
    GetMediaPoolItem: async () => of.clip,
  });
  const open = {
    GetUniqueId: async () => "timeline-1",
    GetName: async () => "Reel 1",
    GetSetting: async (name) => ({ timelineFrameRate: timeline.rate, timelineResolutionWidth: timeline.width, timelineResolutionHeight: timeline.height })[name],
    GetStartFrame: async () => timeline.start,
    GetCurrentTimecode: async () => timeline.timecode,
    GetMarkInOut: async () => timeline.mark,
    GetTrackCount: async () => timeline.tracks.length,
    GetItemListInTrack: async (kind, index) => timeline.tracks[index - 1].map(item),
    AddTrack: async () => Boolean(timeline.tracks.push([])),
    DeleteClips: async (all) => {
      timeline.tracks = timeline.tracks.map((track) => track.filter((each) => !all.some((one) => one.of === each)));
      return true;
    },
    AddMarker: async (frame, colour, name, note) => {
      if (timeline.markers[frame] || fake.faults.markersSilently) return false;
      timeline.markers[frame] = { name, note };
      return true;
    },
    GetMarkers: async () => timeline.markers,
  };
  const pool = {
    GetRootFolder: async () => root,
    GetCurrentFolder: async () => current,
    SetCurrentFolder: async (to) => {
      if (fake.faults.folderRefused) return false;
      current = to;
      return true;
    },
    AddSubFolder: async (parent, name) => {
      const made = folder(name);
      parent.of.folders.push(made);
      return made;
    },
    ImportMedia: async ([what]) => {
      fake.imports = (fake.imports || 0) + 1;
      const isSequence = typeof what === "object";
      const spelt = isSequence ? what.FilePath.replace(/%0(\d)d/, (all, n) => "[" + [what.StartIndex, what.EndIndex].map((each) => String(each).padStart(Number(n), "0")).join("-") + "]") : what;
      if (!isSequence && !fake.disk.has(what)) return [];
      if (fake.faults.importSilently) return [{}];
      const made = clip(spelt);
      current.of.clips.push(made);
      return [made];
    },
    AppendToTimeline: async (all) => {
      for (const [number, what] of all.entries()) {
        const track = timeline.tracks[what.trackIndex - 1];
        const [from, to] = [what.recordFrame, what.recordFrame + what.endFrame - what.startFrame + 1];
        const taken = track.some((each) => each.at < to && each.at + each.length > from);
        if (taken || fake.faults.placeSilently || fake.faults.placeDrops === number) continue;
        track.push({ clip: what.mediaPoolItem, at: from, length: to - from, first: what.startFrame, mediaType: what.mediaType });
      }
      return all.map(() => ({ GetUniqueId: async () => null }));
    },
  };
  const project = {
    GetUniqueId: async () => "project-1",
    GetName: async () => "Film",
    GetMediaPool: async () => pool,
    GetCurrentTimeline: async () => (fake.noTimeline ? null : open),
    ExportCurrentFrameAsStill: async (path) => {
      if (fake.faults.stillRefused) return false;
      fake.disk.set(path, Uint8Array.from([137, 80, 78, 71]));
      return true;
    },
  };
  fake.pool = { root, get current() { return current; } };
  const resolve = {
    GetVersionString: async () => "20.2.1",
    GetProjectManager: async () => ({ GetCurrentProject: async () => (fake.noProject ? null : project) }),
  };
  const still = async (write) => {
    await write("/tmp/frame.png");
    return { name: "frame.png", bytes: fake.disk.get("/tmp/frame.png").slice().buffer };
  };
  const host = window.makeResolveHost(resolve, still);

  const at = (request) => ["/Volumes/Media", ...request.folder, request.name].join("/");
  const own = {
    folder: async ({ again }) => {
      if (!again && fake.chosen) return fake.chosen;
      fake.asked += 1;
      if (!fake.picksFolder) throw Object.assign(new Error("cancelled"), { code: "cancelled" });
      return (fake.chosen = { path: "/Volumes/Media", label: "Media" });
    },
    open: async ({ url }) => void fake.opened.push(url),
    "disk.size": async (request) => (fake.disk.has(at(request)) ? fake.disk.get(at(request)).length : null),
    "disk.read": async (request) => fake.disk.get(at(request)).slice().buffer,
    "disk.create": async (request) => void fake.disk.set(at(request), new Uint8Array(0)),
    "disk.append": async (request) => {
      if (fake.faults.diskFull) throw new Error("ENOSPC: no space left on device");
      fake.disk.set(at(request), Uint8Array.from([...fake.disk.get(at(request)), ...new Uint8Array(request.bytes)]));
    },
    "disk.rename": async (request) => {
      fake.disk.set(at({ ...request, name: request.to }), fake.disk.get(at(request)));
      fake.disk.delete(at(request));
    },
    "disk.remove": async (request) => void fake.disk.delete(at(request)),
    "secret.get": async ({ name }) => fake.secrets[name] || null,
    "secret.set": async ({ name, value }) => void (fake.secrets[name] = value),
    "secret.remove": async ({ name }) => void delete fake.secrets[name],
  };
  window.resolveBridge = {
    // As main.js answers: never an exception, and only what can be cloned.
    async call(name, request) {
      try {
        const known = own[name] || host[name];
        const value = await known(request);
        return structuredClone({ ok: true, value: value === undefined ? null : value });
      } catch (error) {
        const doubt = ["bring", "place", "swap", "markers", "undo"].includes(name) ? "not-verified" : "failed";
        return { ok: false, code: error.code || (name.startsWith("disk.") ? "disk" : doubt), message: error.message };
      }
    },
  };
})();
