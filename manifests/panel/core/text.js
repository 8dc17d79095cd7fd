/* Words in the editor's language, and figures as people read them. */
(function (PB) {
  "use strict";

  const LANGUAGES = { en: "English", de: "Deutsch" };
  const spoken = { en: {} }; // language -> its sentences by key
  let language = "en";

  /** Sentences of a language, by key; English is always there, and what another lacks is shown in English. */
  function say(name, sentences) {
    spoken[name] = { ...spoken[name], ...sentences };
  }

  /** The same as it ships: a line that ends in a dot begins the keys of the lines after it. */
  function unfold(name, lines) {
    const sentences = {};
    let start = "";
    for (const line of lines.split("\n")) {
      const at = line.indexOf("=");
      if (at < 0) start = line;
      else sentences[start + line.slice(0, at)] = line.slice(at + 1);
    }
    say(name, sentences);
  }

  /** t("queue.position", { n: 3 }): an unknown key shows itself, so that nothing is silently empty. */
  function t(key, values) {
    const found = spoken[language][key] || spoken.en[key] || key;
    return found.replace(/\{(\w+)\}/g, (whole, name) =>
      values && values[name] !== undefined && values[name] !== null ? String(values[name]) : "",
    );
  }

  /** What the service says in English, in another language: "" where that has no sentence for the code. */
  function said(code, values) {
    const key = "said." + code;
    return spoken[language][key] ? t(key, values) : "";
  }

  /** Speaks it once its sentences are here; a language that cannot be loaded changes nothing. */
  async function useLanguage(wanted) {
    const short = String(wanted || "en").slice(0, 2).toLowerCase();
    const known = LANGUAGES[short] ? short : "en";
    if (!spoken[known]) await load("strings/" + known + ".js");
    language = spoken[known] ? known : "en";
    document.documentElement.setAttribute("lang", language);
  }

  /** UXP loads a file by require, everything else by an element. */
  function load(path) {
    if (PB.load("uxp")) return Promise.resolve(PB.load("./" + path));
    return new Promise((done) => {
      const script = document.createElement("script");
      script.src = path;
      script.onload = script.onerror = () => done(null);
      document.head.appendChild(script);
    });
  }

  function credits(n) {
    return n === null || n === undefined ? "–" : t("credits", { n: whole(n) });
  }

  function whole(n) {
    return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  }

  function bytes(n) {
    if (n < 1e6) return Math.max(1, Math.round(n / 1e3)) + " kB";
    return n < 1e9 ? (n / 1e6).toFixed(1) + " MB" : (n / 1e9).toFixed(2) + " GB";
  }

  function seconds(n) {
    if (n === null || n === undefined) return "–";
    if (n < 90) return Math.max(1, Math.round(n)) + " s";
    return n < 5400 ? Math.round(n / 60) + " min" : Math.round(n / 3600) + " h";
  }

  function clock(iso) {
    const at = new Date(iso);
    const two = (n) => String(n).padStart(2, "0");
    return two(at.getHours()) + ":" + two(at.getMinutes());
  }

  /** "14:05" today, "2026-11-21 14:05" on other days: the editor's own time zone. */
  function moment(iso) {
    if (!iso) return "";
    const at = new Date(iso);
    const two = (n) => String(n).padStart(2, "0");
    const day = at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate());
    return at.toDateString() === new Date().toDateString() ? clock(iso) : day + " " + clock(iso);
  }

  function percent(share) {
    return share === null || share === undefined ? "" : Math.floor(share * 100) + " %";
  }

  /** "24000/1001" as 23.976: for eyes only, never for sums. */
  function rate(spelt) {
    const [n, d] = String(spelt).split("/").map(Number);
    return d ? (n / d).toFixed(3).replace(/0+$/, "").replace(/\.$/, "") : String(spelt);
  }

  PB.text = { t, said, say, unfold, load, useLanguage, languages: Object.entries(LANGUAGES), language: () => language, credits, whole, bytes, seconds, clock, moment, percent, rate };
  PB.t = t;
})((window.PB = window.PB || {}));
