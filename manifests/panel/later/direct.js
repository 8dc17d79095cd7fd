/* The editor's word to the director: accept, steer, stop, wherever a directed generation is shown. */
(function (PB) {
  "use strict";

  const { el, fill, button, small, sure, hint } = PB.dom;
  const t = PB.t;

  /** What stands in `place` for a generation; drawn anew only when something about it has changed. */
  function renew(place, generation) {
    const open = PB.watch.isUnfinished(generation) && !generation.cancel_requested;
    const stored = generation.takes.filter((take) => take.state === "stored").length;
    const spelt = JSON.stringify([generation.id, generation.state, open, stored, generation.iterations, PB.text.language()]);
    if (place.spelt === spelt) return;
    place.spelt = spelt;
    if (!open) return void fill(place);
    if (generation.state === "paused") paused(place, generation, stored);
    else fill(place, PB.dom.fold(t("direct.title"), controls(generation, stored)));
  }

  function paused(place, generation, stored) {
    const waits = el("div");
    fill(
      place,
      el("div.card.paused", null,
        el("div.strong", null, t("direct.paused")),
        waits,
        hint(t("direct.answer-by", { at: PB.text.moment(generation.paused.answer_by), what: t(stored ? "direct.else-best" : "direct.else-nothing") })),
        controls(generation, stored),
      ),
    );
    return waiting(waits, generation).catch((error) => fill(waits, el("div.warn", null, PB.explain(error).text)));
  }

  /** What the next try would be and cost, as the director wrote it down. */
  async function waiting(place, generation) {
    const { data } = await PB.http.get("/v1/generations/" + generation.id + "/trace");
    const last = data.items.filter((each) => each.data.next_credits !== undefined).pop();
    if (!last) return;
    const { next_credits, proposal } = last.data;
    const units = Math.round(generation.cost.draft_units / (generation.max_iterations + 1));
    fill(
      place,
      hint(last.summary),
      proposal ? hint(proposal.why) : null,
      hint(t("direct.next", { credits: PB.text.credits(next_credits) }) + (units ? " · " + t("quote.drafts", { n: units }) : "")),
    );
  }

  function controls(generation, stored) {
    const problem = el("div.warn", { role: "alert" });
    const note = el("input", { type: "text", maxlength: "1000", placeholder: t("direct.note.hint"), "aria-label": t("direct.note"), "data-focus": "note-" + generation.id });
    const form = PB.dom.show(el("div", null, el("div.row.steer", null, el("div.grow.column", null, note), small(t("direct.send"), () => steer()))), false);
    const tell = (verb, body) => order(generation.id, verb, body).catch((error) => PB.dom.words(problem, PB.explain(error).text));
    const steer = () => (note.value.trim() ? tell("steer", { note: note.value.trim() }) : note.focus());
    note.addEventListener("keydown", (event) => {
      if (event.key === "Enter") steer();
    });
    const opener = small(t("direct.steer"), () => {
      PB.dom.show(form, form.classList.contains("off"));
      opener.setAttribute("aria-expanded", String(!form.classList.contains("off")));
      if (!form.classList.contains("off")) note.focus();
    }, { "aria-expanded": "false" });
    const accepts = stored || generation.state === "paused";
    return el("div", null,
      el("div.row.wrap", null,
        accepts ? button(t(stored ? "direct.accept" : "direct.accept-plan"), () => tell("accept"), { kind: "small.go" }) : null,
        stored && generation.state === "paused" ? small(t("direct.as-proposed"), () => tell("steer", { as_proposed: true })) : null,
        opener,
        sure(t("direct.stop"), t("direct.stop.sure"), () => tell("stop"), { kind: "small" }),
      ),
      form,
      generation.state === "paused" ? null : hint(t("direct.later")),
      problem,
    );
  }

  async function order(id, verb, body) {
    const { data } = await PB.http.post("/v1/generations/" + id + "/" + verb, { body });
    if (PB.watch.isUnfinished(data) && data.state !== "paused") PB.notices.say(t("direct.told"));
    PB.watch.add(data);
    PB.watch.look();
  }

  PB.direct = { renew, order };
})((window.PB = window.PB || {}));
