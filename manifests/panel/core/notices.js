/* Sentences at the foot of the panel: what happened and the next step. Nothing blocks. */
(function (PB) {
  "use strict";

  const { el, add, clear, small, hint } = PB.dom;
  let place = null;

  function attach(element) {
    place = element;
  }

  function say(text, options) {
    const { step, action, kind, stay } = options || {};
    const twin = [...place.children].find((each) => each.getAttribute("data-text") === text);
    if (twin) twin.remove();
    const note = el("div.notice" + (kind ? "." + kind : ""), { "data-text": text });
    add(note, [
      el("div.grow", null, el("div", null, text), step ? hint(step) : null),
      action ? small(PB.t("action." + action), () => (note.remove(), PB.go(action))) : null,
      small("×", () => note.remove(), { "aria-label": PB.t("close") }),
    ]);
    place.appendChild(note);
    while (place.children.length > 3) place.firstChild.remove();
    if (!stay) setTimeout(() => note.remove(), kind === "bad" ? 20000 : 6000);
  }

  function problem(error) {
    if (error && error.kind === "aborted") return;
    const { text, step, action } = PB.explain(error);
    say(text, { step, action, kind: "bad" });
  }

  PB.notices = { attach, say, problem, clear: () => clear(place) };
})((window.PB = window.PB || {}));
