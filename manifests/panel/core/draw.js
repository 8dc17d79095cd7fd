/* Strokes on a frame: drawn as rows of dots, which every host can show, and kept as points from 0 to 1. */
(function (PB) {
  "use strict";

  const { el, clear } = PB.dom;
  const APART = 0.008; // of the width, between two kept points
  const MOST_POINTS = 200;
  const DOT = 4; // pixels between dots

  /** A surface over `frame` (a positioned element); `changed` gets the strokes after each. */
  function surface(frame, changed) {
    const layer = el("div.strokes", { tabindex: "0", role: "img", "aria-label": PB.t("draw.surface") });
    const strokes = [];
    let tool = { tool: "arrow", target: "camera" };
    let drawing = null;
    frame.appendChild(layer);

    function at(event) {
      const box = layer.getBoundingClientRect();
      const share = (value, from, size) => Math.min(1, Math.max(0, (value - from) / (size || 1)));
      return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
    }

    layer.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (layer.setPointerCapture) layer.setPointerCapture(event.pointerId);
      drawing = { ...tool, points: [at(event)] };
      if (tool.tool === "point" || tool.tool === "text") end();
    });
    layer.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      const [x, y] = at(event);
      const [px, py] = drawing.points[drawing.points.length - 1];
      if (Math.hypot(x - px, y - py) < APART || drawing.points.length >= MOST_POINTS) return;
      drawing.points.push([x, y]);
      paint();
    });
    layer.addEventListener("pointerup", end);
    layer.addEventListener("pointercancel", () => {
      drawing = null;
      paint();
    });
    layer.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Backspace" || event.key === "Delete") undo();
      else if (step) keyArrow(step);
      else return;
      event.preventDefault();
    });

    /** Without a pointer: an arrow from the middle, or the last one made longer. */
    function keyArrow([dx, dy]) {
      const last = strokes[strokes.length - 1];
      const clamp = (value) => Math.min(1, Math.max(0, value));
      const lengthen = last && last.byKey;
      const stroke = lengthen ? last : { ...tool, tool: "arrow", points: [[0.5, 0.5], [0.5, 0.5]], byKey: true };
      const [x, y] = stroke.points[1];
      stroke.points[1] = [clamp(x + dx * 0.05), clamp(y + dy * 0.05)];
      if (!lengthen) strokes.push(stroke);
      paint();
      changed(kept());
    }

    function end() {
      if (!drawing) return;
      const stroke = drawing;
      drawing = null;
      const single = stroke.tool === "point" || stroke.tool === "text";
      if (single || stroke.points.length > 1) {
        if (stroke.tool === "arrow") stroke.points = straightened(stroke.points);
        strokes.push(stroke);
        changed(kept());
      }
      paint();
    }

    function undo() {
      strokes.pop();
      paint();
      changed(kept());
    }

    function kept() {
      return strokes.map(({ byKey, ...stroke }) => ({ ...stroke, points: stroke.points.map(rounded) }));
    }

    function paint() {
      clear(layer);
      const box = layer.getBoundingClientRect();
      const all = drawing ? [...strokes, drawing] : strokes;
      for (const stroke of all) dots(layer, stroke, box.width || 1, box.height || 1);
    }

    return {
      use: (next) => (tool = { ...tool, ...next }),
      undo,
      empty() {
        strokes.length = 0;
        paint();
        changed([]);
      },
      load(given) {
        strokes.length = 0;
        strokes.push(...given.map((each) => ({ ...each, points: each.points.map((point) => [...point]) })));
        paint();
      },
      note(text) {
        const last = strokes[strokes.length - 1];
        if (!last) return;
        last.note = text;
        changed(kept());
      },
      paint,
      last: () => strokes[strokes.length - 1] || null,
    };
  }

  function straightened(points) {
    return [points[0], points[points.length - 1]];
  }

  function rounded([x, y]) {
    return [Math.round(x * 1e4) / 1e4, Math.round(y * 1e4) / 1e4];
  }

  function dots(layer, stroke, width, height) {
    const points = stroke.points.map(([x, y]) => [x * width, y * height]);
    if (stroke.tool === "outline" && points.length > 2) points.push(points[0]);
    const kind = stroke.target === "subject" ? "subject" : "camera";
    if (points.length === 1) return void dot(layer, points[0], kind + ".big");
    for (let i = 1; i < points.length; i += 1) line(layer, points[i - 1], points[i], kind);
    if (stroke.tool === "arrow" || stroke.tool === "path") head(layer, points, kind);
  }

  function line(layer, [ax, ay], [bx, by], kind) {
    const steps = Math.max(1, Math.round(Math.hypot(bx - ax, by - ay) / DOT));
    for (let i = 0; i <= steps; i += 1) dot(layer, [ax + ((bx - ax) * i) / steps, ay + ((by - ay) * i) / steps], kind);
  }

  function head(layer, points, kind) {
    const tip = points[points.length - 1];
    const from = points[Math.max(0, points.length - 4)];
    const angle = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
    for (const side of [-0.6, 0.6]) {
      const end = [tip[0] - 12 * Math.cos(angle + side), tip[1] - 12 * Math.sin(angle + side)];
      line(layer, tip, end, kind);
    }
  }

  function dot(layer, [x, y], kind) {
    const made = el("div.dot." + kind);
    made.style.left = x + "px";
    made.style.top = y + "px";
    layer.appendChild(made);
  }

  PB.draw = { surface };
})((window.PB = window.PB || {}));
