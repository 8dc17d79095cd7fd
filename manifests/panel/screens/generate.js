/* The brief: words, model, frames, strokes, and what it costs while one types. */
(function (PB) {
  "use strict";

  const { el, fill, show, button, field, select, choices, check, small, hint } = PB.dom;
  const t = PB.t;
  let parts = null;
  let asking = null;
  let quoteTimer = null;
  let quote = null;

  function build(place) {
    const wanted = PB.request.get();
    parts = {};
    parts.prompt = el("textarea", { rows: "4", value: wanted.prompt, placeholder: t("generate.prompt.hint"), "data-focus": "prompt" });
    parts.prompt.addEventListener("input", () => edit({ prompt: parts.prompt.value }));
    parts.prompt.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) parts.submit.click();
    });
    parts.model = select([], "", (model) => edit({ model }), { "data-focus": "model" });
    parts.can = el("div.hint");
    parts.shot = el("div.row.wrap");
    parts.frames = el("div");
    parts.errors = el("div.errors", { role: "alert" });
    parts.check = el("div");
    parts.quote = el("div.quote", { "aria-live": "polite" });
    parts.label = el("input", { type: "text", value: wanted.label, maxlength: "200", placeholder: "SH010" });
    parts.label.addEventListener("input", () => edit({ label: parts.label.value }));
    parts.submit = button(t("generate.submit"), submit, { kind: "primary" });
    fill(
      place,
      PB.templates.picker((prompt) => {
        parts.prompt.value = prompt;
        edit({ prompt });
        parts.prompt.focus();
      }),
      field(t("generate.prompt"), parts.prompt),
      field(t("generate.model"), parts.model),
      parts.can,
      parts.shot,
      PB.frames.build(parts.frames, edit),
      field(t("generate.label"), parts.label),
      small(t("generate.check"), lookOver),
      parts.check,
      parts.errors,
    );
    PB.app.foot(parts.quote, parts.submit);
    drawn(PB.store.get());
    ask();
  }

  function edit(patch) {
    quote = null; // of another request: neither shown as this one's price nor sent as its limit
    PB.request.change(patch);
    drawn(PB.store.get());
    if (PB.check) PB.check.renew();
    ask();
  }

  /** Advice, plan and directives; words are added when the editor presses them. */
  async function lookOver() {
    await PB.app.later();
    return PB.check.open(parts.check, edit, (words) => {
      parts.prompt.value = [PB.request.get().prompt.trim().replace(/[,.;]$/, ""), words].filter(Boolean).join(", ");
      edit({ prompt: parts.prompt.value });
    });
  }

  function drawn(state) {
    const wanted = PB.request.get();
    const usable = state.models.filter((each) => each.available && !each.retired);
    const own = (state.me && state.me.workspace.default_model) || "";
    choices(parts.model, [["", t("generate.model.default", { model: own })], ...usable.map((each) => [each.id, each.label]), ["auto", t("generate.model.auto")]], wanted.model);
    const model = PB.account.model(wanted.model || own);
    shot(wanted, model);
    about(model);
    PB.frames.update(wanted, model);
  }

  function about(model) {
    if (parts.can.about === model) return;
    parts.can.about = model;
    if (!model) return void fill(parts.can, t("generate.model.auto.hint"));
    const more = [...model.limits.text, model.terms && model.terms.text].filter(Boolean).join(" ");
    fill(parts.can, model.best_for ? model.best_for.text : "", PB.dom.fold(t("generate.model.more"), more));
  }

  /** Length, shape, size and count: only what the model offers. */
  function shot(wanted, model) {
    const spelt = JSON.stringify([model && model.id, wanted.kind, PB.text.language()]);
    if (parts.shot.spelt !== spelt) {
      parts.shot.spelt = spelt;
      parts.controls = {
        kind: select([["draft", t("kind.draft")], ["master", t("kind.master")]], wanted.kind, (kind) => edit({ kind })),
        seconds: lengths(model),
        aspect: select([], "", (aspect_ratio) => edit({ aspect_ratio })),
        size: select([], "", (resolution) => edit({ resolution })),
        range: select([], "", (dynamic_range) => edit({ dynamic_range })),
        takes: el("input", { type: "number", min: "1", max: "8", step: "1" }),
        tries: select([0, 1, 2, 3].map((n) => [String(n), String(n)]), "", (n) => edit({ tries: Number(n) })),
        enough: select([50, 60, 70, 80, 90, 100].map((n) => [String(n), n + " %"]), "", (n) => edit({ enough: Number(n) / 100 })),
        seed: el("input", { type: "number", min: "0", placeholder: t("generate.seed.any") }),
      };
      const c = parts.controls;
      c.takes.addEventListener("change", () => edit({ takes: Math.max(1, Math.min(8, Math.round(Number(c.takes.value) || 1))) }));
      c.seed.addEventListener("change", () => edit({ seed: c.seed.value === "" ? null : Math.round(Number(c.seed.value)) }));
      c.loop = check(t("generate.loop"), wanted.loop, (loop) => edit({ loop }));
      c.audio = check(t("generate.audio"), wanted.audio, (audio) => edit({ audio }));
      c.pause = check(t("generate.pause"), wanted.pause, (pause) => edit({ pause }));
      c.seedField = field(t("generate.seed"), c.seed);
      c.enoughField = field(t("generate.enough"), c.enough);
      fill(
        parts.shot,
        field(t("generate.kind"), c.kind),
        field(t("generate.seconds"), c.seconds),
        field(t("generate.aspect"), c.aspect),
        field(t("generate.size"), c.size),
        field(t("generate.range"), c.range),
        field(t("generate.takes"), c.takes),
        field(t("generate.tries"), c.tries),
        c.enoughField,
        c.seedField,
        c.loop,
        c.audio,
        c.pause,
      );
    }
    valued(parts.controls, wanted, model);
  }

  function valued(c, wanted, model) {
    const plain = (list) => list.map((each) => [each, each]);
    choices(c.aspect, plain(model ? model.aspect_ratios : ["16:9", "9:16", "1:1"]), wanted.aspect_ratio);
    const sizes = model ? PB.request.sizesOf(model, wanted.kind) : [];
    choices(c.size, [["", t("generate.size.default")], ...plain(sizes)], wanted.resolution);
    const ranges = model ? model.dynamic_ranges : ["sdr"];
    choices(c.range, ranges.map((each) => [each, each.toUpperCase()]), wanted.dynamic_range);
    PB.dom.setSelect(c.kind, wanted.kind);
    setValue(c.seconds, wanted.duration_seconds);
    setValue(c.takes, wanted.takes);
    setValue(c.tries, wanted.tries);
    setValue(c.enough, Math.round(wanted.enough * 100));
    show(c.enoughField, wanted.tries > 0);
    setValue(c.seed, wanted.seed === null ? "" : wanted.seed);
    show(c.seedField, !model || model.seed);
    show(c.loop, Boolean(model && model.inputs.includes("loop")));
    show(c.audio, Boolean(model && (model.audio || model.add_ons.some((each) => each.sold))));
  }

  function setValue(control, value) {
    if (document.activeElement === control && control.tagName === "INPUT") return;
    if (control.tagName === "SELECT") PB.dom.setSelect(control, value);
    else control.value = String(value);
  }

  function lengths(model) {
    const any = model && model.any_duration_between;
    if (model && !any) {
      const fixed = model.durations_seconds.map((each) => [each, each + " s"]);
      return select(fixed, "", (value) => edit({ duration_seconds: Number(value) }));
    }
    const [least, most] = any ? [any.shortest, any.longest] : [1, 10];
    const input = el("input", { type: "number", min: String(least), max: String(most), step: "0.5" });
    input.addEventListener("change", () => {
      const wanted = Number(input.value) || 5;
      edit({ duration_seconds: Math.max(least, Math.min(most, wanted)) });
    });
    return input;
  }

  /** The price a moment after the last key; an older answer never overwrites a newer one. */
  function ask() {
    clearTimeout(quoteTimer);
    if (asking) asking.abort();
    quoteTimer = setTimeout(async () => {
      const wanted = PB.request.get();
      if (!wanted.prompt.trim() && !wanted.annotations.length) return priced(null);
      const mine = (asking = new AbortController());
      try {
        const { data } = await PB.http.post("/v1/quotes", { body: PB.request.body(), signal: mine.signal });
        if (mine === asking) priced(data);
      } catch (error) {
        if (error.kind === "aborted" || mine !== asking) return;
        quote = null;
        fill(parts.quote, PB.explain(error).text);
        pointed(error);
      }
    }, 350);
  }

  function priced(data) {
    quote = data;
    fill(parts.errors);
    const me = PB.store.get().me;
    if (!data) return void fill(parts.quote, left(me));
    const choice = data.routing.choices[0] || {};
    const mine = data.quotes.find((each) => each.model === choice.model) || data.quotes[0] || {};
    const problem = choice.why_not || (mine.possible === false ? mine.reasons.join(" ") : "");
    const other = data.quotes.find((each) => each.possible && each.model !== mine.model);
    fill(
      parts.quote,
      el("div.price", null, problem ? t("quote.cannot") : PB.text.credits(data.routing.credits_held), mine.draft_units ? " · " + t("quote.drafts", { n: mine.draft_units }) : ""),
      hint(problem || [choice.model, choice.expected_seconds ? t("quote.expected", { time: PB.text.seconds(choice.expected_seconds) }) : ""].filter(Boolean).join(" · ")),
      problem && other ? small(t("quote.instead", { model: other.model, price: PB.text.credits(other.credits) }), () => edit({ model: other.model })) : null,
      left(me),
    );
  }

  function left(me) {
    if (!me) return null;
    const { remaining, limit } = me.draft_quota;
    return hint(t("quote.left", { credits: PB.text.whole(me.credits.available), drafts: remaining, limit }));
  }

  function pointed(error) {
    fill(parts.errors, error.errors.map((each) => el("div", null, each.detail)));
  }

  async function submit() {
    fill(parts.errors);
    const wanted = PB.request.body();
    if (!quote) quote = (await PB.http.post("/v1/quotes", { body: wanted, wait: 3000 }).catch(() => ({ data: null }))).data;
    if (quote && quote.routing.credits_held !== null) wanted.max_credits = quote.routing.credits_held;
    PB.notices.say(t("generate.sent"));
    const sent = PB.outbox.send("generate", "/v1/generations", wanted);
    sent.then(
      (generation) => {
        PB.watch.add(generation);
        PB.watch.look();
        PB.account.refresh();
      },
      (error) => {
        PB.notices.problem(error);
        if (parts) pointed(error);
      },
    );
    PB.go("queue");
  }

  function update(state, before) {
    if (["models", "me", "policy"].some((name) => state[name] !== before[name])) drawn(state);
    if (state.me !== before.me && quote) priced(quote);
  }

  function leave() {
    clearTimeout(quoteTimer);
    if (asking) asking.abort();
    if (PB.check) PB.check.close();
  }

  PB.screens.generate = { build, update, leave };
})((window.PB = window.PB || {}));
