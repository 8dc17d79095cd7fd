/* From a take to the timeline: format, sequence, how it is placed, and how far it has come. */
(function (PB) {
  "use strict";

  const { el, fill, show, words, keyed, button, small, field, select, hint } = PB.dom;
  const t = PB.t;
  const FORMATS = ["", "prores-422-hq", "prores-4444", "dnxhr-hqx", "hevc-hdr10", "hevc-hlg", "hevc-main12", "h264", "exr-aces", "exr-acescg", "png", "tiff"];
  const HOSTS = ["premiere-pro", "after-effects", "photoshop", "resolve", "final-cut-pro", "nuke", "download"];
  let parts = null;
  let choice = { host: null, format: "", mode: null, fit: "fit", frame: 0 };

  function open(generation, take) {
    choice.mode = null; // what suits this take best comes first
    PB.store.set({ deliverTake: { generation, take } });
    PB.go("deliver");
  }

  function build(place) {
    parts = { form: el("div"), list: el("div.list") };
    fill(place, el("h2", null, t("screen.deliver")), parts.form, el("div.list", null, parts.list));
    update(PB.store.get(), {});
  }

  function form(state) {
    const chosen = state.deliverTake;
    if (!chosen) return void fill(parts.form, el("p.hint", null, t("deliver.none")));
    const { generation, take } = chosen;
    const modes = PB.capabilities.place.length ? [...PB.capabilities.place, "save"] : ["save"];
    const landed = draftPath(generation) !== "";
    if (PB.capabilities.swap && generation.from_take_id) modes.splice(landed ? 0 : modes.length, 0, "swap");
    if (!modes.includes(choice.mode)) choice.mode = modes[0];
    const own = PB.hostInfo.host;
    const offered = own === "download" ? HOSTS : [own];
    if (!offered.includes(choice.host)) choice.host = own;
    fill(
      parts.form,
      el("div.row.entry", null, take.poster ? el("img.thumb", { src: take.poster.url, width: 96, height: 54, alt: "" }) : null, el("div.grow", null, el("div.strong.cut", null, generation.brief.prompt), hint(t("kind." + generation.kind) + " · " + t("takes.number", { n: take.number })))),
      PB.sequence.build(),
      offered.length > 1 ? field(t("deliver.host"), select(offered.map((each) => [each, t("host-name." + each)]), choice.host, (host) => (choice.host = host))) : null,
      field(t("deliver.format"), select(FORMATS.map((each) => [each, t(each ? "format." + each : "format.default")]), choice.format, (format) => (choice.format = format))),
      own === "photoshop" ? field(t("deliver.frame"), frameOf(take)) : null,
      field(t("deliver.fit"), select(["fit", "fill", "pad", "crop"].map((each) => [each, t("fit." + each)]), choice.fit, (fit) => (choice.fit = fit))),
      modes.length > 1 ? field(t("deliver.mode"), select(modes.map((each) => [each, t("mode." + each)]), choice.mode, (mode) => (choice.mode = mode))) : null,
      button(t(modes.length > 1 ? "deliver.go" : "deliver.save"), () => go(generation, take), { kind: "primary" }),
      generation.kind === "draft" && PB.capabilities.swap ? el("p.hint", null, t("deliver.swap-later")) : null,
    );
  }

  /** Which one of the take's frames becomes the picture. */
  function frameOf(take) {
    const input = el("input", { type: "number", min: "0", max: String(take.frame_count - 1), value: String(choice.frame) });
    input.addEventListener("change", () => {
      choice.frame = Math.max(0, Math.min(take.frame_count - 1, Math.round(Number(input.value) || 0)));
    });
    return input;
  }

  async function go(generation, take) {
    const open = PB.store.get().context.sequence;
    const body = { host: choice.host, fit: choice.fit };
    if (choice.format) body.master_format = choice.format;
    if (choice.host === "photoshop") body.in_frame = body.out_frame = choice.frame;
    const sequence = PB.request.sequenceOf(open);
    if (sequence) body.sequence = sequence;
    if (PB.capabilities.save && choice.mode !== "save") await PB.host.folder(false);
    const wish = { mode: choice.mode, sequence_id: open ? open.id : "", at_frame: open ? open.playhead_frame : null };
    if (choice.mode === "swap") wish.from_path = draftPath(generation);
    await PB.deliveries.request(take.id, body, wish);
    PB.notices.say(t("deliver.started"));
  }

  /** Where the draft's file lies on this machine; "" where another brought it in: the host then looks for its name. */
  function draftPath(generation) {
    const landed = Object.values(PB.store.get().landings).find((each) => each.take_id === generation.from_take_id && each.paths);
    return landed ? landed.paths[0] : "";
  }

  function update(state, before) {
    if (state.deliverTake !== before.deliverTake) form(state);
    if (state.context !== before.context) PB.sequence.update();
    const ids = deliveryIds(state);
    keyed(parts.list, ids, (id) => id, row, renew);
  }

  function deliveryIds(state) {
    const take = state.deliverTake && state.deliverTake.take.id;
    const all = new Set(Object.keys(state.landings));
    for (const generation of state.work) for (const each of generation.deliveries) all.add(each.id);
    const known = [...all].filter((id) => PB.deliveries.get(id) || state.landings[id]);
    return known.sort((a, b) => Number(takeOf(b, state) === take) - Number(takeOf(a, state) === take) || (a < b ? 1 : -1)).slice(0, 30);
  }

  function takeOf(id, state) {
    const known = PB.deliveries.get(id);
    return (known && known.take_id) || (state.landings[id] && state.landings[id].take_id);
  }

  function row(id) {
    const r = {
      name: el("div.cut.strong"),
      state: el("div.hint"),
      bar: el("progress", { max: "1", value: "0", "aria-label": t("deliver.progress") }),
      problem: el("div.warn", { role: "alert" }),
      buttons: el("div.row.wrap"),
      files: el("div"),
    };
    const card = el("div.card", { "data-delivery": id }, r.name, r.state, r.bar, r.problem, r.buttons, r.files);
    card.parts = r;
    if (!PB.deliveries.get(id)) PB.deliveries.fetchOne(id).catch(() => undefined);
    return card;
  }

  function renew(card, id) {
    const r = card.parts;
    const delivery = PB.deliveries.get(id) || { state: "queued", clips: [] };
    const landing = PB.deliveries.landing(id);
    const clip = (delivery.clips || [])[0];
    const more = (delivery.storyboard_id && delivery.clips.length - 1) || 0;
    words(r.name, clip ? clip.name + (more ? " + " + more : "") : t("deliver.unnamed"));
    words(r.state, stateWords(delivery, landing));
    words(r.problem, (landing && landing.problem) || (delivery.failure && PB.said.failure(delivery.failure)) || "");
    const share = landing && landing.stage === "saving" ? landing.share : delivery.progress;
    const moving = PB.watch.isMoving(delivery) || PB.deliveries.isBusy(id);
    show(r.bar, moving);
    PB.dom.filled(r.bar, share);
    actions(r, id, delivery, landing);
  }

  function stateWords(delivery, landing) {
    const told = [t("host-name." + (delivery.host || "download")), t("delivery." + delivery.state)];
    if (PB.watch.isMoving(delivery)) told.push(PB.text.percent(delivery.progress));
    if (landing && landing.stage) told.push(t("landing." + landing.stage));
    if (delivery.applied_at) told.push("★ " + t("history.applied"));
    return told.filter(Boolean).join(" · ");
  }

  function actions(r, id, delivery, landing) {
    const doubt = landing && !PB.deliveries.isBusy(id) && (landing.stage === "placing" || landing.stage === "importing");
    const spelt = [delivery.state, landing && landing.stage, doubt, landing && landing.marked, PB.deliveries.isBusy(id), (delivery.files || []).length].join();
    if (r.spelt === spelt) return;
    r.spelt = spelt;
    const again = () => PB.deliveries.land(id, { mode: modeNow(delivery, landing), from_path: (landing && landing.from_path) || "", sequence_id: sequenceId(), at_frame: playhead() });
    fill(
      r.buttons,
      PB.watch.isMoving(delivery) ? small(t("queue.cancel"), () => PB.http.post("/v1/deliveries/" + id + "/cancel").then(PB.watch.look)) : null,
      delivery.state === "failed" ? small(t("queue.retry"), () => PB.http.post("/v1/deliveries/" + id + "/retry").then(PB.watch.look)) : null,
      doubt ? small(t("landing.is-there"), () => PB.deliveries.settle(id, true)) : null,
      doubt ? small(t("landing.not-there"), () => PB.deliveries.settle(id, false)) : null,
      delivery.state === "ready" && !doubt && !PB.deliveries.isBusy(id) && !(landing && landing.marked) ? small(t(landing && landing.stage ? "landing.go-on" : "landing.bring"), again) : null,
      landing && landing.marked && PB.capabilities.undo ? small(t("landing.undo"), () => PB.host.undo()) : null,
    );
    fill(r.files, fileList(delivery));
  }

  /** What is chosen above counts; without a choice, what was wanted before. */
  function modeNow(delivery, landing) {
    if (PB.store.get().deliverTake && !delivery.storyboard_id) return choice.mode;
    return (landing && landing.mode) || PB.capabilities.place[0] || "save";
  }

  function fileList(delivery) {
    return (delivery.files || []).filter((each) => each.url).map((file) => {
      const link = button(file.name + " · " + PB.text.bytes(file.bytes), () => PB.host.save({ folder: "", ...file }, () => undefined, new AbortController().signal), { kind: "link" });
      PB.host.draggable(link, file);
      return el("div.cut", null, link);
    });
  }

  function sequenceId() {
    const open = PB.store.get().context.sequence;
    return open ? open.id : "";
  }

  function playhead() {
    const open = PB.store.get().context.sequence;
    return open ? open.playhead_frame : null;
  }

  PB.deliver = { open };
  PB.screens.deliver = { build, update };
})((window.PB = window.PB || {}));
