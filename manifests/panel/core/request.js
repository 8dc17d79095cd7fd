/* What the editor is about to ask for, within what the chosen model can do. */
(function (PB) {
  "use strict";

  const FRESH = {
    prompt: "",
    model: "",
    duration_seconds: 5,
    aspect_ratio: "16:9",
    resolution: "",
    dynamic_range: "sdr",
    takes: 2,
    seed: null,
    loop: false,
    audio: false,
    label: "",
    project_id: "",
    frames: [], // { role: first | last | key, at_seconds, asset_id, name, url }
    annotations: [],
    kind: "draft",
    tries: 0, // further ones, while a take falls short of `enough`
    enough: 0.7,
    pause: false,
    plan: null, // as the editor changed it; of these words only
  };
  const PLANNED = ["prompt", "duration_seconds", "loop"]; // what a plan is read from

  let now = { ...FRESH };

  function get() {
    return now;
  }

  function change(patch) {
    const stale = !("plan" in patch) && PLANNED.some((name) => name in patch && patch[name] !== now[name]);
    now = fitted({ ...now, ...patch, ...(stale ? { plan: null } : {}) });
    const { frames, plan, ...rest } = now;
    PB.account.keep("last_request", { ...rest, frames: frames.map(({ url, ...each }) => each) });
    return now;
  }

  /** As it was left, here or on another machine. */
  function restore() {
    now = fitted({ ...FRESH, ...PB.account.setting("last_request", {}) });
    return now;
  }

  function reuse(generation) {
    const brief = generation.brief;
    const inner = (each, i, all) =>
      each.at_seconds === 0 ? "first" : i === all.length - 1 && each.at_seconds >= brief.duration_seconds ? "last" : "key";
    const frames = (brief.keyframes || []).map((each, i, all) => ({
      role: inner(each, i, all),
      at_seconds: each.at_seconds,
      asset_id: each.asset_id,
      name: each.asset_id,
    }));
    const { prompt, model, duration_seconds, aspect_ratio, dynamic_range, loop, audio } = brief;
    const kept = { prompt, model, duration_seconds, aspect_ratio, dynamic_range, loop: loop || false, audio: audio || false };
    const seed = brief.seed === undefined ? null : brief.seed;
    return change({
      ...kept,
      seed,
      frames,
      kind: generation.kind,
      resolution: brief.resolution || "",
      annotations: brief.annotations || [],
      label: generation.label || "",
      project_id: generation.project_id || "",
      takes: Math.max(1, generation.takes.filter((take) => !take.iteration).length),
      tries: generation.max_iterations || 0,
    });
  }

  /** Nothing that the model cannot do stays chosen. */
  function fitted(wanted) {
    const model = PB.account.model(wanted.model);
    if (!model) return wanted;
    const fit = { ...wanted };
    const one = (value, able) => (able.length && !able.includes(value) ? able[0] : value);
    fit.aspect_ratio = one(fit.aspect_ratio, model.aspect_ratios);
    const sizes = sizesOf(model, fit.kind);
    if (fit.resolution && !sizes.includes(fit.resolution)) fit.resolution = "";
    fit.dynamic_range = one(fit.dynamic_range, model.dynamic_ranges);
    if (!model.any_duration_between) fit.duration_seconds = nearest(fit.duration_seconds, model.durations_seconds);
    if (!model.seed) fit.seed = null;
    if (!model.audio && !model.add_ons.some((each) => each.sold && each.addition === "audio")) fit.audio = false;
    if (!model.inputs.includes("loop")) fit.loop = false;
    if (model.max_takes) fit.takes = Math.min(fit.takes, model.max_takes);
    return fit;
  }

  function nearest(value, able) {
    return able.length ? able.reduce((best, each) => (Math.abs(each - value) < Math.abs(best - value) ? each : best)) : value;
  }

  function sizesOf(model, kind) {
    return kind === "draft" ? model.draft_resolutions : model.resolutions;
  }

  /** The body of POST /v1/generations. */
  function body() {
    const brief = {
      prompt: now.prompt,
      duration_seconds: now.duration_seconds,
      aspect_ratio: now.aspect_ratio,
      dynamic_range: now.dynamic_range,
    };
    if (now.model) brief.model = now.model;
    if (now.resolution) brief.resolution = now.resolution;
    if (now.seed !== null) brief.seed = now.seed;
    if (now.loop) brief.loop = true;
    if (now.audio) brief.audio = true;
    if (now.frames.length) {
      brief.keyframes = now.frames
        .map((each) => ({ asset_id: each.asset_id, at_seconds: timeOf(each) }))
        .sort((a, b) => a.at_seconds - b.at_seconds);
    }
    if (now.annotations.length) brief.annotations = now.annotations;
    const wanted = { kind: now.kind, brief, takes: now.takes };
    if (now.tries || now.pause) wanted.direct = { max_iterations: now.tries, accept_score: now.enough, pause: now.pause };
    if (now.plan) wanted.plan = now.plan;
    if (now.label) wanted.label = now.label;
    if (now.project_id) wanted.project_id = now.project_id;
    const sequence = sequenceOf(PB.store.get().context.sequence);
    if (sequence) wanted.sequence = sequence;
    return wanted;
  }

  function timeOf(frame) {
    if (frame.role === "first") return 0;
    return frame.role === "last" ? now.duration_seconds : frame.at_seconds;
  }

  /** As the API spells the open sequence. */
  function sequenceOf(open) {
    if (!open) return null;
    const { frame_rate, width, height, playhead_timecode } = open;
    return { frame_rate, width, height, playhead_timecode, colour_space: open.colour_space || "rec709" };
  }

  PB.request = { get, change, restore, reuse, body, sizesOf, sequenceOf, FRESH };
})((window.PB = window.PB || {}));
