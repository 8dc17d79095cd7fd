/* Frames the shot begins, passes or ends with, and strokes drawn on them. */
(function (PB) {
  "use strict";

  const { el, fill, select, keyed, show, words, small } = PB.dom;
  const t = PB.t;
  let edit = null;
  let list = null;
  let tools = null;
  let board = null;
  let canvas = null;
  let adders = null;
  let status = null;
  let rights = null;
  let sought = new Set();

  function build(place, change) {
    edit = change;
    sought = new Set();
    list = el("div.frames");
    adders = el("div.row.wrap");
    status = el("div.hint", { "aria-live": "polite" });
    rights = el("div");
    canvas = el("div.board");
    board = PB.draw.surface(canvas, (annotations) => {
      edit({ annotations });
    });
    tools = el("div.row.wrap");
    fill(
      place,
      el("div.name", null, t("frames.title")),
      list,
      rights,
      adders,
      status,
      el("div.name", null, t("draw.title")),
      canvas,
      tools,
    );
    toolbar();
    PB.account.rules().catch(() => undefined); // an older service has none
    setTimeout(() => board.load(PB.request.get().annotations), 0);
    return place;
  }

  function toolbar() {
    const tool = select(["arrow", "path", "outline", "point", "text"].map((each) => [each, t("draw." + each)]), "arrow", (value) => board.use({ tool: value }), { "aria-label": t("draw.tool") });
    const target = select([["camera", t("draw.camera")], ["subject", t("draw.subject")]], "camera", (value) => board.use({ target: value }), { "aria-label": t("draw.target") });
    const note = el("input", { type: "text", placeholder: t("draw.note"), "aria-label": t("draw.note"), maxlength: "200" });
    note.addEventListener("change", () => {
      board.note(note.value);
      note.value = "";
    });
    fill(tools, tool, target, note, small(t("draw.undo"), () => board.undo()), small(t("draw.empty"), () => board.empty()));
  }

  function update(wanted, model) {
    if (asked()) PB.app.later().then(() => PB.rights.draw(rights, send), PB.notices.problem);
    const can = model ? model.inputs : ["text", "first_frame"];
    const has = (role) => wanted.frames.some((each) => each.role === role);
    const offers = [];
    if (can.includes("first_frame") && !has("first")) offers.push("first");
    if (can.includes("last_frame") && !has("last")) offers.push("last");
    if (can.includes("keyframes")) offers.push("key");
    const spelt = offers.join() + PB.text.language();
    if (adders.spelt !== spelt) {
      adders.spelt = spelt;
      fill(adders, offers.map(adder));
    }
    keyed(list, wanted.frames, (each) => each.role + each.asset_id + each.at_seconds, row);
    const first = wanted.frames.find((each) => each.role === "first") || wanted.frames[0];
    const [w, h] = wanted.aspect_ratio.split(":").map(Number);
    const width = Math.max(160, Math.min(460, (canvas.parentNode && canvas.parentNode.clientWidth) || 300));
    canvas.style.width = width + "px";
    canvas.style.height = Math.round((width * (h || 9)) / (w || 16)) + "px";
    behind(first);
    board.paint();
  }

  function behind(frame) {
    const old = canvas.querySelector("img");
    const url = frame && frame.url;
    if (old && old.getAttribute("src") === url) return;
    if (old) old.remove();
    if (url) canvas.insertBefore(el("img", { src: url, alt: "", width: "100%", height: "100%" }), canvas.firstChild);
    else if (frame) find(frame);
  }

  /** A frame chosen on another machine: its link is asked for, once. */
  async function find(frame) {
    if (sought.has(frame.asset_id)) return;
    sought.add(frame.asset_id);
    const answer = await PB.http.get("/v1/assets/" + frame.asset_id).catch(() => null);
    const url = answer && answer.data.url;
    if (!url) return;
    edit({ frames: PB.request.get().frames.map((each) => (each.asset_id === frame.asset_id ? { ...each, url } : each)) });
  }

  function adder(role) {
    const both = [];
    if (PB.capabilities.frame) both.push(small(t("frames.playhead"), () => take(role, () => PB.host.frame())));
    both.push(small(t("frames.file"), () => take(role, () => PB.host.pickFile(["image/*"]))));
    return el("div.adder", null, el("span", null, t("frames." + role)), both);
  }

  /** Whether somebody has to say that they hold the rights to files. */
  function asked() {
    const { attestation_required, refused } = PB.store.get().policy;
    return attestation_required || (refused || []).length > 0;
  }

  async function take(role, pick) {
    if (asked()) await PB.app.later();
    const picture = await pick().catch((error) => {
      if (error.code !== "cancelled") throw error;
    });
    if (!picture) return undefined;
    return asked() && !PB.rights.given() ? PB.rights.hold(role, picture) : send(role, picture, asked());
  }

  async function send(role, picture, attested) {
    const said = (text) => words(status, text);
    said(t("picture.sending"));
    try {
      const asset = await PB.pictures.upload(picture, said, attested);
      const middle = PB.request.get().duration_seconds / 2;
      const frame = { role, asset_id: asset.id, name: picture.filename, url: asset.url, at_seconds: role === "key" ? middle : 0 };
      edit({ frames: [...PB.request.get().frames, frame] });
    } finally {
      said("");
    }
  }

  function row(frame) {
    const time = el("input.short", { type: "number", min: "0", step: "0.1", value: String(frame.at_seconds), "aria-label": t("frames.at") });
    time.addEventListener("change", () => {
      const at_seconds = Math.max(0, Number(time.value) || 0);
      edit({ frames: PB.request.get().frames.map((each) => (same(each, frame) ? { ...each, at_seconds } : each)) });
    });
    const drop = () => edit({ frames: PB.request.get().frames.filter((each) => !same(each, frame)) });
    return el("div.row.frame", null, el("span.grow.cut", null, t("frames." + frame.role) + " · " + frame.name), show(time, frame.role === "key"), small("×", drop, { "aria-label": t("frames.remove") }));
  }

  function same(one, other) {
    return one.asset_id === other.asset_id && one.role === other.role && one.at_seconds === other.at_seconds;
  }

  PB.frames = { build, update };
})((window.PB = window.PB || {}));
