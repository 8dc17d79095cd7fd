/* Files on their way from the service into the open project: saved, imported, placed, marked once. */
(function (PB) {
  "use strict";

  const known = new Map(); // delivery id -> as the service last answered
  const busy = new Set();

  function follow(generation) {
    for (const each of generation.deliveries) {
      if (!known.has(each.id)) known.set(each.id, { ...each, files: null });
    }
  }

  /** Looks at those that are being made; answers with how many still are. */
  async function look() {
    const moving = [...known.values()].filter((each) => each.files === null || PB.watch.isMoving(each));
    const open = moving.filter((each) => PB.watch.isMoving(each) || wishes()[each.id]);
    for (const each of open) await fetchOne(each.id).catch(gone(each));
    return open.filter((each) => PB.watch.isMoving(known.get(each.id))).length;
  }

  /** Deleted meanwhile, or somebody else's: not asked for again. */
  function gone(delivery) {
    return (error) => {
      if (error.status !== 404 && error.status !== 410) throw error;
      known.set(delivery.id, { ...delivery, state: "cancelled", files: [], clips: [] });
    };
  }

  async function fetchOne(id) {
    const { data } = await PB.http.get("/v1/deliveries/" + id);
    const before = known.get(id);
    known.set(id, data);
    if (!before || before.state !== data.state || before.progress !== data.progress) {
      PB.store.set({ deliveriesChanged: Date.now() + Math.random() });
    }
    const wanted = data.state === "ready" && wishes()[id];
    if (wanted) {
      change("wishes", id); // before it begins: another window of this panel does not begin it too
      land(id, wanted).catch(PB.notices.problem);
    }
    return data;
  }

  /** Asks for the files of a take; `wish` is what becomes of them once they are ready. */
  async function request(take_id, body, wish) {
    const delivery = await PB.outbox.send("deliver", "/v1/takes/" + take_id + "/deliveries", body, wish);
    PB.watch.look();
    return delivery;
  }

  function wish(delivery, wanted) {
    known.set(delivery.id, delivery);
    change("wishes", delivery.id, { ...wanted, owner: PB.outbox.ownerId() });
  }

  /** delivery id -> { mode, sequence_id, at_frame, owner }: what to do once it is ready. */
  function wishes() {
    return PB.local.read("wishes", {});
  }

  /** Other windows write there too: one entry changes, the rest stays as it lies there now. */
  function change(name, id, value) {
    const { [id]: old, ...rest } = PB.local.read(name, {});
    if (value) rest[id] = value;
    PB.local.write(name, Object.fromEntries(Object.entries(rest).slice(-300)));
  }

  function landing(id) {
    return PB.store.get().landings[id] || null;
  }

  function mark(id, patch) {
    show(id, patch);
    change("landings", id, landing(id));
  }

  /** For now only: how many bytes have come is not worth writing down. */
  function show(id, patch) {
    PB.store.set({ landings: { ...PB.store.get().landings, [id]: { ...landing(id), ...patch } } });
  }

  /** Brings a ready delivery into the host: goes on where it stopped, and never does a step of doubt again by itself. */
  async function land(id, wish) {
    if (busy.has(id)) return;
    busy.add(id);
    try {
      const delivery = await fetchOne(id);
      const mode = delivery.storyboard_id && !PB.capabilities.cut ? "save" : wish.mode; // its timeline file is opened
      PB.store.set({ landings: PB.local.read("landings", {}) }); // another window may have brought it in
      mark(id, { mode, from_path: wish.from_path, take_id: delivery.take_id, problem: null });
      const paths = await saved(delivery);
      if (mode === "save") return void (await applied(id, "saved"));
      const items = await imported(delivery, paths);
      if (mode === "swap") await placed(id, () => swap(delivery, paths, wish));
      else if (mode !== "bin") await placed(id, () => place(delivery, items, wish));
      await applied(id, "applied");
    } catch (error) {
      const { text, step } = PB.explain(error);
      mark(id, { problem: text + (step ? " " + step : "") });
      throw error;
    } finally {
      busy.delete(id);
    }
  }

  async function saved(delivery) {
    const record = landing(delivery.id);
    if (record.paths) return record.paths;
    const files = await wanted(delivery);
    const all = files.reduce((sum, each) => sum + each.bytes, 0);
    const paths = [];
    let before = 0;
    mark(delivery.id, { stage: "saving", share: 0 });
    for (const file of files) {
      const progress = (done) => show(delivery.id, { share: (before + done) / (all || 1) });
      paths.push((await savedOne(delivery, file, progress)).path);
      before += file.bytes;
    }
    mark(delivery.id, { stage: "saved", share: 1, paths });
    return paths;
  }

  /** A link that has expired is asked for anew, once. */
  async function savedOne(delivery, file, progress) {
    const folder = folderOf(delivery);
    const stop = new AbortController();
    try {
      return await PB.host.save({ folder, ...file }, progress, stop.signal);
    } catch (error) {
      if (error.code !== "network") throw error;
      const fresh = (await wanted(await renewed(delivery.id))).find((each) => each.name === file.name);
      return PB.host.save({ folder, ...fresh }, progress, stop.signal);
    }
  }

  async function renewed(id) {
    const { data } = await PB.http.get("/v1/deliveries/" + id, { fresh: true });
    known.set(id, data);
    return data;
  }

  const ofRole = (delivery, role) => delivery.files.filter((each) => each.role === role);

  /** The master's files: one, or every frame of a sequence in order; of a cut all, and the timelines. */
  async function wanted(delivery) {
    const cut = Boolean(delivery.storyboard_id);
    const masters = ofRole(delivery, "master");
    if (!PB.capabilities.import && (cut || masters.some((each) => each.sequence))) return [await zipped(delivery.id)];
    const found = [];
    for (const file of cut ? [...masters, ...ofRole(delivery, "timeline")] : masters) {
      if (file.sequence) found.push(...(await frames(file.sequence.frames_url)));
      else found.push(file);
    }
    return found;
  }

  /** Where nothing is imported, frames come as one file. */
  async function zipped(id) {
    await PB.http.post("/v1/deliveries/" + id + "/archive");
    for (;;) {
      const { data } = await PB.http.get("/v1/deliveries/" + id, { fresh: true });
      if (data.archive && data.archive.state === "ready") return data.archive;
      if (data.archive && data.archive.state === "failed") throw new PB.HostError("failed", data.archive.detail);
      await PB.pause(1000);
    }
  }

  async function frames(url) {
    const path = url.slice(url.indexOf("/v1/"));
    const items = [];
    for (let cursor = ""; cursor !== null; ) {
      const { data } = await PB.http.get(path + "?limit=100" + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
      items.push(...data.items);
      cursor = data.next_cursor;
    }
    return items;
  }

  function folderOf(delivery) {
    const clip = delivery.clips[0] || {};
    return [clip.bin || "plugin-backend", delivery.id.slice(-8)].join("/");
  }

  /** The clips of a delivery with what was saved of each: a cut has one for each shot, in order. */
  function clipsOf(delivery, paths) {
    let at = 0;
    const clips = delivery.storyboard_id ? delivery.clips : delivery.clips.slice(0, 1);
    return ofRole(delivery, "master").slice(0, clips.length).map(({ sequence }, i) => {
      const from = at;
      at += sequence ? sequence.count : 1;
      return { ...clips[i], paths: paths.slice(from, at), is_sequence: Boolean(sequence) && at - from > 1 };
    });
  }

  /** One after another; each is written down when it is there. */
  async function imported(delivery, paths) {
    const { id } = delivery;
    const { items: known, item } = landing(id); // `item` is what a panel wrote that knew no cuts
    const items = [...(known || (item ? [item] : []))];
    for (const clip of clipsOf(delivery, paths).slice(items.length)) {
      if (landing(id).stage === "importing") throw new PB.HostError("not-verified", PB.t("landing.import-doubt"));
      mark(id, { stage: "importing" });
      const { name, bin, frame_rate, frame_count, is_sequence } = clip;
      const request = { paths: clip.paths, is_sequence, frame_rate, frame_count, bin, clip_name: name, comment: id };
      items.push(await certain(id, "saved", () => PB.host.import(request)));
      mark(id, { stage: "imported", items: [...items] });
    }
    return items;
  }

  async function placed(id, act) {
    const record = landing(id);
    if (record.placed) return;
    if (record.stage === "placing") throw new PB.HostError("not-verified", PB.t("landing.place-doubt"));
    mark(id, { stage: "placing" });
    const placed = await certain(id, "imported", act);
    mark(id, { stage: "placed", placed });
  }

  /** Without their handles, which lie inside the media. */
  function place(delivery, items, { mode, sequence_id, at_frame }) {
    const clips = items.map((item, i) => {
      const { frame_count, handles_frames, audio } = delivery.clips[i];
      const from_frame = handles_frames || 0;
      return { item, from_frame, frame_count: frame_count - 2 * from_frame, has_audio: Boolean(audio) };
    });
    return PB.host.place({ clips, mode, sequence_id, at_frame, frame_rate: delivery.clips[0].frame_rate });
  }

  function swap(delivery, paths, wish) {
    const [master] = ofRole(delivery, "master");
    const request = { from_path: wish.from_path || master.name, to_path: paths[0], clip_name: delivery.clips[0].name };
    return PB.host.swap(request).catch(noDraft);
  }

  function noDraft(error) {
    throw error.code === "failed" ? new PB.HostError("failed", PB.t("deliver.no-draft")) : error;
  }

  /** A plain refusal means nothing was done: the step may be tried again. Doubt stays doubt. */
  async function certain(id, back, act) {
    try {
      return await act();
    } catch (error) {
      if (error instanceof PB.HostError && error.code !== "not-verified") mark(id, { stage: back });
      throw error;
    }
  }

  async function applied(id, stage) {
    if (landing(id).marked) return;
    await PB.http.post("/v1/deliveries/" + id + "/applied");
    mark(id, { stage, marked: true, problem: null, paths: (landing(id).paths || []).slice(0, 1) });
    PB.notices.say(PB.t(stage === "saved" ? "landing.done-saved" : "landing.done"));
  }

  /** The editor has looked: it is there after all, or it is not and the step may be done again. */
  async function settle(id, isThere) {
    const record = landing(id);
    const step = record.stage;
    if (isThere) mark(id, step === "placing" ? { stage: "placed", placed: { by_eye: true } } : { stage: "saved" });
    else mark(id, { stage: step === "placing" ? "imported" : "saved", problem: null });
    if (isThere && step === "placing") await applied(id, "applied");
  }

  /** What this machine knows of the work of who is signed in. */
  function restore() {
    PB.store.set({ landings: PB.local.read("landings", {}) });
    for (const [id, wanted] of Object.entries(wishes())) {
      if (wanted.owner === PB.outbox.ownerId()) known.set(id, { id, state: "queued", files: null, progress: null });
    }
  }

  PB.deliveries = { follow, look, fetchOne, request, wish, land, landing, settle, restore, forget: () => known.clear(), get: (id) => known.get(id), isBusy: (id) => busy.has(id) };
})((window.PB = window.PB || {}));
