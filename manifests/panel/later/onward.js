/* From a take onward: the same brief on other models, or its master. */
(function (PB) {
  "use strict";

  const { el, fill, button, hint } = PB.dom;
  const t = PB.t;
  const MOST = 6;
  let quoted = null;

  /** The same brief on several models at once. */
  function models(place, generation) {
    const usable = PB.store.get().models.filter((each) => each.available && !each.retired);
    const chosen = new Set(usable.slice(0, 2).map((each) => each.id));
    const boxes = usable.map((each) => PB.dom.check(each.label, chosen.has(each.id), (on) => (on ? chosen.add(each.id) : chosen.delete(each.id))));
    const form = el("div.card", null, el("div.strong", null, t("takes.on-models.title")), boxes, button(t("takes.on-models.go"), () => send(generation, [...chosen]), { kind: "primary" }));
    place.appendChild(form);
  }

  async function send(generation, models) {
    if (models.length < 2 || models.length > MOST) return void PB.notices.say(t("takes.on-models.count", { n: MOST }));
    const request = { kind: generation.kind, brief: generation.brief, takes: 1 };
    if (generation.label) request.label = generation.label;
    const batch = await PB.outbox.send("compare", "/v1/batches", { compare: { request, models } });
    for (const each of batch.items) PB.watch.add(each);
    PB.watch.look();
    PB.go("queue");
  }

  /** What the master would be and cost, in place; nothing is spent until the second button. */
  async function master(card, take) {
    if (quoted) quoted.remove();
    const wanted = { resolution: null, dynamic_range: null };
    const facts = el("div", { "aria-live": "polite" });
    const go = button(t("master.go"), () => make(take, wanted), { kind: "primary" });
    const ask = async () => {
      const { data } = await PB.http.post("/v1/takes/" + take.id + "/master/quote", { body: bodyOf(wanted) });
      const way = data.promotion;
      const choice = data.routing.choices[0] || {};
      fill(facts, el("div.price", null, PB.text.credits(data.routing.credits_held)), hint(way.why + " " + [way.model, way.resolution, way.dynamic_range.toUpperCase()].join(" · ") + (choice.expected_seconds ? " · " + t("quote.expected", { time: PB.text.seconds(choice.expected_seconds) }) : "")));
      wanted.max_credits = data.routing.credits_held;
    };
    const renew = () => ask().catch((error) => fill(facts, PB.explain(error).text));
    const size = PB.dom.select([["", t("master.size.default")], ["1080p", "1080p"], ["2160p", "2160p"]], "", (value) => ((wanted.resolution = value || null), renew()), { "aria-label": t("generate.size") });
    const range = PB.dom.select([["", t("master.range.default")], ["sdr", "SDR"], ["hdr", "HDR"]], "", (value) => ((wanted.dynamic_range = value || null), renew()), { "aria-label": t("generate.range") });
    quoted = el("div.card", null, el("div.strong", null, t("master.title", { n: take.number })), el("div.row", null, size, range), facts, go);
    card.appendChild(quoted);
    await renew();
  }

  function bodyOf(wanted) {
    const body = {};
    for (const [name, value] of Object.entries(wanted)) if (value !== null && value !== undefined) body[name] = value;
    const sequence = PB.request.sequenceOf(PB.store.get().context.sequence);
    if (sequence) body.sequence = sequence;
    return body;
  }

  async function make(take, wanted) {
    const made = await PB.outbox.send("master", "/v1/takes/" + take.id + "/master", bodyOf(wanted));
    PB.watch.add(made);
    PB.watch.look();
    PB.account.refresh();
    PB.go("queue");
  }

  PB.onward = { models, master };
})((window.PB = window.PB || {}));
