/* What is under way: state, place, progress, and the button that stops it where it is. */
(function (PB) {
  "use strict";

  const { el, fill, keyed, words, show, sure, small } = PB.dom;
  const t = PB.t;
  let parts = null;

  function build(place) {
    parts = { waiting: el("div"), list: el("div.list"), empty: el("p.hint", null, t("queue.empty")) };
    parts.all = sure(t("queue.cancel-all"), t("queue.cancel-all.sure"), cancelAll, { kind: "quiet" });
    fill(place, el("div.row", null, el("h2.grow", null, t("screen.queue")), parts.all), parts.waiting, parts.list, parts.empty);
    update(PB.store.get());
  }

  function update(state) {
    keyed(parts.waiting, state.waiting, (each) => each.key, waitingRow);
    keyed(parts.list, state.work, (each) => each.id, row, renew);
    show(parts.empty, !state.work.length && !state.waiting.length);
    show(parts.all, state.work.some(PB.watch.isUnfinished));
  }

  function waitingRow(entry) {
    const what = entry.body && entry.body.brief ? entry.body.brief.prompt : t("waiting." + entry.what);
    const drop = small(t("waiting.drop"), () => PB.outbox.discard(entry.key));
    return el("div.card", null, el("div.cut", null, what), el("div.row", null, el("span.hint.grow", null, t("waiting.words")), drop));
  }

  function row(generation) {
    const id = generation.id;
    const r = {
      poster: el("img.thumb", { width: 96, height: 54, alt: "" }),
      title: el("div.cut.strong"),
      state: el("div.hint"),
      why: el("div.hint.warn"),
      bar: el("progress", { max: "1", value: "0", "aria-label": t("queue.progress") }),
      direct: el("div"),
      cancel: small(t("queue.cancel"), () => cancel(id)),
      open: small(t("queue.takes"), () => PB.takes.open(id)),
      retry: small(t("queue.retry"), () => retry(id)),
    };
    const card = el("div.card", { "data-id": id }, el("div.row", null, r.poster, el("div.grow", null, r.title, r.state, r.why)), r.bar, r.direct, el("div.row.wrap.end", null, r.cancel, r.open, r.retry));
    card.parts = r;
    return card;
  }

  function renew(card, each) {
    const r = card.parts;
    const open = PB.watch.isUnfinished(each);
    words(r.title, (each.label ? each.label + " · " : "") + each.brief.prompt);
    words(r.state, stateWords(each));
    words(r.why, whyWords(each));
    const poster = each.takes.map((take) => take.poster).find(Boolean);
    if (poster && r.poster.getAttribute("src") !== poster.url) r.poster.setAttribute("src", poster.url);
    show(r.poster, Boolean(poster));
    directed(r.direct, each);
    show(r.bar, open);
    if (open) PB.dom.filled(r.bar, each.progress);
    show(r.cancel, open && !each.cancel_requested);
    show(r.open, each.takes.some((take) => take.state === "stored"));
    show(r.retry, each.state === "failed");
  }

  /** Where the director works on it: what it waits for, and the editor's word to it. */
  function directed(place, each) {
    const asks = each.state === "paused" || (each.max_iterations > 0 && PB.watch.isUnfinished(each) && !each.cancel_requested);
    if ((!asks && !place.firstChild) || !PB.account.makes()) return;
    PB.app.later().then(() => PB.direct.renew(place, each), PB.notices.problem);
  }

  function stateWords(each) {
    const told = [t("kind." + each.kind), each.model, t("state." + (each.cancel_requested && PB.watch.isUnfinished(each) ? "cancelling" : each.state))];
    if (each.max_iterations) told.push(t("queue.try", { n: each.iterations + 1, most: each.max_iterations + 1 }));
    if (each.state === "queued" && each.queue_position) told.push(t("queue.position", { n: each.queue_position }));
    if (PB.watch.isUnfinished(each)) {
      if (each.progress) told.push(PB.text.percent(each.progress));
      if (each.expected_at) told.push(t("queue.expected", { time: PB.text.clock(each.expected_at) }));
    }
    return told.join(" · ");
  }

  function whyWords(each) {
    if (each.failure) return PB.said.failure(each.failure) + " " + t(each.cost.credits_settled ? "queue.charged" : "queue.not-charged");
    if (each.cancellation && each.state === "cancelled") return PB.said.cancellation(each.cancellation);
    return each.late ? PB.said.late(each.late) : "";
  }

  async function cancel(id) {
    const { data } = await PB.http.post("/v1/generations/" + id + "/cancel");
    PB.watch.add(data);
    PB.watch.look();
  }

  async function cancelAll() {
    const ids = PB.store.get().work.filter(PB.watch.isUnfinished).map((each) => each.id);
    let refused = 0;
    for (let i = 0; i < ids.length; i += 100) {
      const { data } = await PB.http.post("/v1/generations/cancel", { body: { ids: ids.slice(i, i + 100) } });
      refused += data.items.filter((each) => each.status !== 200).length;
    }
    PB.notices.say(t(refused ? "queue.cancelled-some" : "queue.cancelled", { n: ids.length - refused, refused }));
    PB.watch.look();
  }

  async function retry(id) {
    PB.watch.add(await PB.outbox.send("retry", "/v1/generations/" + id + "/retry"));
    PB.watch.look();
  }

  PB.screens.queue = { build, update, directed, stateWords, whyWords };
})((window.PB = window.PB || {}));
