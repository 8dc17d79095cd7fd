/* Prompt templates per use case: ours to begin with, the editor's own from then on. */
(function (PB) {
  "use strict";

  const { el, fill, select, show, small } = PB.dom;
  const t = PB.t;
  const OURS = ["establishing", "b-roll", "product", "plate", "transition", "title", "dialogue", "aerial"];

  function all() {
    const own = PB.account.setting("templates", null);
    return own || OURS.map((each) => ({ name: t("template." + each), prompt: t("template." + each + ".prompt") }));
  }

  /** A chooser with its editor folded under it. */
  function picker(use) {
    const place = el("div.templates");
    draw();
    return place;

    function draw() {
      const list = all();
      const options = [["", t("templates.choose")], ...list.map((each, i) => [String(i), each.name])];
      const chooser = select(options, "", (value) => {
        if (value !== "") use(list[Number(value)].prompt);
        PB.dom.setSelect(chooser, "");
      }, { "aria-label": t("templates.choose") });
      const editor = el("div.off");
      const edit = small(t("templates.edit"), () => (show(editor, editor.classList.contains("off")), editing(editor, list)));
      fill(place, el("div.row", null, el("div.grow", null, chooser), edit), editor);
    }

    function editing(editor, list) {
      const rows = list.map((each) => ({
        name: el("input", { type: "text", value: each.name, "aria-label": t("templates.name"), maxlength: "80" }),
        prompt: el("textarea", { rows: "2", value: each.prompt, "aria-label": t("templates.prompt") }),
      }));
      const kept = () => rows.map((each) => ({ name: each.name.value.trim(), prompt: each.prompt.value.trim() })).filter((each) => each.name && each.prompt);
      const save = () => (PB.account.keep("templates", kept()), draw());
      const add = () => editing(editor, [...kept(), { name: t("templates.new"), prompt: PB.request.get().prompt }]);
      const back = () => (PB.account.keep("templates", null), draw());
      fill(
        editor,
        rows.map((each, i) => el("div.card", null, el("div.row", null, each.name, small("×", () => editing(editor, kept().filter((_, n) => n !== i)), { "aria-label": t("templates.remove") })), each.prompt)),
        el("div.row.wrap", null, small(t("templates.add"), add), small(t("save"), save), small(t("templates.ours"), back)),
      );
    }
  }

  PB.templates = { picker };
})((window.PB = window.PB || {}));
