/* Where the workspace asks for it: the editor says that they hold the rights to the files they use. */
(function (PB) {
  "use strict";

  const { el, fill, small, hint } = PB.dom;
  const t = PB.t;
  let said = ""; // who said it to which words: for as long as the panel is open, and to no other words
  let held = []; // chosen, and waiting for it: { owner, role, picture }
  let place = null;
  let send = null;

  /** `sender(role, picture, attested)` puts a picture into the brief. */
  function draw(element, sender) {
    send = sender;
    const { refused = [], attestation_text } = PB.store.get().policy;
    const spelt = JSON.stringify([statement(), given(), refused, mine().length, PB.text.language()]);
    if (place === element && place.spelt === spelt) return;
    place = element;
    place.spelt = spelt;
    const box = PB.dom.check(t("rights.say"), given() && !refused.length, say);
    box.firstChild.setAttribute("data-focus", "rights");
    fill(
      place,
      el("div.card.rights", { role: "group", "aria-label": t("rights.title") },
        el("div.strong", null, t("rights.title")),
        el("div.prompt", null, attestation_text || t("rights.text")),
        box,
        el("div", { role: "status" },
          refused.length ? el("div.warn", null, t("rights.refused", { names: refused.map(nameOf).join(", ") })) : null,
          mine().length ? el("div.warn", null, t("rights.wait")) : null,
        ),
        mine().map((each) => el("div.row", null, el("span.grow.cut", null, t("frames." + each.role) + " · " + each.picture.filename), small("×", () => drop(each), { "aria-label": t("frames.remove") }))),
      ),
      given() && !refused.length ? hint(t("rights.until")) : null,
    );
    if (refused.length || mine().length) place.scrollIntoView(false);
  }

  const again = () => draw(place, send);

  function statement() {
    return JSON.stringify([PB.outbox.ownerId(), PB.store.get().policy.attestation_text]);
  }

  /** Whether it was said, by this person and to these words, since the panel was opened. */
  function given() {
    return said === statement();
  }

  const mine = () => held.filter((each) => each.owner === PB.outbox.ownerId());

  function nameOf(asset_id) {
    const frame = PB.request.get().frames.find((each) => each.asset_id === asset_id);
    return frame ? frame.name : asset_id;
  }

  /** A file that was chosen stays chosen until the box is ticked. */
  function hold(role, picture) {
    held = [...held.filter((each) => each.role !== role || role === "key"), { owner: PB.outbox.ownerId(), role, picture }];
    again();
  }

  function drop(entry) {
    held = held.filter((each) => each !== entry);
    again();
  }

  async function say(on) {
    said = on ? statement() : "";
    try {
      if (on) await kept();
    } catch (error) {
      said = "";
      PB.notices.problem(error);
    }
    again();
  }

  /** What was refused is attested by its name, and what waited is sent; what is no picture waits no longer. */
  async function kept() {
    const { policy } = PB.store.get();
    for (const id of policy.refused || []) await PB.http.post("/v1/assets/" + id + "/attest");
    PB.store.set({ policy: { ...policy, refused: [] } });
    for (const each of mine()) {
      await send(each.role, each.picture, true).catch((error) => {
        if (error.unanswered) throw error;
        PB.notices.problem(error);
      });
      drop(each);
    }
  }

  PB.rights = { draw, given, hold };
})((window.PB = window.PB || {}));
