// What a style sheet of the panel must not use: the hosts' layout engine knows flex boxes and little else.
import { parse, walk } from "css-tree";

const DISPLAYS = new Set(["none", "inline", "block", "inline-block", "flex", "inline-flex"]);
// Not known, or known to be wrong, in UXP; logical ones and `inset` are documented nowhere.
export const BROKEN_PROPERTIES = new Set([
  "gap", "row-gap", "column-gap", "aspect-ratio", "text-transform", "font", "box-sizing", "float", "clear",
  "inset", "columns", "column-count", "all", "place-items", "place-content", "place-self", "order",
  "object-fit", "backdrop-filter", "filter", "mask", "clip-path", "content-visibility", "contain", "accent-color",
]);
const FAMILIES = /^(grid|transition|animation|scroll-snap|margin-(inline|block)|padding-(inline|block)|inset-|border-(inline|block))/;
const PSEUDO_CLASSES = new Set([
  "active", "checked", "defined", "disabled", "empty", "enabled", "first-child", "focus", "hover", "last-child",
  "nth-child", "nth-last-child", "nth-last-of-type", "nth-of-type", "only-child", "root",
  "not", "focus-visible", // not documented by every host; a rule of its own that is dropped loses nothing
]);
const PSEUDO_ELEMENTS = new Set([
  "before", "after", "placeholder",
  "-webkit-scrollbar", "-webkit-scrollbar-thumb", "-webkit-scrollbar-track", // dropped where unknown
]);
const FUNCTIONS = new Set(["calc", "var", "rgb", "rgba", "hsl", "hsla", "url", "linear-gradient"]);
const FEATURES = new Set(["width", "min-width", "max-width", "height", "min-height", "max-height", "prefers-color-scheme"]);
const UNITS = new Set(["px", "%", "em", "rem", "vh", "vw", "deg"]);

/** Whether every host can lay out this `display`. */
export const display = (value) => DISPLAYS.has(value);

/** Every finding of one style sheet, or of a style attribute with `context: "declarationList"`. */
export function lintStyle(source, context = "stylesheet") {
  const found = [];
  const say = (node, rule, detail) => found.push({ line: node.loc ? node.loc.start.line : 1, rule, detail });
  const tree = parse(source, {
    context,
    positions: true,
    onParseError: (error) => found.push({ line: error.line || 1, rule: "syntax", detail: error.message }),
  });
  walk(tree, function visit(node) {
    if (node.type === "Declaration") declaration(node, say);
    if (node.type === "PseudoClassSelector" && !PSEUDO_CLASSES.has(node.name)) say(node, "selector", `:${node.name}`);
    if (node.type === "PseudoElementSelector" && !PSEUDO_ELEMENTS.has(node.name)) say(node, "selector", `::${node.name}`);
    if (node.type === "NestingSelector" || (node.type === "Rule" && this.rule)) say(node, "selector", "nesting");
    if (node.type === "Atrule" && node.name !== "media") say(node, "at-rule", `@${node.name}`);
    if (node.type === "Feature" && !FEATURES.has(node.name)) say(node, "at-rule", `@media (${node.name})`);
    if (node.type === "Function" && !FUNCTIONS.has(node.name)) say(node, "function", `${node.name}()`);
    if (node.type === "Dimension" && !UNITS.has(node.unit)) say(node, "unit", node.unit);
  });
  return found;
}

function declaration(node, say) {
  const name = node.property;
  if (name.startsWith("--")) return;
  if (BROKEN_PROPERTIES.has(name) || FAMILIES.test(name)) say(node, "property", name);
  const words = node.value.children ? [...node.value.children].filter((each) => each.type === "Identifier") : [];
  if (name === "display" && words.some((each) => !DISPLAYS.has(each.name))) say(node, "display", words[0].name);
  if (name === "position" && words.some((each) => each.name === "sticky")) say(node, "property", "position: sticky");
}
