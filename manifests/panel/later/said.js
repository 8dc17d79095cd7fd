/* The director's words in the panel's language: terms of its vocabulary, advice, instructions, and what was seen. */
(function (PB) {
  "use strict";

  const { said } = PB.text;
  const plain = (term) => String(term).replace(/[-_]/g, " ");
  const known = (term) => said("word." + String(term).replace(/[ _]/g, "-"));
  const STILL = new Set(["static", "handheld"]);
  const SHARES = new Set(["duplicate", "exposure-jump", "clipped", "crushed", "drift"]);
  const DIGITS = { frozen: 2, cast: 0 };

  /** A term of the vocabulary; what is none, such as a word of the brief, stays as it is. */
  const word = (term) => known(term) || plain(term);
  const words = (terms) => terms.map(word).join(", ");
  const heading = (way) => (way === "none" ? "" : known("to-the-" + way) || plain(way));

  /** Values of a sentence: terms are translated, figures and the editor's own words stay. */
  function spoken(values) {
    return Object.fromEntries(Object.entries(values || {}).map(([name, value]) => [name, known(value) || value]));
  }

  function advice(each) {
    return said("advice." + each.code, spoken(each.values)) || each.says;
  }

  /** An instruction by its parts; `all` are those it stands among, of which an order is made. */
  function directive(each, all) {
    const made = said("directive." + each.kind, { about: word(each.about) }) && MAKERS[each.kind];
    return (made && made(each, all)) || each.says;
  }

  const about = (key) => (each) => said(key, { about: word(each.about) });
  const MAKERS = { camera, subject, place, order, shot: termed, light: termed, keep: about("directive.keep"), avoid: about("directive.avoid") };

  function camera({ move, either_way, strength, about }) {
    const name = !move ? said("directive.follows") : either_way ? said("moving." + move.split("-")[0]) || word(move) : word(move);
    const pace = STILL.has(move) ? "" : strength < 0.5 ? said("directive.slow") : strength > 0.8 ? said("directive.fast") : "";
    return said("directive.camera", { what: [name, pace, about && said("directive.about", { about: word(about) })].filter(Boolean).join(", ") });
  }

  function subject({ terms, about, vector }) {
    const [action, way] = terms;
    if (action === "act" || (!action && !vector)) return null; // only its own words tell what it does
    const towards = action ? heading(way) : heading(wayOf(vector));
    return said("directive.subject", { about: word(about), what: [action ? word(action) : said("directive.moves"), towards].filter(Boolean).join(" ") });
  }

  function wayOf([x, y]) {
    if (Math.abs(x) >= Math.abs(y)) return x > 0 ? "right" : "left";
    return y > 0 ? "down" : "up";
  }

  function place({ about, relation, beside }) {
    if (!relation) return null;
    const where = beside ? said("stands." + relation) + " " + word(beside) : said("in-frame." + relation);
    return said("directive.place", { about: word(about), where });
  }

  function termed({ kind, terms }) {
    return terms.length ? said("directive." + kind, { what: words(terms) }) : null;
  }

  /** Its steps are sentences of other instructions. */
  function order({ terms }, all) {
    const own = (says) => {
      const found = (all || []).find((each) => each.kind !== "order" && each.says.startsWith(says));
      return found ? directive(found, all) : says;
    };
    return said("directive.order", { what: terms.map((step) => step.split(" and ").map(own).join(said("directive.and"))).join(said("directive.then")) });
  }

  /** What was seen of an instruction. */
  function seen(each, of, all) {
    const values = spoken(each.values);
    if (values.terms) values.terms = words(each.values.terms.split(", "));
    if (values.what && of) values.what = directive(of, all);
    if ("incidents" in values) values.incidents = incidents(each.measured);
    return said("seen." + each.code, values) || each.says;
  }

  function incidents({ bounces, hidden_seconds, returns }) {
    const told = [];
    if (bounces) told.push(said("incident.bounces", { n: bounces }));
    if (hidden_seconds >= 0.15) told.push(said(returns ? "incident.returns" : "incident.hidden", { n: hidden_seconds }));
    return told.map((each) => ", " + each).join("");
  }

  function defect({ kind, measured, unit, says }) {
    const share = SHARES.has(kind);
    const n = share ? Math.round(100 * Math.max(0, measured)) : (kind === "shake" ? 1000 * measured : measured).toFixed(kind in DIGITS ? DIGITS[kind] : 1);
    return said("defect." + kind, { n, unit }) || says;
  }

  /** Why a further try was made: what it says stronger than the one before. */
  function why(told, before) {
    const again = told.directives.filter(({ id }) => (told.stronger[id] || 0) > ((before && before.stronger[id]) || 0));
    const what = again.map((each) => directive(each, told.directives)).join("; ");
    return said(again.length ? "try.again" : "try.anew", { what, by: told.model ? said("try.model", { model: told.model }) : said("try.seed") }) || told.why;
  }

  /** What could not be measured of a take: of its instructions, then of the whole. */
  function unmeasured({ not_measured, not_measured_codes, adherence }, all) {
    return not_measured.map((says, i) => {
      const code = (not_measured_codes || [])[i];
      const part = adherence.filter((each) => each.standing === "not-measured")[i];
      const of = part && all.find((each) => each.id === part.directive_id);
      return (code && said("seen." + code)) || (of && said("directive.and") ? directive(of, all) + ": " + seen(part, of, all) : says);
    });
  }

  Object.assign(PB.said, { word, words, heading, place, unmeasured, advice, directive, seen, defect, why });
})((window.PB = window.PB || {}));
