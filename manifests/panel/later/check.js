/* The brief looked over for nothing: advice, the plan in words, what a model would be told; moves can be changed. */
(function (PB) {
  "use strict";

  const { el, fill, button, small, hint, select } = PB.dom;
  const t = PB.t;
  const MOVES = ["static", "dolly-in", "dolly-out", "truck-left", "truck-right", "pan-left", "pan-right", "tilt-up", "tilt-down", "crane-up", "crane-down", "orbit-left", "orbit-right", "zoom-in", "zoom-out", "roll-left", "roll-right", "handheld"];
  let shown = null; // { place, edit, add } while it is open
  let timer = null;
  let asking = null;

  /** Opens below the brief; `edit` changes the request, `add` puts words into the prompt. */
  function open(place, edit, add) {
    shown = { place, edit, add };
    fill(place, hint(t("loading")));
    return ask();
  }

  function close() {
    clearTimeout(timer);
    if (asking) asking.abort();
    shown = null;
  }

  /** The brief has changed: looked over again a moment after the last key. */
  function renew() {
    if (!shown) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 500);
  }

  async function ask() {
    if (asking) asking.abort();
    const mine = (asking = new AbortController());
    try {
      const { data } = await PB.http.post("/v1/plans", { body: PB.request.body(), signal: mine.signal });
      if (mine === asking && shown) draw(data);
    } catch (error) {
      if (error.kind === "aborted" || mine !== asking || !shown) return;
      refused(error);
    }
  }

  function refused(error) {
    const { text, step } = PB.explain(error);
    const again = PB.request.get().plan ? small(t("check.as-read"), () => shown.edit({ plan: null })) : null;
    fill(shown.place, el("div.card", { role: "alert" }, el("div.warn", null, text), step ? hint(step) : null, again));
  }

  function draw({ plan, advice, directives }) {
    const edited = Boolean(PB.request.get().plan);
    const warned = [...advice].sort((a, b) => Number(b.severity === "warning") - Number(a.severity === "warning"));
    fill(
      shown.place,
      el("div.card.check-card", null,
        el("div.row", null, el("h2.grow", null, t("check.title")), small("×", shut, { "aria-label": t("close"), "data-focus": "check-close" })),
        warned.length ? warned.map(advised) : hint(t("check.no-advice")),
        el("h3", null, t(edited ? "check.plan.edited" : "check.plan")),
        planned(plan),
        el("h3", null, t("check.moves")),
        moves(plan),
        edited ? small(t("check.as-read"), () => shown.edit({ plan: null }), { "data-focus": "as-read" }) : null,
        PB.dom.fold(t("check.directives", { n: directives.length }), directives.map((each) => told(each, directives))),
      ),
    );
  }

  function shut() {
    const place = shown.place;
    close();
    fill(place);
  }

  /** One piece of advice; its wording is added to the brief only when it is pressed. */
  function advised(each) {
    const warning = each.severity === "warning";
    return el("div.entry.advice", null,
      el("div", null, el("span.mark" + (warning ? ".warn" : ""), { "aria-hidden": "true" }, warning ? "! " : "· "), el("span.strong", null, t(warning ? "check.warning" : "check.note") + ": "), PB.said.advice(each)),
      el("div.row.wrap", null, each.try_words.map((words) => button("+ " + words, () => shown.add(words), { kind: "small.words", "aria-label": t("check.add", { words }) }))),
    );
  }

  const word = (term) => PB.said.word(term);
  const few = (...terms) => PB.said.words(terms.filter(Boolean));

  /** The whole plan in words; what the brief did not say is marked as chosen. */
  function planned(plan) {
    const { concept, lighting } = plan;
    const own = (name, said) => (plan.asked.includes(name) ? said : t("check.chosen", { what: said }));
    const scene = ["environment", "weather", "time_of_day", "mood"].map((name) => own(name, word(concept[name])));
    const subjects = concept.subjects.map((each) => [each.colour, each.word || word(each.kind)].filter(Boolean).join(" "));
    const sides = lighting.sides.map((each) => [word(each.source || "light"), word("from-" + each.side)].join(" "));
    return [
      line("check.concept", [subjects.join(", ") || t("check.no-subject"), ...scene]),
      ...plan.shots.map(framed),
      ...plan.motion.subjects.map((each) => line("check.motion", [[each.about || word(each.kind), each.verb || word(each.action)].join(" "), PB.said.heading(each.heading), each.to_seconds === null ? "" : span(each), each.asked ? "" : t("check.ours")])),
      line("check.light", [own("sources", few(...lighting.sources)), ...sides, own("contrast", t("check.contrast", { what: word(lighting.contrast) })), t("check.palette", { what: word(lighting.palette) }), few(...lighting.tones), lighting.colours.join(" ")]),
      plan.avoid.length ? line("check.avoid", plan.avoid.map((each) => each.what)) : null,
    ];
  }

  function framed(shot) {
    const { size, angle, lens, focal_mm } = shot;
    const placed = shot.blocking.map((each) => PB.said.place(each) || [each.about, word(each.relation), each.beside].filter(Boolean).join(" "));
    const told = [few(size, angle && angle + " angle", lens, focal_mm && focal_mm + " mm", ...shot.composition, ...shot.techniques), ...placed].filter(Boolean);
    return told.length ? line("check.shot", [...told, span(shot)]) : null;
  }

  function line(key, parts) {
    return el("div.hint", null, el("span.strong", null, t(key) + ": "), parts.filter(Boolean).join(" · "));
  }

  function span({ from_seconds, to_seconds }) {
    return PB.check.number(from_seconds) + "–" + PB.check.number(to_seconds) + " s";
  }

  /** "5/2" as 2.5. */
  function number(spelt) {
    const [n, d] = String(spelt).split("/").map(Number);
    return Math.round((1000 * n) / (d || 1)) / 1000;
  }

  /** Each camera move with its times, to be changed or left out; a change makes the plan the editor's. */
  function moves(plan) {
    const camera = plan.motion.camera;
    const save = (next) => shown.edit({ plan: { ...plan, motion: { ...plan.motion, camera: next } } });
    const change = (at, patch) => save(camera.map((each, i) => (i === at ? { ...each, ...patch, asked: true } : each)));
    const add = () => save([...camera, { move: "static", ease: "in-out", strength: 0.6, from_seconds: 0, to_seconds: plan.duration_seconds, asked: true }]);
    return [
      ...camera.map((each, i) => row(each, i, (patch) => change(i, patch), () => save(camera.filter((_, n) => n !== i)))),
      small(t("check.add-move"), add, { "data-focus": "add-move" }),
    ];
  }

  function row(each, i, change, drop) {
    const n = i + 1;
    const move = select(MOVES.map((name) => [name, word(name)]), each.move, (name) => change({ move: name }), { "aria-label": t("check.move", { n }), "data-focus": "move-" + i });
    const time = (name, key) => {
      const input = el("input.short", { type: "number", min: "0", step: "0.1", value: String(number(each[name])), "aria-label": t(key, { n }), "data-focus": name + i });
      input.addEventListener("change", () => change({ [name]: Math.max(0, Number(input.value) || 0) }));
      return input;
    };
    const remove = small("×", drop, { "aria-label": t("check.remove", { n }), "data-focus": "drop-" + i });
    return el("div.entry.move", null, el("div.row.wrap", null, move, time("from_seconds", "check.from"), time("to_seconds", "check.to"), remove), each.asked ? null : hint(t("check.ours")));
  }

  function told(each, all) {
    const source = { default: "check.by-us", mark: "check.by-mark", look: "check.by-look" }[each.source];
    return el("div.hint.told", null, PB.said.directive(each, all) + " · " + span(each) + (source ? " · " + t(source) : "") + (each.note ? " · “" + each.note + "”" : ""));
  }

  PB.check = { open, close, renew, number };
})((window.PB = window.PB || {}));
