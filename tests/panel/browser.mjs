// Unpacks the browser that the tests drive, once, beside the packages it came in; prints where it is.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "node_modules", ".browser");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
process.env.TMPDIR = folder; // where the package unpacks to
process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs20.x"; // asks the package for the system libraries it brings too
const { default: chromium } = await import("@sparticuz/chromium");
const executable = await chromium.executablePath();
// Its own font alone, so that a screenshot is the same everywhere; the package's list names no folder of ours.
const fonts = join(folder, "fonts");
writeFileSync(
  join(fonts, "fonts.conf"),
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${fonts}</dir><cachedir>${join(fonts, "cache")}</cachedir></fontconfig>\n`,
);
console.log(executable);
