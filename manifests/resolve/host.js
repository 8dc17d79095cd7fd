/* What the panel may ask of Resolve. `resolve` is the object the scripting API hands out; nothing here needs Electron. */
(function (root, make) {
  "use strict";
  if (typeof module === "object" && module.exports) module.exports = make;
  else root.makeResolveHost = make;
})(typeof window === "object" ? window : globalThis, function makeResolveHost(resolve, still) {
  "use strict";

  let last = null;

  function refusal(code, message) {
    return Object.assign(new Error(message || code), { code });
  }

  async function opened() {
    const manager = await resolve.GetProjectManager();
    const project = manager && (await manager.GetCurrentProject());
    if (!project) throw refusal("no-project");
    return project;
  }

  async function timelineOf(project, id) {
    const timeline = await project.GetCurrentTimeline();
    if (!timeline) throw refusal("no-sequence");
    if (id !== null && (await timeline.GetUniqueId()) !== id) throw refusal("no-sequence", await timeline.GetName());
    return timeline;
  }

  async function info() {
    return { version: await resolve.GetVersionString() };
  }

  async function capabilities() {
    const project = await opened().catch(() => null);
    const has = (thing, name) => Boolean(thing) && typeof thing[name] === "function";
    const pool = project && (await project.GetMediaPool());
    return {
      frame: has(project, "ExportCurrentFrameAsStill") || project === null,
      import: has(pool, "ImportMedia") || pool === null,
      place: ["layer", "bin"],
      swap: true,
      undo: true,
      markers: true,
    };
  }

  async function context() {
    const manager = await resolve.GetProjectManager();
    const project = manager && (await manager.GetCurrentProject());
    if (!project) return { project: null, timeline: null };
    const timeline = await project.GetCurrentTimeline();
    const said = { id: await project.GetUniqueId(), name: await project.GetName() };
    return { project: said, timeline: timeline ? await described(timeline) : null };
  }

  async function described(timeline) {
    const marks = timeline.GetMarkInOut ? await timeline.GetMarkInOut() : {};
    const video = marks && marks.video;
    return {
      id: await timeline.GetUniqueId(),
      name: await timeline.GetName(),
      rate: String(await timeline.GetSetting("timelineFrameRate")),
      width: await timeline.GetSetting("timelineResolutionWidth"),
      height: await timeline.GetSetting("timelineResolutionHeight"),
      timecode: await timeline.GetCurrentTimecode(),
      start_frame: await timeline.GetStartFrame(),
      mark: video && video.in !== undefined && video.out !== undefined ? video : null,
    };
  }

  async function folderOf(pool, path) {
    let parent = await pool.GetRootFolder();
    for (const name of path.split("/").filter(Boolean)) {
      let found = await named(await parent.GetSubFolderList(), name);
      if (!found) {
        await pool.AddSubFolder(parent, name);
        found = await named(await parent.GetSubFolderList(), name);
      }
      if (!found) throw refusal("not-verified", name);
      parent = found;
    }
    return parent;
  }

  async function named(list, name) {
    for (const each of list || []) if ((await each.GetName()) === name) return each;
    return null;
  }

  async function clipAt(folder, path, before) {
    for (const each of (await folder.GetClipList()) || []) {
      if (before && before.has(await each.GetUniqueId())) continue;
      if (sameFile(await each.GetClipProperty("File Path"), path)) return each;
    }
    return null;
  }

  /** An image sequence is called by its range: /a/f_[0001-0120].exr stands for its first frame. */
  function sameFile(said, path) {
    const first = String(said || "").replace(/\[(\d+)-\d+\]/, "$1");
    return first.replace(/\\/g, "/").normalize("NFC") === path.replace(/\\/g, "/").normalize("NFC");
  }

  function toImport(request) {
    if (!request.is_sequence) return [request.paths[0]];
    const [, head, digits, tail] = /^(.*?)(\d+)(\.[^.]+)$/.exec(request.paths[0]) || [];
    if (!digits) throw refusal("unsupported", request.paths[0]);
    const first = Number(digits);
    const pattern = head.replace(/%/g, "%%") + "%0" + digits.length + "d" + tail;
    return [{ FilePath: pattern, StartIndex: first, EndIndex: first + request.frame_count - 1 }];
  }

  async function bring(request) {
    const project = await opened();
    const pool = await project.GetMediaPool();
    const before = await pool.GetCurrentFolder();
    const folder = await folderOf(pool, request.bin);
    try {
      // Media always lands in the current folder, and nothing says where that is but asking.
      if (!(await pool.SetCurrentFolder(folder))) throw refusal("failed", request.bin);
      const item = (await clipAt(folder, request.paths[0])) || (await imported(pool, folder, request));
      await dress(item, request);
      return { id: await item.GetUniqueId() };
    } finally {
      if (before) await pool.SetCurrentFolder(before);
    }
  }

  async function imported(pool, folder, request) {
    const known = new Set();
    for (const each of (await folder.GetClipList()) || []) known.add(await each.GetUniqueId());
    const answer = await pool.ImportMedia(toImport(request));
    const item = await clipAt(folder, request.paths[0], known);
    if (item) return item;
    throw refusal(answer && answer.length ? "not-verified" : "failed", request.paths[0]);
  }

  async function dress(item, request) {
    await item.SetClipProperty("Clip Name", request.clip_name);
    await item.SetMetadata("Comments", request.comment);
    if (!request.is_sequence) return;
    const [num, den] = request.frame_rate.split("/").map(Number);
    const rate = num / (den || 1);
    await item.SetClipProperty("FPS", String(Math.round(rate * 1000) / 1000));
    if (Math.abs(Number(await item.GetClipProperty("FPS")) - rate) > 0.01) throw refusal("not-verified", "FPS");
  }

  async function every(folder, found) {
    found.push(...((await folder.GetClipList()) || []));
    for (const each of (await folder.GetSubFolderList()) || []) await every(each, found);
    return found;
  }

  async function itemOf(pool, id) {
    for (const each of await every(await pool.GetRootFolder(), [])) if ((await each.GetUniqueId()) === id) return each;
    throw refusal("failed", id);
  }

  /** The lowest video track with nothing in these frames: of two that overlap Resolve drops the later one in silence. */
  async function freeTrack(timeline, from, to) {
    const count = await timeline.GetTrackCount("video");
    let free = 1;
    for (let index = 1; index <= count; index += 1) {
      for (const each of (await timeline.GetItemListInTrack("video", index)) || []) {
        if ((await each.GetStart()) < to && (await each.GetEnd()) > from) free = index + 1;
      }
    }
    if (free > count && !(await timeline.AddTrack("video"))) throw refusal("failed", "AddTrack");
    return free;
  }

  /** All clips of a request, one after another on one track. */
  async function place(request) {
    const project = await opened();
    const timeline = await timelineOf(project, request.timeline);
    if (request.mode !== "layer") throw refusal("unsupported", request.mode);
    const pool = await project.GetMediaPool();
    const start = await timeline.GetStartFrame();
    const clips = [];
    for (const each of request.clips) clips.push({ ...each, at: start + each.at_frame, item: await itemOf(pool, each.id) });
    const end = clips[clips.length - 1];
    const track = await freeTrack(timeline, clips[0].at, end.at + end.frame_count);
    await pool.AppendToTimeline(clips.map((each) => toAppend(each, track)));
    // What it answers may be empty shells: only the track tells.
    const placed = [];
    for (const each of clips) if (await stands(timeline, track, each)) placed.push(each);
    if (placed.length < clips.length) throw refusal("not-verified", "V" + track + ": " + placed.length + "/" + clips.length);
    last = { timeline: request.timeline, track, clips: clips.map(({ id, at }) => ({ id, at })) };
    return { track: "V" + track };
  }

  function toAppend({ item, from_frame, frame_count, at, has_audio }, track) {
    const part = { startFrame: from_frame, endFrame: from_frame + frame_count - 1 };
    return { mediaPoolItem: item, ...part, trackIndex: track, recordFrame: at, ...(has_audio ? {} : { mediaType: 1 }) };
  }

  async function stands(timeline, track, { id, at, frame_count }) {
    const found = await trackItem(timeline, track, id, at);
    return found !== null && (await found.GetDuration()) === frame_count;
  }

  async function trackItem(timeline, track, id, at) {
    for (const each of (await timeline.GetItemListInTrack("video", track)) || []) {
      const source = await each.GetMediaPoolItem();
      if (source && (await source.GetUniqueId()) === id && (await each.GetStart()) === at) return each;
    }
    return null;
  }

  async function undo() {
    if (!last) throw refusal("unsupported");
    const timeline = await timelineOf(await opened(), last.timeline);
    const standing = async () => {
      const found = [];
      for (const { id, at } of last.clips) found.push(await trackItem(timeline, last.track, id, at));
      return found.filter(Boolean);
    };
    const items = await standing();
    if (!items.length) throw refusal("failed");
    await timeline.DeleteClips(items, false);
    if ((await standing()).length) throw refusal("not-verified");
    last = null;
    return null;
  }

  async function swap(request) {
    const pool = await (await opened()).GetMediaPool();
    let count = 0;
    for (const each of await every(await pool.GetRootFolder(), [])) {
      if (!sameFile(await each.GetClipProperty("File Path"), request.from_path)) continue;
      await each.ReplaceClip(request.to_path);
      if (!sameFile(await each.GetClipProperty("File Path"), request.to_path)) throw refusal("not-verified", request.to_path);
      await each.SetClipProperty("Clip Name", request.clip_name);
      count += 1;
    }
    if (!count) throw refusal("failed", request.from_path);
    return { count };
  }

  async function markers(request) {
    const timeline = await timelineOf(await opened(), request.timeline);
    for (const each of request.markers) {
      await timeline.AddMarker(each.frame, "Blue", each.name, each.comment, 1);
    }
    const now = (await timeline.GetMarkers()) || {};
    const there = (each) => now[each.frame] && now[each.frame].name === each.name;
    if (!request.markers.every(there)) throw refusal("not-verified");
    return { count: request.markers.length };
  }

  async function frame() {
    const project = await opened();
    await timelineOf(project, null);
    return still(async (path) => {
      if (!(await project.ExportCurrentFrameAsStill(path))) throw refusal("failed", "ExportCurrentFrameAsStill");
    });
  }

  return { info, capabilities, context, bring, place, undo, swap, markers, frame };
});
