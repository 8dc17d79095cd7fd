/* What the service says in English, in the panel's language: by its codes and figures, else as it was said. */
(function (PB) {
  "use strict";

  const { said } = PB.text;

  function failure({ slug, detail }) {
    return led(said("failure." + slug), detail);
  }

  /** A sentence of ours that ends in a colon leads to the service's own. */
  function led(ours, detail) {
    return !ours ? detail : ours.endsWith(":") ? ours + " " + detail : ours;
  }

  const late = ({ reason, why }) => said("late." + reason) || why;

  function cancellation({ charged, credits_at_most, detail }) {
    return said("cancelled." + charged, { credits: PB.text.credits(credits_at_most) }) || detail;
  }

  /** Of a take: its faults, else how it moves and how bright it is. */
  function verdict({ verdict: told, measures }) {
    if (!told || !said("verdict.faults")) return told;
    const faults = ["black", "frozen", "cut"].map((name) => {
      const n = measures[name + (name === "cut" ? "_count" : "_frame_count")];
      return n ? said("verdict." + name, { n }) : "";
    });
    if (faults.some(Boolean)) return said("verdict.faults", { what: faults.filter(Boolean).join(", ") });
    const stops = measures.luminance_peak_stops;
    const speed = Number(measures.motion_mean_widths_per_second).toFixed(2);
    return said("verdict." + (stops < 0 ? "under" : "over"), { speed, stops: Math.abs(stops).toFixed(1) });
  }

  PB.said = { failure, late, cancellation, verdict, led };
})((window.PB = window.PB || {}));
