// What a script of the panel must not use, because one of the hosts lacks it; found in its syntax tree.
import { parse } from "acorn";
import { ancestor, base, full } from "acorn-walk";

import { BROKEN_PROPERTIES, display } from "./style.mjs";

const NAMED = (names, rule) => names.map((name) => [name, rule]);

// Names that are not there in UXP, or in the Chromium 88 of CEP 11.
const GLOBALS = new Map([
  ...NAMED(["EventSource", "TextDecoder", "TextDecoderStream", "FileReader", "URLSearchParams"], "missing-global"),
  ...NAMED(["Worker", "SharedWorker", "BroadcastChannel", "indexedDB", "structuredClone"], "missing-global"),
  ...NAMED(["OffscreenCanvas", "createImageBitmap", "requestIdleCallback", "WeakRef"], "missing-global"),
  ...NAMED(["alert", "confirm", "prompt"], "blocking-dialog"),
  ...NAMED(["eval", "Function"], "code-from-strings"),
  ["matchMedia", "unguarded"],
]);
const MEMBERS = new Map([
  ...NAMED(["innerHTML", "outerHTML", "insertAdjacentHTML"], "html-from-strings"),
  ...NAMED(["drawImage", "getImageData", "putImageData", "toDataURL", "toBlob"], "canvas"),
  ...NAMED(["fillText", "strokeText", "measureText", "createPattern", "clearRect"], "canvas"),
  ...NAMED(["setTransform", "getTransform", "resetTransform"], "canvas"),
  ...NAMED(["createLinearGradient", "createRadialGradient", "transferControlToOffscreen"], "canvas"),
  ...NAMED(["searchParams"], "missing-global"),
  ...NAMED(["replaceAll", "at", "findLast", "findLastIndex", "hasOwn", "toSorted"], "newer-than-es2020"),
  ...NAMED(["toReversed", "toSpliced", "groupBy", "any", "withResolvers"], "newer-than-es2020"),
  ...NAMED(["randomUUID", "clipboard"], "unguarded"),
]);
const ELEMENTS = new Map([
  ...NAMED(["ul", "ol", "li", "table", "tr", "td", "th", "thead", "tbody", "i"], "element"),
  ...NAMED(["iframe", "form", "object", "embed", "details", "summary", "webview"], "element"),
]);
const WINDOWS = new Set(["window", "self", "globalThis"]);

const text = (node) => (node && node.type === "Literal" && typeof node.value === "string" ? node.value : null);
const isName = (node, name) => Boolean(node) && node.type === "Identifier" && node.name === name;
const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const STYLES = new Set([...BROKEN_PROPERTIES].map(camel));
const called = (node) => (node.type === "MemberExpression" && !node.computed ? node.property.name : null);

/** The name a member is asked for by, dot or string. */
const member = (node) => (node.computed ? text(node.property) : node.property.name);

/** A use is guarded where a condition above it asks whether the name is there, or where it is that condition. */
function guarded(name, above) {
  const use = above[above.length - 1];
  if (above.some((each) => each.type === "UnaryExpression" && each.operator === "typeof")) return true;
  return above.some((node, index) => {
    const child = above[index + 1];
    if (node.type === "LogicalExpression") return child === node.right ? mentions(node.left, name) : child === use;
    if (node.type !== "IfStatement" && node.type !== "ConditionalExpression") return false;
    return child === node.test ? child === use : mentions(node.test, name);
  });
}

function mentions(tree, name) {
  let found = false;
  full(tree, (node) => {
    if (isName(node, name) || text(node) === name) found = true;
    if (node.type === "MemberExpression" && member(node) === name) found = true;
  });
  return found;
}

/** Whether this is `location`, a window's or one of its parts. */
function navigates(place) {
  if (isName(place, "location")) return true;
  if (place.type !== "MemberExpression") return false;
  const ofWindow = place.object.type === "Identifier" && WINDOWS.has(place.object.name);
  return (ofWindow && member(place) === "location") || navigates(place.object);
}

/** Names that the file declares itself, anywhere: calling one's own `prompt` is no sin. */
function declared(tree) {
  const names = new Set();
  full(tree, (node, _state, type) => {
    if (type === "VariablePattern") names.add(node.name);
    if ((node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id) names.add(node.id.name);
  }, { ...base, Function: withParameters });
  return names;
}

function withParameters(node, state, visit) {
  if (node.id) visit(node.id, state, "Pattern");
  for (const each of node.params) visit(each, state, "Pattern");
  visit(node.body, state, node.expression ? "Expression" : "Statement");
}

/** Every finding of one script: `{line, rule, detail}`. */
export function lintScript(source) {
  const found = [];
  let tree;
  try {
    tree = parse(source, { ecmaVersion: 2020, sourceType: "script", locations: true });
  } catch (error) {
    return [{ line: error.loc ? error.loc.line : 1, rule: "syntax", detail: error.message }];
  }
  const own = declared(tree);
  const say = (node, rule, detail) => found.push({ line: node.loc.start.line, rule, detail });

  function global(node, name, above) {
    const rule = GLOBALS.get(name);
    if (!rule || (node.type === "Identifier" && own.has(name))) return;
    const asked = above.some((each) => each.type === "UnaryExpression" && each.operator === "typeof");
    if (asked || (rule === "unguarded" && guarded(name, above))) return;
    say(node, rule, name);
  }

  ancestor(tree, {
    Identifier: (node, _state, above) => global(node, node.name, above),
    MemberExpression(node, _state, above) {
      const name = member(node);
      if (name === null) return;
      if (node.object.type === "Identifier" && WINDOWS.has(node.object.name)) {
        global(node, name, above);
        if (name === "open") say(node, "navigation", "window.open");
      }
      const rule = MEMBERS.get(name);
      if (name === "any" && !isName(node.object, "Promise")) return;
      if (rule && !(rule === "unguarded" && guarded(name, above))) say(node, rule, name);
      if (isName(node.object, "document") && (name === "write" || name === "writeln")) {
        say(node, "html-from-strings", name);
      }
      if (member(node.object.type === "MemberExpression" ? node.object : node) === "style" && STYLES.has(camel(name))) {
        say(node, "style", name);
      }
    },
    AssignmentExpression(node) {
      const target = node.left.type === "MemberExpression" ? member(node.left) : null;
      const value = text(node.right);
      if (target === "display" && value !== null && !display(value)) say(node, "style", `display: ${value}`);
      if (navigates(node.left)) say(node, "navigation", "location");
      if (target === "hidden") say(node, "attribute", "hidden");
      if (target === "htmlFor") say(node, "attribute", "for");
      if (target === "type" && (value === "file" || value === "color")) say(node, "input-type", value);
      if (target === "type" && value === "module") say(node, "module", value);
    },
    ImportExpression: (node) => say(node, "module", "import()"),
    CallExpression(node, _state, above) {
      const name = node.callee.type === "Identifier" ? node.callee.name : called(node.callee);
      const [first, second, third] = node.arguments;
      if (name === "createElement" && ELEMENTS.has(text(first))) say(node, "element", text(first));
      if (name === "setAttribute") attribute(node, text(first), text(second));
      if (name === "setProperty" && BROKEN_PROPERTIES.has(text(first))) say(node, "style", text(first));
      if ((name === "setTimeout" || name === "setInterval") && text(first) !== null) {
        say(node, "code-from-strings", name);
      }
      if (name === "addEventListener") listener(node, text(first), third);
      if (name === "fetch" && !own.has("fetch")) fetched(node, second);
      if (name === "animate" && above.length) say(node, "style", "animate()");
    },
  });

  function attribute(node, name, value) {
    if (name === null) return;
    if (/^on[a-z]+$/.test(name)) say(node, "inline-handler", name);
    if (name === "hidden" || name === "for") say(node, "attribute", name);
    if (name === "type" && (value === "file" || value === "color")) say(node, "input-type", value);
  }

  function listener(node, event, options) {
    if (event === "keypress") say(node, "event", event);
    if (!options || options.type !== "ObjectExpression") return;
    for (const each of options.properties) {
      const key = each.key ? each.key.name || each.key.value : "...";
      if (key !== "capture") say(node, "event", `addEventListener: ${key}`);
    }
  }

  // UXP sends credentials unless it is told not to.
  function fetched(node, options) {
    const properties = options && options.type === "ObjectExpression" ? options.properties : [];
    const omitted = properties.some(
      (each) => each.key && each.key.name === "credentials" && text(each.value) === "omit",
    );
    if (!omitted) say(node, "credentials", 'fetch without credentials: "omit"');
  }

  return found;
}

const NOT_IN_EXTENDSCRIPT = new Set(["forEach", "map", "filter", "reduce", "some", "every", "trim", "bind", "keys"]);

/** Every finding of an ExtendScript file: its engine knows ECMAScript 3 and no JSON. */
export function lintExtendScript(source) {
  const found = [];
  let tree;
  try {
    tree = parse(source, { ecmaVersion: 3, sourceType: "script", locations: true, allowReserved: "never" });
  } catch (error) {
    return [{ line: error.loc ? error.loc.line : 1, rule: "syntax", detail: error.message }];
  }
  ancestor(tree, {
    Identifier(node) {
      if (node.name === "JSON") found.push({ line: node.loc.start.line, rule: "extendscript", detail: "JSON" });
      if (node.name === "eval") found.push({ line: node.loc.start.line, rule: "code-from-strings", detail: "eval" });
    },
    CallExpression(node) {
      const name = called(node.callee);
      if (NOT_IN_EXTENDSCRIPT.has(name)) found.push({ line: node.loc.start.line, rule: "extendscript", detail: name });
    },
  });
  return found;
}
