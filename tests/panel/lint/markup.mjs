// What a page of the panel must not hold, whether it was written or made by a script.
import { parse } from "parse5";

import { lintStyle } from "./style.mjs";

const ELEMENTS = new Set([
  "html", "head", "meta", "title", "link", "script", "body", "div", "span", "p", "h1", "h2", "h3", "h4", "header",
  "main", "nav", "section", "footer", "button", "input", "textarea", "select", "option", "label", "img", "video",
  "canvas", "dialog", "progress", "a",
]);
const INPUTS = new Set(["text", "number", "range", "checkbox", "search", "password", "radio", null]);
const SIZED = new Set(["img"]);

/** Every finding of one page. */
export function lintMarkup(source) {
  const found = [];
  visit(parse(source, { sourceCodeLocationInfo: true }), (node) => {
    const place = node.sourceCodeLocation ? node.sourceCodeLocation.startLine : 1;
    const say = (rule, detail) => found.push({ line: place, rule, detail });
    element(node, new Map(node.attrs.map((each) => [each.name, each.value])), say);
  });
  return found;
}

function visit(node, look) {
  if (node.tagName) look(node);
  for (const child of node.childNodes || []) visit(child, look);
}

function element(node, attributes, say) {
  const name = node.tagName;
  if (!ELEMENTS.has(name)) say("element", name);
  for (const [key, value] of attributes) attribute(key, value, say);
  if (name === "script") script(node, attributes, say);
  if (name === "input") {
    const type = attributes.has("type") ? attributes.get("type") : null;
    if (!INPUTS.has(type)) say("input-type", type);
  }
  if (name === "option" && !attributes.has("value")) say("attribute", "option without value");
  if (name === "option" && attributes.has("disabled")) say("attribute", "option disabled");
  if (name === "style") say("element", "style");
  if (SIZED.has(name) && !sized(attributes)) say("attribute", `${name} without width and height`);
}

function script(node, attributes, say) {
  if (attributes.get("type") === "module") say("module", 'type="module"');
  if (!attributes.has("src")) say("inline-script", "script without src");
}

function attribute(key, value, say) {
  if (/^on[a-z]+$/.test(key)) say("inline-handler", key);
  if (["hidden", "for", "contenteditable", "popover", "draggable"].includes(key) && value !== "false") {
    say("attribute", key);
  }
  if (key === "tabindex" && Number(value) > 0) say("attribute", `tabindex=${value}`);
  if (key === "style") {
    for (const each of lintStyle(value, "declarationList")) say(each.rule, each.detail);
  }
}

function sized(attributes) {
  const style = attributes.get("style") || "";
  return (attributes.has("width") && attributes.has("height")) || (/width:/.test(style) && /height:/.test(style));
}
