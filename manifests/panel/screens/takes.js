/* The takes of one generation: play, judge, pick, compare and refine. */
(function (PB) {
  "use strict";

  const { el, fill, button, small, hint } = PB.dom;
  const t = PB.t;
  const MOST = 6;
  let place = null;
  let shown = "";
  let transport = null;
  const kept = {}; // take id -> its generation, for the comparison

  async function open(id) {
    const work = PB.store.get().work;
    const known = work.find((each) => each.id === id);
    const now = await PB.http.get("/v1/generations/" + id, { fresh: true }).catch(orKnown(known)); // its links may have expired
    PB.store.set({ takesOf: now.data, work: work.map((each) => (each.id === id ? now.data : each)) });
    PB.go("takes");
  }

  function orKnown(known) {
    return (error) => {
      if (!known || !error.unanswered) throw error;
      return { data: known };
    };
  }

  function build(element) {
    place = element;
    shown = "";
    update(PB.store.get());
  }

  function update(state) {
    const generation = state.takesOf && (state.work.find((each) => each.id === state.takesOf.id) || state.takesOf);
    const spelt = JSON.stringify([!generation && finished(state).map((each) => each.id), generation && generation.id, generation && generation.state, generation && generation.takes.map((take) => [take.state, take.picked, take.score, Boolean(take.proxy)]), generation && generation.iterations, state.compare]);
    if (spelt === shown) return;
    shown = spelt;
    if (transport) transport.pause();
    if (!generation) return void fill(place, el("h2", null, t("screen.takes")), el("p.hint", null, t("takes.none")), latest(state));
    draw(generation, state);
  }

  const finished = (state) => state.work.filter((each) => each.takes.some((take) => take.state === "stored")).slice(0, 8);

  /** Nothing chosen yet: what was finished last. */
  function latest(state) {
    return finished(state).map((each) => button((each.label ? each.label + " · " : "") + each.brief.prompt.slice(0, 60), () => open(each.id), { kind: "wide" }));
  }

  function draw(generation, state) {
    const stored = generation.takes.filter((take) => take.state === "stored");
    const videos = [];
    const cards = stored.map((take) => card(generation, take, videos, state));
    transport = PB.player.transport(videos, rateOf(stored[0]));
    const direct = el("div");
    const told = el("div.fold");
    PB.screens.queue.directed(direct, generation);
    fill(
      place,
      el("h2.cut", null, (generation.label ? generation.label + " · " : "") + t("kind." + generation.kind)),
      el("p.prompt", null, generation.brief.prompt),
      hint(PB.screens.queue.stateWords(generation)),
      direct,
      videos.length ? transport.bar : null,
      el("div.takes", null, cards),
      el("div.row.wrap", null, PB.account.makes() ? [small(t("takes.refine"), () => refine(generation)), small(t("takes.on-models"), () => PB.app.later().then(() => PB.onward.models(place, generation)))] : null, state.compare.length > 1 ? small(t("takes.compare", { n: state.compare.length }), () => PB.go("compare")) : null, small(t("takes.trace"), () => PB.app.later().then(() => PB.why.trace(told, generation)))),
      told,
    );
  }

  function rateOf(take) {
    const [n, d] = String((take && take.frame_rate) || "24").split("/").map(Number);
    return n / (d || 1);
  }

  function card(generation, take, videos, state) {
    const made = el("div.take" + (take.picked ? ".picked" : ""), { "data-take": take.id });
    let video = null;
    if (PB.capabilities.video && take.proxy) {
      video = PB.player.player(take, () => freshLink(generation.id, take.id));
      videos.push(video);
      PB.host.draggable(video, { name: nameOf(generation, take), url: take.proxy.url, media_type: take.proxy.media_type });
      made.appendChild(video);
    } else if (take.poster) {
      made.appendChild(el("img", { src: take.poster.url, width: 320, height: 180, alt: t("takes.number", { n: take.number }) }));
    }
    if (take.contact_sheet) made.appendChild(strip(take));
    const compared = state.compare.includes(take.id);
    const why = el("div");
    const review = el("div");
    const makes = PB.account.makes();
    const seek = (seconds) => (transport.pause(), transport.seek(seconds));
    PB.dom.add(made, [
      el("div.row", null, el("span.strong.grow", null, t("takes.number", { n: take.number })), el("span.hint", null, (take.iteration ? t("takes.try", { n: take.iteration + 1 }) + " · " : "") + take.label)),
      judged(take),
      el("div.row.wrap", null,
        makes ? small(t(take.picked ? "takes.picked" : "takes.pick"), () => pick(generation, take), { "aria-pressed": String(Boolean(take.picked)) }) : null,
        small(t(compared ? "takes.compared" : "takes.add-compare"), () => compare(generation, take.id), { "aria-pressed": String(compared) }),
        makes ? small(t("takes.deliver"), () => PB.deliver.open(generation, take)) : null,
        small(t("takes.review"), () => PB.app.later().then(() => PB.review.open(review, generation, take, video, seek)), { "data-focus": "review-" + take.id }),
        small(t("takes.why"), () => PB.app.later().then(() => PB.why.open(why, generation, take, seek)), { "data-focus": "why-" + take.id }),
        makes && generation.kind === "draft" ? small(t("takes.master"), () => PB.app.later().then(() => PB.onward.master(made, take))) : null,
      ),
      review,
      why,
    ]);
    if (PB.review) PB.review.kept(review, take, video);
    return made;
  }

  function nameOf(generation, take) {
    return (generation.label || "shot").replace(/[^\w-]+/g, "_") + "_t" + take.number + ".mp4";
  }

  function strip(take) {
    return el("img.strip", { src: take.contact_sheet.url, width: 320, height: 60, alt: t("takes.strip") });
  }

  /** The score, the sentence, and every measure with its name: nothing is hidden behind one number. */
  function judged(take) {
    const measures = Object.entries(take.measures || {}).filter(([, value]) => typeof value === "number" || typeof value === "string");
    const score = take.score === null ? t("takes.not-judged") : t("takes.score", { n: Math.round(take.score * 100) });
    const facts = [take.width + "×" + take.height, PB.text.rate(take.frame_rate) + " fps", t("takes.frames", { n: take.frame_count }), (take.dynamic_range || "").toUpperCase(), take.seed === null ? "" : t("takes.seed", { n: take.seed })];
    return el("div.hint", null,
      el("div", null, score + (take.verdict ? ": " + PB.said.verdict(take) : "")),
      el("div", null, facts.filter(Boolean).join(" · ")),
      measures.length ? PB.dom.fold(t("takes.measures"), measures.map(([name, value]) => name.replace(/_/g, " ") + " " + (typeof value === "number" ? Math.round(value * 1000) / 1000 : value)).join(" · ")) : null,
    );
  }

  async function freshLink(generation_id, take_id) {
    const { data } = await PB.http.get("/v1/generations/" + generation_id, { fresh: true });
    const take = data.takes.find((each) => each.id === take_id);
    return take && take.proxy && take.proxy.url;
  }

  async function pick(generation, take) {
    await PB.http.request("PATCH", "/v1/takes/" + take.id, { body: { picked: !take.picked } });
    await renew(generation.id);
  }

  async function renew(id) {
    const { data } = await PB.http.get("/v1/generations/" + id, { fresh: true });
    PB.store.set({ takesOf: data });
    PB.watch.add(data);
  }

  function compare(generation, id) {
    const chosen = PB.store.get().compare;
    if (chosen.includes(id)) return void PB.store.set({ compare: chosen.filter((each) => each !== id) });
    if (chosen.length >= MOST) return void PB.notices.say(t("takes.compare.most", { n: MOST }));
    kept[id] = generation;
    PB.store.set({ compare: [...chosen, id] });
  }

  function refine(generation) {
    PB.request.reuse(generation);
    PB.go("generate");
  }

  PB.takes = { open, renew, kept, freshLink, rateOf, judged };
  PB.screens.takes = { build, update, leave: () => transport && transport.pause() };
})((window.PB = window.PB || {}));
