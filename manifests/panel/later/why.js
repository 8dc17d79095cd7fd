/* Why a take has its score: each thing that was asked and how far it was followed; and how it all came about. */
(function (PB) {
  "use strict";

  const { el, fill, small, hint } = PB.dom;
  const t = PB.t;
  const SHAPES = { followed: "+", partly: "±", missed: "×", "not-measured": "?" };

  /** Unfolds below a take, or folds again; `seek` shows a moment of it. */
  async function open(place, generation, take, seek) {
    if (place.firstChild) return void fill(place);
    fill(place, hint(t("loading")));
    const { data } = await PB.http.get("/v1/generations/" + generation.id + "/direction", { fresh: true }).catch((error) => {
      fill(place);
      throw error;
    });
    const seen = data.evaluations.find((each) => each.take_id === take.id);
    const told = data.tries.find((each) => each.iteration === take.iteration);
    const before = data.tries.find((each) => each.iteration === take.iteration - 1);
    fill(place, seen && seen.measured ? measured(seen, told, before, seek) : unseen(seen), accept(generation, take));
  }

  function unseen(seen) {
    return el("div.entry", null, shape("not-measured"), t(seen && seen.failure ? "why.failed" : "why.not-yet"), seen && seen.failure ? hint(seen.failure) : null);
  }

  function measured({ evaluation, judgement, opinions, pictures }, told, before, seek) {
    const asked = told ? told.directives.filter((each) => each.source !== "default") : [];
    const heard = new Map(evaluation.adherence.map((each) => [each.directive_id, each]));
    const defects = evaluation.defects;
    return el("div.why", null,
      told && told.iteration ? hint(t("why.told", { why: PB.said.why(told, before) })) : null,
      el("h3", null, t("why.asked")),
      asked.length ? asked.map((each) => standing(each, heard.get(each.id), told.directives)) : hint(t("why.nothing-asked")),
      el("h3", null, t("why.defects")),
      defects.length ? defects.map((each) => defect(each, seek)) : hint(t("why.no-defects")),
      el("h3", null, t("why.weighed")),
      judgement ? judgement.criteria.map(criterion) : null,
      evaluation.not_measured.length ? PB.dom.fold(t("why.unmeasured", { n: evaluation.not_measured.length }), PB.said.unmeasured(evaluation, told ? told.directives : []).map((each) => hint(each))) : null,
      Object.entries(pictures).map(([name, each]) => el("img.seen", { src: each.url, width: 320, alt: t("shown." + name) })),
      opinions ? PB.dom.fold(t("why.opinions"), opined(opinions, asked)) : null,
    );
  }

  /** What a model says of frames: kept apart, and without the shapes of what was measured. */
  function opined({ model, opinions, wrong, failure }, asked) {
    const about = (id) => {
      const found = asked.find((each) => each.id === id);
      return found ? PB.said.directive(found, asked) : id;
    };
    return [
      hint([model, failure].filter(Boolean).join(": ")),
      opinions.map((each) => hint(about(each.id) + " · " + PB.said.word(each.standing) + ": " + each.says)),
      wrong.map((each) => hint(each)),
    ];
  }

  function shape(name) {
    return el("span.shape." + name, { "aria-hidden": "true" }, SHAPES[name] || "?");
  }

  /** One directive: shape, word, what was asked, what was seen, how sure. */
  function standing(directive, seen, all) {
    const name = seen ? seen.standing : "not-measured";
    const sure = seen && name !== "not-measured" ? " · " + t("why.sure", { n: PB.text.percent(seen.confidence) }) : "";
    return el("div.entry.standing", { "data-standing": name },
      el("div", null, shape(name), el("span.strong", null, t("seen." + name) + ": "), PB.said.directive(directive, all)),
      hint((seen ? PB.said.seen(seen, directive, all) : t("why.nobody-measures")) + sure),
    );
  }

  function criterion({ criterion: name, value, weight, measured: count, of }) {
    const told = value === null ? t("seen.not-measured") : PB.text.percent(value);
    return el("div.hint", null, el("span.strong", null, t("criterion." + name) + ": " + told), " · " + t("why.weight", { n: PB.text.percent(weight) }) + (of > 1 || value === null ? " · " + t("why.count", { n: count, of }) : ""));
  }

  function defect(each, seek) {
    const at = (seconds) => Math.round(seconds * 10) / 10 + " s";
    return el("div.entry", null,
      el("div", null, shape("missed"), PB.said.defect(each)),
      el("div.row.wrap", null, each.at_seconds.slice(0, 6).map((seconds) => small(at(seconds), () => seek(seconds), { "aria-label": t("why.go-to", { at: at(seconds) }) }))),
    );
  }

  function accept(generation, take) {
    const open = PB.watch.isUnfinished(generation) && !generation.cancel_requested && generation.max_iterations > 0 && PB.account.makes();
    if (!open) return null;
    return small(t("why.accept", { n: take.number }), () => PB.direct.order(generation.id, "accept", { take: take.number }));
  }

  /** The steps of a generation in order: what was seen, decided, spent. */
  async function trace(place, generation) {
    if (place.firstChild) return void fill(place);
    const { data } = await PB.http.get("/v1/generations/" + generation.id + "/trace", { fresh: true });
    const { credits_held, credits_settled } = generation.cost;
    const spent = credits_settled === null ? t("trace.held", { credits: PB.text.credits(credits_held) }) : t("trace.spent", { credits: PB.text.credits(credits_settled) });
    fill(place, el("h3", null, t("takes.trace")), data.items.map(step), el("div.entry.strong", null, spent));
    place.scrollIntoView(false);
  }

  function step({ at, step: name, take, summary, data }) {
    const proposal = data && data.proposal;
    const told = [PB.text.clock(at), named(name), take === null ? "" : t("takes.number", { n: take })];
    return el("div.entry.step", null, el("div.hint", null, told.filter(Boolean).join(" · ")), el("div.prompt", null, summary), proposal ? hint(proposal.why) : null);
  }

  function named(name) {
    const key = "trace." + name;
    return t(key) === key ? PB.said.word(name) : t(key);
  }

  PB.why = { open, trace };
})((window.PB = window.PB || {}));
