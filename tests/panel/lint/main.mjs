// Lints named files, or what comes in by standard input: `node main.mjs [--as html|css|js|jsx] [FILE...]`.
// Prints one JSON list of {file, line, rule, detail}.
import { readFileSync } from "node:fs";
import { extname } from "node:path";

import { lintMarkup } from "./markup.mjs";
import { lintExtendScript, lintScript } from "./script.mjs";
import { lintStyle } from "./style.mjs";

const LINTERS = { html: lintMarkup, css: (source) => lintStyle(source), js: lintScript, jsx: lintExtendScript };

const words = process.argv.slice(2);
const kind = words[0] === "--as" ? words.splice(0, 2)[1] : null;
const files = words.length ? words : [0]; // standard input
const found = files.flatMap((file) => {
  const lint = LINTERS[kind || extname(file).slice(1)];
  return lint(readFileSync(file, "utf8")).map((each) => ({ file: String(file), ...each }));
});
console.log(JSON.stringify(found));
