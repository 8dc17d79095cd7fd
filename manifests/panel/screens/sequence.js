/* The open sequence as the host tells it; where no host does, as the editor types it. */
(function (PB) {
  "use strict";

  const { el, fill, field, select, small, hint } = PB.dom;
  const t = PB.t;
  const RATES = ["24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"];
  const SPACES = ["rec709", "p3-d65", "rec2100-pq", "rec2100-hlg", "acescg"];
  const FRESH = { id: "manual", name: "", frame_rate: "24", drop_frame: false, width: 1920, height: 1080, colour_space: "rec709", playhead_timecode: "01:00:00:00", playhead_frame: 0, in_frame: null, out_frame: null };

  let shown = null;

  function build() {
    shown = { place: el("div.card"), drawn: "" };
    update();
    return shown.place;
  }

  /** The host's playhead moves all the time; a form that the editor is typing into must not. */
  function update() {
    const open = PB.store.get().context.sequence;
    const spelt = PB.host.setManualSequence ? String(Boolean(open)) : JSON.stringify(open);
    if (!shown || shown.drawn === spelt) return;
    shown.drawn = spelt;
    draw(shown.place);
  }

  function draw(place) {
    const open = PB.store.get().context.sequence;
    if (PB.host.setManualSequence) return manual(place, open);
    if (!open) return fill(place, el("div.warn", null, t("sequence.none")));
    return fill(place, el("div.strong.cut", null, open.name), hint([PB.text.rate(open.frame_rate) + " fps", open.width + "×" + open.height, open.colour_space || t("sequence.colour-unknown"), open.playhead_timecode].join(" · ")));
  }

  function manual(place, open) {
    const now = { ...FRESH, ...(open || {}) };
    const save = async (patch) => {
      Object.assign(now, patch);
      await PB.host.setManualSequence(now);
      PB.store.set({ context: await PB.host.context() });
    };
    const off = async () => {
      await PB.host.setManualSequence(null);
      PB.store.set({ context: await PB.host.context() });
    };
    if (!open) {
      return fill(place, hint(t("sequence.manual.none")), small(t("sequence.manual.set"), () => save({})));
    }
    const number = (name, least, most) => {
      const input = el("input.short", { type: "number", min: String(least), max: String(most), value: String(now[name]) });
      input.addEventListener("change", () => save({ [name]: Math.max(least, Math.min(most, Math.round(Number(input.value) || least))) }));
      return input;
    };
    const timecode = el("input.short", { type: "text", value: now.playhead_timecode });
    timecode.addEventListener("change", () => save({ playhead_timecode: timecode.value.trim() }));
    return fill(
      place,
      el("div.row.wrap", null,
        field(t("sequence.rate"), select(RATES.map((each) => [each, PB.text.rate(each)]), now.frame_rate, (frame_rate) => save({ frame_rate }))),
        field(t("sequence.width"), number("width", 16, 8192)),
        field(t("sequence.height"), number("height", 16, 8192)),
        field(t("sequence.colour"), select(SPACES.map((each) => [each, each]), now.colour_space, (colour_space) => save({ colour_space }))),
        field(t("sequence.timecode"), timecode),
      ),
      small(t("sequence.manual.off"), off),
    );
  }

  PB.sequence = { build, update };
})((window.PB = window.PB || {}));
