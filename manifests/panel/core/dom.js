/* Elements without innerHTML, and lists that keep their rows. */
(function (PB) {
  "use strict";

  /** el("button.primary", { type: "button", onclick: go }, "Words", child): null and false children are left out. */
  function el(spec, props, ...children) {
    const [tag, ...classes] = spec.split(".");
    const element = document.createElement(tag || "div");
    if (classes.length) element.className = classes.join(" ");
    for (const [name, value] of Object.entries(props || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "value" && tag !== "option" && tag !== "progress") element.value = value;
      else if (name === "checked" || name === "disabled" || name === "muted" || name === "loop") element[name] = true;
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    return add(element, children);
  }

  function add(parent, children) {
    for (const child of children.flat(Infinity)) {
      if (child === null || child === undefined || child === false) continue;
      parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return parent;
  }

  function clear(element) {
    while (element.firstChild) element.removeChild(element.firstChild);
    return element;
  }

  /** New contents; what has the focus gets it back: by its `data-focus` name, else what stands in its place. */
  function fill(element, ...children) {
    const controls = () => [...element.querySelectorAll("button, input, select, textarea")];
    const held = element !== document.activeElement && element.contains(document.activeElement) ? document.activeElement : null;
    const place = held ? controls().indexOf(held) : -1;
    add(clear(element), children);
    if (place < 0) return element;
    const name = held.getAttribute("data-focus");
    const again = controls();
    const heir = (name && again.find((each) => each.getAttribute("data-focus") === name)) || again[place];
    if (heir) heir.focus();
    return element;
  }

  function show(element, visible) {
    element.classList.toggle("off", !visible);
    return element;
  }

  /** How full a progress bar is: one host wants the attribute, others the property. */
  function filled(bar, share) {
    bar.setAttribute("value", String(share || 0));
    bar.value = share || 0;
  }

  function words(element, text) {
    if (element.textContent !== text) element.textContent = text;
    return element;
  }

  /** A button; until what `press` promises is done it cannot be pressed again, but keeps the focus. */
  function button(label, press, props) {
    const { kind, ...rest } = props || {};
    const made = el("button" + (kind ? "." + kind : ""), { type: "button", ...rest }, label);
    made.addEventListener("click", async () => {
      if (made.busy) return;
      made.busy = true;
      made.setAttribute("aria-disabled", "true");
      try {
        await press(made);
      } catch (error) {
        PB.notices.problem(error);
      } finally {
        made.busy = false;
        made.removeAttribute("aria-disabled");
      }
    });
    return made;
  }

  function small(label, press, props) {
    return button(label, press, { kind: "small", ...props });
  }

  function hint(...words) {
    return el("div.hint", null, words);
  }

  /** A button that spends or removes: the first press asks in place, the second does it. */
  function sure(label, question, press, props) {
    let asked = 0;
    const made = button(label, async () => {
      if (!asked) {
        words(made, question);
        made.classList.add("asking");
        asked = setTimeout(back, 5000);
        return;
      }
      back();
      await press();
    }, props);
    function back() {
      clearTimeout(asked);
      asked = 0;
      words(made, label);
      made.classList.remove("asking");
    }
    return made;
  }

  /** A control inside its label, so that pressing the words reaches it. */
  function field(label, control, hint) {
    return el("label.field", null, el("span.name", null, label), control, hint ? el("span.hint", null, hint) : null);
  }

  function check(label, checked, change) {
    const box = el("input", { type: "checkbox", checked, onchange: () => change(box.checked) });
    return el("label.check", null, box, el("span", null, label));
  }

  /** options: [[value, label], ...] */
  function select(options, value, change, props) {
    const made = el("select", { ...(props || {}), onchange: () => change(made.value) });
    choices(made, options, value);
    return made;
  }

  function choices(control, options, value) {
    const spelt = JSON.stringify(options);
    if (control.spelt !== spelt) {
      control.spelt = spelt;
      fill(control, options.map(([each, label]) => el("option", { value: each }, label)));
    }
    setSelect(control, value);
  }

  /** UXP wants the attribute, browsers the property. */
  function setSelect(control, value) {
    const wanted = value === null || value === undefined ? "" : String(value);
    control.setAttribute("value", wanted);
    control.value = wanted;
    for (const option of control.children) {
      if (option.value === wanted) option.setAttribute("selected", "");
      else option.removeAttribute("selected");
    }
  }

  /** Rows by key: kept, moved, made or removed, so that focus and playback stay where they are. */
  function keyed(container, items, keyOf, make, update) {
    const rows = container.rows || (container.rows = new Map());
    const wanted = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (!wanted.has(key)) {
        row.remove();
        rows.delete(key);
      }
    }
    let before = container.firstChild;
    for (const item of items) {
      const key = keyOf(item);
      let row = rows.get(key);
      if (!row) rows.set(key, (row = make(item)));
      if (update) update(row, item);
      if (row === before) before = before.nextSibling;
      else container.insertBefore(row, before);
    }
  }

  /** Something long behind a few words: pressed, it unfolds. */
  function fold(label, ...children) {
    const inside = show(el("div.fold", null, children), false);
    const opener = button(label, () => {
      show(inside, inside.classList.contains("off"));
      opener.setAttribute("aria-expanded", String(!inside.classList.contains("off")));
    }, { kind: "link", "aria-expanded": "false" });
    return el("div", null, opener, inside);
  }

  PB.dom = { el, filled, small, hint, fold, add, clear, fill, show, words, button, sure, field, check, select, choices, setSelect, keyed };
})((window.PB = window.PB || {}));
