/* Signing in: a code to compare, the page in the system browser, and a wait that can be given up. */
(function (PB) {
  "use strict";

  const { el, fill, button } = PB.dom;
  const t = PB.t;
  let going = null;

  function build(place) {
    const ended = PB.store.get().sessionEnded;
    fill(
      place,
      el("h2", null, t("sign-in.title")),
      el("p", null, t(ended ? "sign-in.ended" : "sign-in.words")),
      button(t("sign-in.start"), () => begin(place), { kind: "primary", "data-focus": "start" }),
      button(t("sign-in.doctor"), () => PB.go("doctor"), { kind: "quiet" }),
    );
  }

  async function begin(place) {
    if (going) going.abort();
    const mine = (going = new AbortController());
    const started = await PB.session.begin();
    const open = () => PB.host.openExternal(started.verification_uri_complete);
    fill(
      place,
      el("h2", null, t("sign-in.compare")),
      el("div.code", { "aria-live": "polite" }, started.user_code),
      el("p", null, t("sign-in.browser", { address: started.verification_uri })),
      button(t("sign-in.open"), open, { kind: "primary" }),
      button(t("cancel"), () => (mine.abort(), build(place)), { kind: "quiet" }),
      el("p.hint", { "aria-live": "polite" }, t("sign-in.waiting")),
    );
    await open().catch(PB.notices.problem);
    wait(place, started, mine);
  }

  async function wait(place, started, mine) {
    try {
      const how = await PB.session.finish(started, mine.signal);
      if (how === "signed-in") return void PB.app.enter();
      build(place);
      PB.notices.say(t("sign-in." + how), { kind: "bad" });
    } catch (error) {
      if (mine.signal.aborted) return;
      build(place);
      PB.notices.problem(error);
    }
  }

  PB.screens["sign-in"] = { build, leave: () => going && going.abort() };
})((window.PB = window.PB || {}));
