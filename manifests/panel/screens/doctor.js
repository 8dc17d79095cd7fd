/* "Not connected" taken apart: each thing that can be wrong has its own verdict and its own remedy. */
(function (PB) {
  "use strict";

  const { el, fill, button, hint } = PB.dom;
  const t = PB.t;
  const SKEW = 90; // seconds
  let rows = [];
  let list = null;
  let report = null;
  let running = null;

  function build(place) {
    list = el("div.list", { "aria-live": "polite" });
    fill(
      place,
      el("h2", null, t("screen.doctor")),
      el("div.hint.cut", null, PB.config.api || location.origin),
      list,
      el("div.row.wrap", null, button(t("doctor.again"), run, { kind: "primary" }), button(t("doctor.copy"), copy, { kind: "quiet" })),
      (report = el("div.field")),
      hint(t("doctor.panel", { version: PB.config.version, host: PB.hostInfo.label + " " + PB.hostInfo.version })),
    );
    run().catch(PB.notices.problem);
  }

  function say(name, verdict, detail, remedy) {
    rows.push({ name, verdict, detail: detail || "", remedy: remedy || "" });
    fill(list, rows.map((each) => el("div.verdict." + each.verdict, { "data-check": each.name, "data-verdict": each.verdict },
      el("span.mark", { "aria-hidden": "true" }, { ok: "OK", bad: "!", unknown: "?" }[each.verdict]),
      el("div.grow", null,
        el("div.strong", null, t("doctor." + each.name) + ": " + t("doctor.is." + each.verdict)),
        each.detail ? el("div", null, each.detail) : null,
        each.remedy ? hint(each.remedy) : null),
    )));
  }

  /** One look at a time: what it finds goes to the list that is shown. */
  function run() {
    running = running || checks().finally(() => (running = null));
    return running;
  }

  function later(...names) {
    for (const name of names) say(name, "unknown", t("doctor.later"));
  }

  async function checks() {
    rows = [];
    fill(list);
    const url = PB.config.api || location.origin;
    const reached = await network(url);
    const open = reached && (await cors(url));
    if (!reached) later("cors");
    if (!open) return later("auth", "version", "clock", "storage");
    const told = await auth();
    if (!told) return later("version", "clock", "storage");
    version(told);
    clock(told);
    await storage(told);
    const problems = Object.entries(told.problems || {});
    if (problems.length) say("service", "bad", problems.map((pair) => pair.join(": ")).join(" "), t("doctor.service.remedy"));
    if (told.degraded && told.degraded.length) say("service", "unknown", t("doctor.degraded", { what: told.degraded.join(", ") }));
  }

  async function network(url) {
    const host = new URL(url).host;
    if (await answers(url + "/healthz", "no-cors")) {
      say("dns", "ok", host);
      say("tls", "ok", url.startsWith("https:") ? "" : t("doctor.tls.plain"));
      return true;
    }
    if (typeof navigator !== "undefined" && navigator.onLine === false) {
      say("dns", "bad", t("doctor.offline"), t("doctor.offline.remedy"));
      later("tls");
      return false;
    }
    const known = PB.host.diagnose ? await PB.host.diagnose(url).catch(() => null) : null;
    const plain = !known && url.startsWith("https:") && (await answers("http://" + host + "/healthz", "no-cors"));
    if (known) {
      say("dns", known.name === "ok" ? "ok" : "bad", host, known.name === "ok" ? "" : t("doctor.dns.remedy", { host }));
      say("tls", known.name === "ok" ? "bad" : "unknown", known.tls || "", t("doctor.tls.remedy"));
    } else if (plain) {
      say("dns", "ok", host);
      say("tls", "bad", t("doctor.tls.refused"), t("doctor.tls.remedy"));
    } else {
      say("dns", "bad", t("doctor.unreachable", { host }), t("doctor.dns.remedy", { host }));
      say("tls", "unknown", t("doctor.later"), t("doctor.browser", { url: url + "/healthz" }));
    }
    return false;
  }

  async function answers(url, mode) {
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), 8000);
    try {
      await fetch(url, { mode, credentials: "omit", cache: "no-store", signal: stop.signal });
      return true;
    } catch (error) {
      return false;
    } finally {
      clearTimeout(patience);
    }
  }

  async function cors(url) {
    if (await answers(url + "/healthz", "cors")) return say("cors", "ok"), true;
    say("cors", "bad", t("doctor.cors.refused"), t("doctor.cors.remedy", { origin: location.origin || "null" }));
    return false;
  }

  async function auth() {
    if (!PB.session.token()) return say("auth", "bad", t("doctor.auth.none"), t("doctor.auth.remedy")), null;
    try {
      const { data } = await PB.http.get("/v1/doctor", { fresh: true });
      say("auth", data.scopes.includes("generate") ? "ok" : "bad", data.scopes.join(", "), data.scopes.includes("generate") ? "" : t("doctor.auth.scope"));
      return data;
    } catch (error) {
      const { text, step } = PB.explain(error);
      say("auth", "bad", text, step);
      return null;
    }
  }

  function version(told) {
    const old = compared(PB.config.version, told.minimum_panel_version) < 0;
    const detail = t("doctor.versions", { panel: PB.config.version, server: told.server_version });
    say("version", old ? "bad" : "ok", detail, old ? t("doctor.version.remedy", { least: told.minimum_panel_version }) : "");
  }

  function compared(one, other) {
    const parts = (spelt) => String(spelt).split(".").map((each) => parseInt(each, 10) || 0);
    const [a, b] = [parts(one), parts(other)];
    for (let i = 0; i < 3; i += 1) if ((a[i] || 0) !== (b[i] || 0)) return (a[i] || 0) - (b[i] || 0);
    return 0;
  }

  function clock(told) {
    const off = Math.round((Date.now() - new Date(told.now).getTime()) / 1000);
    const bad = Math.abs(off) > SKEW;
    say("clock", bad ? "bad" : "ok", t("doctor.clock.off", { n: off }), bad ? t("doctor.clock.remedy") : "");
  }

  /** Any answer that can be read shows that storage is there and lets this panel in. */
  async function storage(told) {
    if (!told.storage_probe_url) return say("storage", "unknown", t("doctor.storage.none"));
    const host = new URL(told.storage_probe_url, location.href).host;
    if (await answers(told.storage_probe_url, "cors")) return say("storage", "ok", host);
    const there = await answers(told.storage_probe_url, "no-cors");
    return say("storage", "bad", t(there ? "doctor.storage.cors" : "doctor.storage.away", { host }), t("doctor.storage.remedy", { host }));
  }

  /** For support: words in a box that is already selected, which every host lets one copy. */
  function copy() {
    const text = rows.map((each) => [each.name, each.verdict, each.detail].filter(Boolean).join(" · ")).join("\n");
    const box = el("textarea", { rows: "8", value: text, "aria-label": t("doctor.copy") });
    fill(report, box);
    box.focus();
    if (box.select) box.select();
  }

  PB.screens.doctor = { build };
})((window.PB = window.PB || {}));
