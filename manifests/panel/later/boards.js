/* Storyboards: shots in order, drafted together, picked, and assembled into one cut. */
(function (PB) {
  "use strict";

  const { el, fill, button, small, field, hint, select, sure } = PB.dom;
  const t = PB.t;
  const MOVING = new Set(["waiting", "drafting"]);
  let place = null;
  let board = null; // the one that is open, as the service last answered
  let looking = null;
  let timer = null;
  let mode = null; // what becomes of a cut
  let cuts = null; // where it says how far they have come

  async function build(element) {
    place = element;
    fill(place, hint(t("loading")));
    if (board) await look(board.id);
    else await list();
  }

  async function list() {
    board = null;
    const { data } = await PB.http.get("/v1/storyboards?limit=50", { fresh: true });
    if (!isShown()) return;
    fill(
      place,
      el("h2", null, t("screen.board")),
      data.items.length ? null : hint(t("board.none")),
      data.items.map((each) => button(each.title + " · " + t("board.count", { n: each.shot_count }), () => look(each.id), { kind: "wide" })),
      PB.dom.fold(t("board.new"), form()),
    );
  }

  const isShown = () => PB.store.get().screen === "board" && place.isConnected;

  /** A script becomes shots; what they have in common is what the Generate screen says. */
  function form() {
    const title = el("input", { type: "text", maxlength: "200" });
    const script = el("textarea", { rows: "6", placeholder: t("board.script.hint") });
    const problem = el("div.warn", { role: "alert" });
    const make = async () => {
      const asked = PB.request.body();
      const { prompt, seed, keyframes, annotations, ...brief } = asked.brief;
      const body = { title: title.value.trim() || script.value.trim().slice(0, 60), script: script.value, brief };
      if (asked.sequence) body.sequence = asked.sequence;
      try {
        board = await PB.outbox.send("board", "/v1/storyboards", body);
        draw();
      } catch (error) {
        const { text, step } = PB.explain(error);
        fill(problem, [text, step].filter(Boolean).join(" "));
      }
    };
    return [field(t("board.title"), title), field(t("board.script"), script), problem, button(t("board.make"), make, { kind: "primary" })];
  }

  async function look(id) {
    const { data } = await PB.http.get("/v1/storyboards/" + id, { fresh: true });
    if (!isShown()) return;
    board = data;
    draw();
  }

  function draw() {
    if (!isShown()) return;
    const picked = board.shots.filter((shot) => shot.take_id).length;
    const moving = board.shots.some((shot) => MOVING.has(shot.state));
    const empty = board.shots.filter((shot) => !shot.takes.length && !MOVING.has(shot.state)).length;
    fill(
      place,
      el("div.row", null, el("h2.grow.cut", null, board.title), small(t("board.all"), list, { "data-focus": "all" })),
      board.notes.map((note) => hint(note.text)),
      board.shots.map(card),
      picked ? placing() : null,
      el("div.row.wrap", null,
        empty ? sure(t("board.draft", { n: empty }), t("board.draft.sure"), () => draft()) : null,
        picked && !board.deliveries.some(isComing) ? button(t("board.assemble", { n: picked }), assemble, { kind: "go", "data-focus": "assemble" }) : null,
        sure(t("board.close"), t("board.close.sure"), remove, { kind: "small" }),
      ),
      picked && picked < board.shots.length ? hint(t("board.unpicked", { n: board.shots.length - picked })) : null,
      (cuts = el("div", null, board.deliveries.map(cut))),
    );
    again(moving || board.deliveries.some(PB.watch.isMoving));
  }

  const isComing = (delivery) => PB.watch.isMoving(delivery) || PB.deliveries.isBusy(delivery.id);

  /** How the cut is placed, where the host can do that. */
  function placing() {
    const modes = PB.capabilities.cut ? [...PB.capabilities.place, "save"] : ["save"];
    if (!modes.includes(mode)) mode = modes[0];
    if (modes.length < 2) return null;
    return field(t("deliver.mode"), select(modes.map((each) => [each, t("mode." + each)]), mode, (chosen) => (mode = chosen), { "data-focus": "mode" }));
  }

  /** How far a cut has come; what it needs of the editor is asked on the Deliver screen. */
  function cut(delivery) {
    const landing = PB.deliveries.landing(delivery.id) || {};
    const told = [t("delivery." + delivery.state), delivery.state === "conforming" ? PB.text.percent(delivery.progress) : "", landing.stage ? t("landing." + landing.stage) : ""];
    return el("div", { "data-delivery": delivery.id },
      hint(t("board.cut") + ": " + told.filter(Boolean).join(" · ")),
      landing.problem ? el("div.warn", { role: "alert" }, landing.problem) : null,
      landing.problem ? small(t("screen.deliver"), () => PB.go("deliver")) : null,
    );
  }

  /** While something of it is being made. */
  function again(wanted) {
    clearTimeout(timer);
    if (wanted) timer = setTimeout(renew, 3000);
  }

  function renew() {
    if (!board || !isShown() || looking) return;
    looking = look(board.id).catch(() => again(true)).then(() => (looking = null));
  }

  function card(shot, i) {
    const taken = shot.takes.find((take) => take.id === shot.take_id) || shot.takes[0];
    const failure = shot.problem || (shot.state === "failed" && shot.generation && shot.generation.failure);
    return el("div.card.shot", { "data-shot": shot.id, "data-state": shot.state },
      el("div.row", null,
        taken && taken.poster ? el("img.thumb", { src: taken.poster.url, width: 96, height: 54, alt: t("takes.number", { n: taken.number }) }) : el("div.thumb"),
        el("div.grow", null, el("div.strong.cut", null, shot.label), el("div.hint", null, t("shot." + shot.state) + (shot.continue ? " · " + t("board.continues") : "")), el("div.hint.cut", null, shot.brief.prompt || "")),
      ),
      failure ? el("div.warn", null, PB.said.failure(failure)) : null,
      el("div.row.wrap", null,
        shot.takes.length ? picker(shot) : null,
        shot.generation && shot.takes.length ? small(t("queue.takes"), () => PB.takes.open(shot.generation.id)) : null,
        i ? small(t("board.earlier"), () => move(i, i - 1), { "aria-label": t("board.earlier") + " " + shot.label, "data-focus": "up-" + shot.id }) : null,
        i < board.shots.length - 1 ? small(t("board.later"), () => move(i, i + 1), { "aria-label": t("board.later") + " " + shot.label, "data-focus": "down-" + shot.id }) : null,
      ),
    );
  }

  function picker(shot) {
    const named = shot.takes.map((take, i) => [take.id, t("takes.number", { n: i + 1 }) + (take.score === null ? "" : " · " + PB.text.percent(take.score))]);
    const pick = (id) => change({ shots: [{ id: shot.id, take_id: id || null }] }).catch(PB.notices.problem);
    return select([["", t("board.no-take")], ...named], shot.take_id || "", pick, { "aria-label": t("board.pick", { label: shot.label }), "data-focus": "pick-" + shot.id });
  }

  async function change(body) {
    board = (await PB.http.request("PATCH", "/v1/storyboards/" + board.id, { body })).data;
    draw();
  }

  function move(from, to) {
    const order = board.shots.map((shot) => shot.id);
    order.splice(to, 0, ...order.splice(from, 1));
    return change({ order });
  }

  async function draft() {
    const { direct } = PB.request.body();
    const path = "/v1/storyboards/" + board.id + "/generate";
    board = await PB.outbox.send("board", path, direct ? { takes: 1, direct } : { takes: 1 });
    draw();
    PB.watch.look();
    PB.account.refresh();
  }

  /** One delivery of what is picked, for this host: placed at the playhead where it can be, else saved with its timeline. */
  async function assemble() {
    const body = { host: PB.hostInfo.host, skip_unpicked: true };
    if (body.host === "download") body.timeline = ["otio", "fcp7xml", "fcpxml"]; // for whichever program it is
    const sequence = PB.request.sequenceOf(PB.store.get().context.sequence);
    if (sequence) body.sequence = sequence;
    if (PB.capabilities.save && PB.capabilities.import) await PB.host.folder(false);
    const open = PB.store.get().context.sequence;
    const wish = { mode, sequence_id: open ? open.id : "", at_frame: open ? open.playhead_frame : null };
    await PB.outbox.send("deliver", "/v1/storyboards/" + board.id + "/assemble", body, wish);
    PB.notices.say(t("deliver.started"));
    PB.watch.look();
    await look(board.id);
  }

  async function remove() {
    await PB.http.request("DELETE", "/v1/storyboards/" + board.id);
    await list();
  }

  /** Something that is under way has moved: perhaps a shot of this board. */
  function update(state, before) {
    if (state.work !== before.work || state.deliveriesChanged !== before.deliveriesChanged) again(Boolean(board));
    if (board && cuts && state.landings !== before.landings) fill(cuts, board.deliveries.map(cut));
  }

  PB.screens.board = { build, update, leave: () => clearTimeout(timer) };
})((window.PB = window.PB || {}));
