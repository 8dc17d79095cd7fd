/* The panel itself: where it runs, which screen is shown, and what stands above every screen. */
(function (PB) {
  "use strict";

  const { el, fill, show, words, button } = PB.dom;
  const t = PB.t;
  const TABS = ["generate", "queue", "takes", "board", "history", "deliver", "account", "doctor"];
  const MAKING = new Set(["generate", "queue", "board", "deliver"]); // not for those who look and review
  const OPEN = new Set(["sign-in", "doctor"]); // what can be seen without signing in
  let parts = null;
  let coming = null;
  let current = null;
  let before = PB.store.get();

  async function start() {
    PB.host = PB.detect();
    await PB.text.useLanguage(PB.local.read("language", null) || navigator.language);
    [PB.hostInfo, PB.capabilities] = await Promise.all([PB.host.info(), PB.host.capabilities()]);
    dress();
    PB.host.onTheme(dress);
    frame();
    PB.store.on(changed);
    PB.host.onContext(context);
    context();
    if (await PB.session.restore()) await enter();
    else go("sign-in");
  }

  /** Signed in: everything that is on the server comes, and what was not answered goes out again. */
  async function enter() {
    top(PB.store.get());
    fill(parts.screen, el("p.hint", null, t("loading")));
    for (;;) {
      try {
        await PB.account.load();
        break;
      } catch (error) {
        if (error.status === 401) return;
        PB.store.set({ line: error.status ? "busy" : "offline" });
        await PB.pause(1000 * Math.max(3, error.retry_after || 0));
      }
    }
    const language = PB.account.setting("language", null);
    if (language && language !== PB.text.language()) await speak(language);
    PB.request.restore();
    PB.deliveries.restore();
    PB.store.set({ line: "ok" });
    go(PB.local.read("screen", "generate"));
    PB.outbox.resume();
    await PB.watch.lately().catch(() => undefined);
    PB.watch.start();
  }

  function context() {
    return PB.host.context().then(
      (found) => {
        if (JSON.stringify(found) !== JSON.stringify(PB.store.get().context)) PB.store.set({ context: found });
      },
      () => undefined, // no project open: the panel works without
    );
  }

  function dress() {
    document.body.className = PB.host.theme();
  }

  async function speak(language) {
    await PB.text.useLanguage(language);
    PB.local.write("language", PB.text.language());
    if (PB.store.get().signedIn) PB.account.keep("language", PB.text.language());
    frame();
    rebuild();
  }

  function frame() {
    const root = document.getElementById("app");
    parts = { line: el("div.line", { role: "status" }), standing: el("div.standing"), tabs: el("div.tabs", { role: "tablist" }), screen: el("div.screen", { id: "screen", role: "tabpanel", tabindex: "-1" }), foot: el("div.foot"), notices: el("div.notices", { role: "status", "aria-live": "polite" }) };
    parts.tabs.addEventListener("keydown", arrows);
    fill(root, el("div.top", null, el("h1.unseen", null, "plugin-backend"), parts.standing, parts.line, parts.tabs), parts.screen, parts.foot, parts.notices);
    PB.notices.attach(parts.notices);
    top(PB.store.get());
  }

  function arrows(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const shown = [...parts.tabs.children];
    const at = shown.indexOf(document.activeElement);
    const next = shown[(at + step + shown.length) % shown.length];
    if (next) next.focus();
  }

  function top(state) {
    const me = state.me;
    words(parts.standing, me ? t("standing", { credits: PB.text.whole(me.credits.available), drafts: me.draft_quota.remaining }) : "plugin-backend");
    words(parts.line, state.line === "ok" ? "" : t("line." + state.line));
    show(parts.line, state.line !== "ok");
    const open = state.work.filter(PB.watch.isUnfinished).length + state.waiting.length;
    const spelt = JSON.stringify([state.signedIn, state.screen, open, PB.text.language()]);
    if (parts.tabs.spelt === spelt) return;
    parts.tabs.spelt = spelt;
    const tabs = state.signedIn ? TABS.filter((each) => !MAKING.has(each) || PB.account.makes()) : ["sign-in", "doctor"];
    fill(parts.tabs, tabs.map((name) => tab(name, state.screen, open)));
  }

  function tab(name, shown, open) {
    const label = t("screen." + name) + (name === "queue" && open ? " " + open : "");
    const selected = name === shown || (name === "takes" && shown === "compare");
    return button(label, () => go(name), { kind: "tab" + (selected ? ".on" : ""), role: "tab", "aria-selected": String(selected), "aria-controls": "screen", tabindex: selected ? "0" : "-1", "data-focus": "tab-" + name });
  }

  function go(name) {
    const state = PB.store.get();
    const held = [parts.screen, parts.foot].some((each) => each.contains(document.activeElement));
    const allowed = MAKING.has(name) && !PB.account.makes() ? "takes" : name;
    const wanted = state.signedIn || OPEN.has(name) ? allowed : "sign-in";
    if (state.signedIn && wanted !== "compare") PB.local.write("screen", wanted === "sign-in" ? "generate" : wanted);
    PB.store.set({ screen: state.signedIn && wanted === "sign-in" ? "generate" : wanted });
    rebuild();
    if (held) parts.screen.focus(); // the button that led here is gone
  }

  function rebuild() {
    const name = PB.store.get().screen;
    if (PB.screens[current] && PB.screens[current].leave) PB.screens[current].leave();
    current = name;
    fill(parts.screen);
    foot();
    parts.screen.setAttribute("data-screen", name);
    parts.screen.scrollTop = 0;
    built(name).catch(PB.notices.problem);
    top(PB.store.get());
  }

  async function built(name) {
    if (!PB.screens[name]) await later();
    if (current === name) await PB.screens[name].build(parts.screen);
  }

  /** What is not needed to begin with: the director's pages. Asked for again where it did not come. */
  function later() {
    if (PB.direct) return Promise.resolve();
    coming = coming || PB.text.load("later.js").then(() => {
      coming = null;
      if (!PB.direct) throw new PB.Problem("offline");
    });
    return coming;
  }

  /** What stays in sight under a screen that scrolls. */
  function foot(...children) {
    show(fill(parts.foot, children), children.length > 0);
  }

  function changed(state) {
    const was = before;
    before = state;
    if (was.signedIn && !state.signedIn && state.sessionEnded) {
      PB.watch.stop();
      return go("sign-in");
    }
    top(state);
    if (current === state.screen && PB.screens[current] && PB.screens[current].update) PB.screens[current].update(state, was);
  }

  PB.go = go;
  PB.app = { start, enter, speak, foot, later };
})((window.PB = window.PB || {}));
