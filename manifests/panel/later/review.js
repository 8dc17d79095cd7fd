/* What people say of a take: stars, a rejection, an answer by name, words on its frames. It unfolds below the take. */
(function (PB) {
  "use strict";

  const { el, fill, button, small, field, hint, sure, words } = PB.dom;
  const t = PB.t;
  const STARS = [1, 2, 3, 4, 5];
  const ANSWERS = ["approved", "needs-changes", "rejected"];
  const entries = new Map(); // take id -> what is open, was typed and was loaded
  const people = new Map(); // user id -> e-mail address
  let heard = 0;
  let due = null;

  /** Unfolds below a take, or folds again; what was typed there stays. `seek` shows a moment of the take. */
  function open(place, generation, take, video, seek) {
    const entry = entryOf(take);
    entry.open = !entry.open;
    if (!entry.open) return void fill(place);
    Object.assign(entry, { generation, seek });
    return attach(entry, place, take, video);
  }

  /** The takes were drawn anew: what was open there still is. */
  function kept(place, take, video) {
    const entry = entries.get(spelt(take));
    if (entry && entry.open) attach(entry, place, take, video).catch(PB.notices.problem);
  }

  const spelt = (take) => [take.id, PB.outbox.ownerId(), PB.text.language()].join(" ");

  function entryOf(take) {
    const key = spelt(take);
    if (!entries.has(key)) entries.set(key, { id: take.id, comments: [], earlier: [], unfolded: new Set(), turn: 0 });
    return entries.get(key);
  }

  function attach(entry, place, take, video) {
    Object.assign(entry, { take, video });
    if (!entry.root) build(entry);
    fill(place, entry.root);
    return renew(entry);
  }

  /** The fields stay as long as the panel does; what the service says is drawn into the rest. */
  function build(entry) {
    const parts = (entry.parts = { stars: el("div"), mark: el("div"), standing: el("div"), past: el("div"), count: el("h3"), list: el("div"), resolved: el("div") });
    const writes = mayWrite();
    entry.root = el("div.review", { role: "group", "aria-label": t("review.title", { n: entry.take.number }) },
      parts.stars,
      parts.mark,
      el("h3", null, t("review.approval")),
      parts.standing,
      writes ? answering(entry) : null,
      parts.past,
      parts.count,
      writes ? commenting(entry) : null,
      parts.list,
      parts.resolved,
    );
    fill(parts.list, hint(t("loading")));
  }

  /** A token that may only read is shown everything and given nothing to press. */
  const mayWrite = () => PB.store.get().me.scopes.includes("generate");

  const pathOf = (entry) => "/v1/takes/" + entry.id;

  /** All that stands, as it is now; an older answer never overwrites a newer one. */
  async function renew(entry) {
    const turn = (entry.turn += 1);
    const [review, comments, approvals] = await Promise.all(["/review", "/comments?limit=50", "/approvals?limit=20"].map((each) => PB.http.get(pathOf(entry) + each, { fresh: true })));
    const fresh = comments.data.items;
    const oldest = comments.data.next_cursor ? fresh[fresh.length - 1].id : "";
    const beyond = entry.comments.filter((each) => each.id < oldest);
    const earlier = approvals.data.items.filter((each) => !each.stands);
    await meet([...fresh, ...approvals.data.items].map((each) => each.by));
    if (turn !== entry.turn) return;
    if (!beyond.length) entry.cursor = comments.data.next_cursor;
    Object.assign(entry, { review: review.data, comments: [...fresh, ...beyond], earlier });
    draw(entry);
  }

  /** Who they are, as the workspace lists them; who is not listed any more stays somebody. */
  async function meet(ids) {
    const known = (id) => id === PB.outbox.ownerId() || people.has(id);
    for (let cursor = ""; cursor !== null && !ids.every(known); ) {
      const { data } = await PB.http.get("/v1/workspace/members?limit=100" + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
      for (const each of data.items) people.set(each.id, each.email);
      cursor = data.next_cursor;
      if (cursor === null) for (const id of ids) if (!known(id)) people.set(id, t("review.somebody"));
    }
  }

  const who = (id) => (id === PB.outbox.ownerId() ? t("review.you") : people.get(id) || t("review.somebody"));

  function draw(entry) {
    const { parts, review, comments } = entry;
    const standing = comments.filter((each) => !each.resolved);
    const resolved = comments.filter((each) => each.resolved);
    fill(parts.stars, stars(entry));
    fill(parts.mark, mark(entry));
    fill(parts.standing, approval(entry));
    fill(parts.past, entry.earlier.length ? folded(entry, "past", t("review.past", { n: entry.earlier.length }), entry.earlier.map((each) => hint(answered(each), each.note ? ": " + each.note : ""))) : null);
    words(parts.count, t("review.comments", { n: review.comments.open }));
    fill(parts.list, standing.map((each) => comment(entry, each)), entry.cursor ? small(t("account.more"), () => more(entry)) : null);
    fill(parts.resolved, resolved.length ? folded(entry, "resolved", t("review.resolved", { n: review.comments.resolved }), resolved.map((each) => comment(entry, each))) : null);
  }

  /** Unfolded until it is folded, however often it is drawn anew. */
  function folded(entry, name, label, children) {
    const isOpen = entry.unfolded.has(name);
    const press = () => {
      if (!entry.unfolded.delete(name)) entry.unfolded.add(name);
      draw(entry);
    };
    return el("div", null, button(label, press, { kind: "link", "aria-expanded": String(isOpen), "data-focus": name + entry.id }), isOpen ? el("div.fold", null, children) : null);
  }

  /** Pressed, a star is the rating; pressed again, there is none. On the keyboard arrows move, 1 to 5 rate, 0 takes it back. */
  function stars(entry) {
    const { rating } = entry.review;
    const told = rating === null ? t("review.unrated") : t("review.stars", { n: rating });
    if (!mayWrite()) return hint(t("review.rating") + ": " + told);
    const made = STARS.map((n) => small(String(n), () => change(entry, { rating: n === rating ? null : n }), { kind: n <= rating ? "small.go" : "small", "aria-label": t("review.stars", { n }), "aria-pressed": String(n === rating), "data-focus": "star" + n + entry.id }));
    const group = el("div.row.wrap.stars", { role: "group", "aria-label": t("review.rating") }, made, el("span.hint", null, told));
    group.addEventListener("keydown", (event) => {
      const next = made[made.indexOf(document.activeElement) + ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] || 0)];
      if (/^[0-5]$/.test(event.key)) change(entry, { rating: Number(event.key) || null }).catch(PB.notices.problem);
      else if (next) next.focus();
    });
    return group;
  }

  /** Choosing what is cut is an editor's. */
  function mark(entry) {
    const now = entry.review.mark;
    const rejected = now === "rejected";
    const press = () => change(entry, { mark: rejected ? "none" : "rejected" });
    return el("div.row.wrap", null,
      now === "none" ? null : el("span.strong.told", null, t("review.mark." + now)),
      mayWrite() && PB.account.makes() ? small(t(rejected ? "review.restore" : "review.reject"), press, { "data-focus": "mark" + entry.id }) : null,
    );
  }

  async function change(entry, body) {
    await PB.http.request("PATCH", pathOf(entry) + "/review", { body });
    if (body.mark) await PB.takes.renew(entry.generation.id); // a rejection takes the pick away
    await renew(entry);
  }

  const answered = ({ status, as, by, at: when }) => [t("review.is." + status), as, who(by), PB.text.moment(when)].join(" · ");

  function approval(entry) {
    const given = entry.review.approval;
    if (!given) return hint(t("review.unanswered"));
    const withdraw = async () => {
      await PB.http.request("DELETE", pathOf(entry) + "/approval");
      await renew(entry);
    };
    return el("div.approval", { "data-status": given.status },
      el("div.strong", null, answered(given)),
      given.note ? el("div.prompt", null, given.note) : null,
      mayWrite() ? sure(t("review.withdraw"), t("review.withdraw.sure"), withdraw, { kind: "small", "data-focus": "withdraw" + entry.id }) : null,
    );
  }

  /** Three answers, each given as something: a part in the work, which deliveries tell of. */
  function answering(entry) {
    const usual = t(PB.account.makes() ? "review.as.editor" : "review.as.viewer");
    const as = el("input", { type: "text", maxlength: "60", value: PB.account.setting("review_as", usual), "data-focus": "as" + entry.id });
    const note = el("input", { type: "text", maxlength: "4000", "data-focus": "note" + entry.id });
    const give = async (status) => {
      const body = { status, as: as.value.trim() || usual };
      if (note.value.trim()) body.note = note.value.trim();
      await PB.outbox.send("approval", pathOf(entry) + "/approval", body);
      if (body.as !== PB.account.setting("review_as", usual)) PB.account.keep("review_as", body.as);
      note.value = "";
      await renew(entry);
    };
    return el("div", { role: "group", "aria-label": t("review.answer") },
      el("div.row.wrap", null, field(t("review.as"), as), field(t("review.note"), note)),
      el("div.row.wrap", null, ANSWERS.map((each) => small(t("review.say." + each), () => give(each)))),
    );
  }

  const rateOf = (entry) => PB.takes.rateOf(entry.take);

  /** The middle of a frame: no rounding shows its neighbour. */
  function show(entry, frame) {
    entry.seek((frame + 0.5) / rateOf(entry));
    entry.video.scrollIntoView(false);
  }

  function frameNow(entry) {
    const at = Math.floor((entry.video.currentTime || 0) * rateOf(entry) + 0.01);
    return Math.min(at, Math.max(0, (entry.take.frame_count || 1) - 1));
  }

  function commenting(entry) {
    const said = el("textarea", { rows: "2", maxlength: "4000", "data-focus": "said" + entry.id });
    const frame = el("input.short", { type: "number", min: "0", step: "1", max: String(Math.max(0, (entry.take.frame_count || 1) - 1)), placeholder: t("review.all-frames"), "data-focus": "frame" + entry.id });
    const here = () => {
      const now = frameNow(entry);
      entry.seek((now + 0.5) / rateOf(entry));
      frame.value = String(now);
      said.focus();
    };
    const add = async () => {
      if (!said.value.trim()) return void said.focus();
      const body = { text: said.value.trim() };
      if (frame.value !== "") body.frame = Math.round(Number(frame.value));
      await PB.outbox.send("comment", pathOf(entry) + "/comments", body);
      said.value = frame.value = "";
      await renew(entry);
    };
    return el("div", null,
      field(t("review.comment"), said),
      el("div.row.wrap.low", null, field(t("review.frame"), frame), entry.video ? small(t("review.here"), here) : null, small(t("review.add"), add)),
    );
  }

  /** One comment; its frame is a button to go there. */
  function comment(entry, each) {
    const one = each.frame === null ? t("review.whole") : t("review.at", { n: each.last_frame === each.frame ? each.frame : each.frame + "–" + each.last_frame });
    const point = each.point ? t("review.point", { x: PB.text.percent(each.point[0]), y: PB.text.percent(each.point[1]) }) : "";
    const told = [each.frame !== null && entry.video ? "" : one, point, who(each.by), PB.text.moment(each.created_at)].filter(Boolean).join(" · ");
    const path = "/v1/comments/" + each.id;
    const resolve = () => PB.http.request("PATCH", path, { body: { resolved: !each.resolved } }).then(() => renew(entry));
    const remove = async () => {
      await PB.http.request("DELETE", path);
      entry.comments = entry.comments.filter((other) => other !== each);
      await renew(entry);
    };
    return el("div.entry", { "data-comment": each.id },
      el("div.row.wrap", null, each.frame !== null && entry.video ? small(one, () => show(entry, each.frame), { "aria-label": t("review.go", { n: each.frame }), "data-focus": "go" + each.id }) : null, hint(told)),
      el("div.prompt", null, each.text),
      mayWrite() ? el("div.row.wrap", null, small(t(each.resolved ? "review.reopen" : "review.resolve"), resolve, { "data-focus": "resolve" + each.id }), mayRemove(each) ? sure(t("review.remove"), t("review.remove.sure"), remove, { kind: "small", "data-focus": "remove" + each.id }) : null) : null,
    );
  }

  function mayRemove(each) {
    const { me } = PB.store.get();
    return each.by === me.id || me.role === "owner" || me.role === "admin";
  }

  async function more(entry) {
    const { data } = await PB.http.get(pathOf(entry) + "/comments?limit=50&cursor=" + encodeURIComponent(entry.cursor), { fresh: true });
    await meet(data.items.map((each) => each.by));
    Object.assign(entry, { comments: [...entry.comments, ...data.items], cursor: data.next_cursor });
    draw(entry);
  }

  /** Something happened in the workspace: what is open here may say something new. */
  PB.store.on((state) => {
    if (state.heard === heard) return;
    heard = state.heard;
    clearTimeout(due);
    due = setTimeout(() => {
      for (const entry of entries.values()) if (entry.open && entry.root.isConnected) renew(entry).catch(() => undefined); // the next event looks again
    }, 500);
  });

  PB.review = { open, kept };
})((window.PB = window.PB || {}));
