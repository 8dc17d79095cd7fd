/* Everything ever asked for: searched on the server, loaded a page at a time, only what is seen is drawn. */
(function (PB) {
  "use strict";

  const { el, fill, select, keyed, words, small } = PB.dom;
  const t = PB.t;
  const ROW = 76; // pixels, fixed so that the place of every row is known
  const PAGE = 50;
  const SPARE = 4;
  let parts = null;
  let query = { q: "", project_id: "", model: "", state: "", kind: "", mark: "" };
  let found = [];
  let cursor = "";
  let loading = null;
  let turn = 0;

  async function build(place) {
    const projects = PB.http.get("/v1/projects?limit=100").then((answer) => answer.data.items, () => []);
    const search = el("input", { type: "text", value: query.q, placeholder: t("history.search"), "aria-label": t("history.search"), "data-focus": "search" });
    let typing = null;
    search.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => narrow({ q: search.value.trim() }), 300);
    });
    const any = (key) => [["", t(key)]];
    const models = PB.store.get().models.map((each) => [each.id, each.label]);
    const states = ["unfinished", "ready", "failed", "cancelled"].map((each) => [each, t("state." + each)]);
    const project = select(any("history.project"), query.project_id, (project_id) => narrow({ project_id }), { "aria-label": t("history.project") });
    parts = { list: el("div.window", { tabindex: "0", "aria-label": t("screen.history") }), space: el("div.space"), count: el("div.hint", { "aria-live": "polite" }) };
    parts.list.appendChild(parts.space);
    parts.list.addEventListener("scroll", drawn);
    fill(
      place,
      el("h2", null, t("screen.history")),
      el("div.search", null, search),
      el("div.row.wrap.filters", null,
        project,
        select([...any("history.model"), ...models], query.model, (model) => narrow({ model }), { "aria-label": t("history.model") }),
        select([...any("history.state"), ...states], query.state, (state) => narrow({ state }), { "aria-label": t("history.state") }),
        select([...any("history.mark"), ["applied", t("history.applied")], ["picked", t("history.picked")], ["approval=approved", t("review.is.approved")], ["approval=needs-changes", t("review.is.needs-changes")]], query.mark, (mark) => narrow({ mark }), { "aria-label": t("history.mark") }),
      ),
      parts.count,
      parts.list,
    );
    narrow({});
    const all = await projects;
    PB.dom.choices(project, [...any("history.project"), ...all.map((each) => [each.id, each.name])], query.project_id);
  }

  function narrow(patch) {
    query = { ...query, ...patch };
    found = [];
    cursor = "";
    turn += 1;
    loading = null;
    parts.list.scrollTop = 0;
    more().catch(PB.notices.problem);
  }

  /** The next page, one at a time; a page of an older search is dropped. */
  function more() {
    if (loading || cursor === null) return loading || Promise.resolve();
    const mine = turn;
    loading = PB.http.get(pathOf(), { fresh: true }).then(
      ({ data }) => {
        if (mine !== turn) return;
        found.push(...data.items);
        cursor = data.next_cursor;
        loading = null;
        drawn();
      },
      (error) => {
        if (mine !== turn) return;
        loading = null;
        throw error;
      },
    );
    return loading;
  }

  function pathOf() {
    const { mark, ...asked } = query;
    const pairs = Object.entries({ ...asked, cursor }).filter(([, value]) => value);
    if (mark) pairs.push([...mark.split("="), "true"].slice(0, 2));
    return "/v1/generations?limit=" + PAGE + pairs.map(([name, value]) => "&" + name + "=" + encodeURIComponent(value)).join("");
  }

  function drawn() {
    const height = parts.list.clientHeight || 400;
    const top = parts.list.scrollTop;
    const from = Math.max(0, Math.floor(top / ROW) - SPARE);
    const to = Math.min(found.length, Math.ceil((top + height) / ROW) + SPARE);
    parts.space.style.height = found.length * ROW + "px";
    const seen = found.slice(from, to).map((each, i) => ({ each, at: from + i }));
    keyed(parts.space, seen, ({ each }) => each.id, ({ each }) => row(each), (element, { at }) => (element.style.top = at * ROW + "px"));
    words(parts.count, t(cursor === null ? "history.all" : "history.some", { n: found.length }));
    if (cursor !== null && top + height * 2 > found.length * ROW) more().catch(PB.notices.problem);
  }

  function row(generation) {
    const poster = generation.takes.map((take) => take.poster).find(Boolean);
    const favourite = generation.deliveries.some((each) => each.applied_at);
    const marks = (favourite ? "★ " : "") + (generation.takes.some((take) => take.picked) ? "✓ " : "");
    const reuse = () => {
      PB.request.reuse(generation);
      PB.go("generate");
    };
    return el("div.history", { "data-id": generation.id },
      poster ? el("img.thumb", { src: poster.url, width: 96, height: 54, alt: "", loading: "lazy" }) : el("div.thumb"),
      el("div.grow", null,
        el("div.cut.strong", null, marks + (generation.label ? generation.label + " · " : "") + generation.brief.prompt),
        el("div.hint.cut", null, [t("kind." + generation.kind), generation.model, t("state." + generation.state), PB.text.moment(generation.created_at)].join(" · ")),
        el("div.row", null,
          generation.takes.some((take) => take.state === "stored") ? small(t("queue.takes"), () => PB.takes.open(generation.id)) : null,
          PB.account.makes() ? small(t("history.reuse"), reuse) : null,
        ),
      ),
    );
  }

  PB.screens.history = { build };
})((window.PB = window.PB || {}));
