/* What is left and where it went: quota window, balance, receipts, and the way out. */
(function (PB) {
  "use strict";

  const { el, fill, sure, select, small, hint } = PB.dom;
  const t = PB.t;
  let parts = null;
  let cursor = "";

  function build(place) {
    parts = { standing: el("div"), ledger: el("div.list"), receipt: el("div") };
    parts.more = small(t("account.more"), page);
    fill(
      place,
      el("h2", null, t("screen.account")),
      parts.standing,
      el("h3", null, t("account.ledger")),
      parts.ledger,
      parts.more,
      parts.receipt,
      el("div.row.wrap", null,
        select(PB.text.languages, PB.text.language(), (language) => PB.app.speak(language), { "aria-label": t("account.language") }),
        PB.capabilities.import ? small(t("account.folder"), chooseFolder) : null,
        sure(t("account.leave"), t("account.leave.sure"), leave, { kind: "quiet" }),
      ),
    );
    cursor = "";
    standing(PB.store.get().me);
    PB.account.refresh();
    page().catch(PB.notices.problem);
  }

  function standing(me) {
    if (!me) return;
    const { draft_quota: quota, credits, concurrency } = me;
    const used = quota.limit ? quota.used / quota.limit : 0;
    fill(
      parts.standing,
      el("div.card", null,
        el("div.strong.cut", null, me.email),
        el("div.hint.cut", null, me.workspace.name + " · " + me.plan.label),
        el("div", null, t("account.drafts", { used: quota.used, limit: quota.limit })),
        el("progress", { max: "1", value: String(Math.min(1, used)), "aria-label": t("account.quota") }),
        hint(t("account.resets", { at: PB.text.moment(quota.resets_at) })),
        el("div.price", null, PB.text.credits(credits.available)),
        hint(t("account.held", { n: PB.text.whole(credits.held) })),
        hint(t("account.running", { used: concurrency.used, limit: concurrency.limit })),
      ),
    );
  }

  async function page() {
    const path = "/v1/me/ledger?limit=20" + (cursor ? "&cursor=" + encodeURIComponent(cursor) : "");
    const mine = parts;
    const { data } = await PB.http.get(path, { fresh: true });
    if (mine !== parts) return; // the screen was opened anew meanwhile
    PB.dom.add(parts.ledger, data.items.map(entry));
    cursor = data.next_cursor;
    PB.dom.show(parts.more, cursor !== null);
    if (!parts.ledger.firstChild) fill(parts.ledger, el("p.hint", null, t("account.no-entries")));
  }

  function entry(each) {
    const { at: since } = each;
    const sign = each.available_delta > 0 ? "+" : "";
    const told = t("ledger." + each.kind) + (each.reason ? ": " + each.reason : "");
    return el("div.row.entry", null,
      el("div.grow", null, el("div.cut", null, told), hint(PB.text.moment(since))),
      el("div", null, sign + PB.text.whole(each.available_delta)),
      each.generation_id ? small(t("account.receipt"), () => receipt(each.generation_id)) : null,
    );
  }

  async function receipt(id) {
    const { data } = await PB.http.get("/v1/generations/" + id + "/receipt");
    const line = (name, value) => (value === null || value === undefined ? null : el("div.row", null, el("span.grow", null, t("receipt." + name)), el("span", null, PB.text.credits(value))));
    fill(
      parts.receipt,
      el("div.card", { tabindex: "-1" },
        el("div.row", null, el("div.strong.grow", null, t("account.receipt")), small("×", () => fill(parts.receipt), { "aria-label": t("close") })),
        ["quoted", "held", "settled", "returned"].map((name) => line(name, data.credits[name])),
        hint(data.why),
        data.takes.map((take) => hint(t("takes.number", { n: take.number }) + " · " + (take.model || "") + " · " + PB.text.credits(take.credits))),
      ),
    );
    parts.receipt.firstChild.focus();
  }

  async function chooseFolder() {
    const chosen = await PB.host.folder(true);
    PB.notices.say(t("account.folder.now", { path: chosen.label }));
  }

  async function leave() {
    PB.watch.stop();
    await PB.session.leave();
    PB.go("sign-in");
  }

  PB.screens.account = { build, update: (state, before) => parts && state.me !== before.me && standing(state.me) };
})((window.PB = window.PB || {}));
