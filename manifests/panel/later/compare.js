/* Up to six takes side by side, playing as one, with what each cost, took and measured. */
(function (PB) {
  "use strict";

  const { el, fill, small } = PB.dom;
  const t = PB.t;
  let place = null;
  let transport = null;

  function build(element) {
    place = element;
    draw();
  }

  function draw() {
    const state = PB.store.get();
    const pairs = state.compare.map((id) => found(state, id)).filter(Boolean);
    const videos = [];
    const cells = pairs.map(([generation, take]) => cell(generation, take, videos));
    if (transport) transport.pause();
    transport = PB.player.transport(videos, PB.takes.rateOf(pairs[0] && pairs[0][1]));
    fill(
      place,
      el("div.row", null, el("h2.grow", null, t("compare.title")), small(t("compare.empty"), () => (PB.store.set({ compare: [] }), PB.go("takes")))),
      pairs.length ? transport.bar : el("p.hint", null, t("compare.none")),
      el("div.compare", null, cells),
    );
  }

  function found(state, id) {
    const old = PB.takes.kept[id];
    const generation = old && (state.work.find((each) => each.id === old.id) || old);
    return generation && [generation, generation.takes.find((each) => each.id === id)];
  }

  function cell(generation, take, videos) {
    const media = el("div");
    if (PB.capabilities.video && take.proxy) {
      const video = PB.player.player(take, () => PB.takes.freshLink(generation.id, take.id));
      videos.push(video);
      media.appendChild(video);
    } else if (take.poster) {
      media.appendChild(el("img", { src: take.poster.url, width: 320, height: 180, alt: "" }));
    }
    const took = generation.finished_at ? (new Date(generation.finished_at) - new Date(generation.created_at)) / 1000 : null;
    const charged = generation.cost.credits_settled;
    const cost = generation.kind === "draft" && !charged ? t("quote.drafts", { n: 1 }) : PB.text.credits(Math.round((charged || 0) / Math.max(1, generation.takes.length)));
    return el("div.take", null,
      media,
      el("div.strong", null, generation.model + " · " + t("takes.number", { n: take.number })),
      el("div", null, cost + " · " + PB.text.seconds(took)),
      PB.takes.judged(take),
      el("div.row.wrap", null, small(t("compare.choose"), () => PB.takes.open(generation.id)), PB.account.makes() ? small(t("takes.deliver"), () => PB.deliver.open(generation, take)) : null),
    );
  }

  PB.screens.compare = { build, leave: () => transport && transport.pause() };
})((window.PB = window.PB || {}));
