"""The panel's files keep to what every host can do; and the linter that says so catches what it should."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.house.repository import ROOT
from tests.panel.safe_subset import Finding, lint, lint_page

MANIFESTS = ROOT / "manifests"
ALLOWED = {
    "hosts/browser.js": {"input-type", "navigation", "unguarded"},  # a file picker, a new tab
}
"""What an adapter may use because its own host has it."""

SCRIPTS = {
    "missing-global": [
        "new EventSource('/x')",
        "window.TextDecoder",
        "new FileReader()",
        "self['URLSearchParams']",
        "new URL(u).searchParams",
        "new Worker('x.js')",
        "structuredClone({})",
    ],
    "unguarded": [
        "window.matchMedia('(x)')",
        "matchMedia('(x)')",
        "navigator.clipboard.writeText('x')",
        "crypto.randomUUID()",
        "if (a) window.matchMedia('(x)')",
    ],
    "blocking-dialog": ["alert('x')", "window.confirm('x')", "prompt('x')"],
    "code-from-strings": ["eval('1')", "new Function('a')", "setTimeout('f()', 1)", "(0, window.eval)('1')"],
    "html-from-strings": ["e.innerHTML = x", "e.insertAdjacentHTML('beforeend', x)", "document.write('x')"],
    "canvas": [
        "c.drawImage(i, 0, 0)",
        "c['getImageData'](0, 0, 1, 1)",
        "k.toDataURL()",
        "c.fillText('x', 0, 0)",
    ],
    "newer-than-es2020": ["s.replaceAll('a', 'b')", "l.at(-1)", "Promise.any([])", "Object.hasOwn(o, 'k')"],
    "module": ["import('./x.js')", "s.type = 'module'"],
    "syntax": ["import x from './x.js'", "a ||= b", "export const a = 1", "let a = 1_000;"],
    "navigation": ["location.href = 'x'", "window.location = 'x'", "window.open('x')"],
    "element": ["document.createElement('ul')", "document.createElement('iframe')"],
    "input-type": ["e.type = 'file'", "e.setAttribute('type', 'color')"],
    "attribute": ["e.hidden = true", "e.setAttribute('hidden', '')", "l.htmlFor = 'x'"],
    "inline-handler": ["e.setAttribute('onclick', 'x()')"],
    "style": ["e.style.gap = '2px'", "e.style.display = 'grid'", "e.style.setProperty('aspect-ratio', '1')"],
    "event": ["e.addEventListener('keypress', f)", "e.addEventListener('a', f, { once: true })"],
    "credentials": ["fetch(u)", "fetch(u, { credentials: 'include' })", "window.fetch(u, options)"],
}
STYLES = {
    "display": ["a { display: grid }", "a { display: inline-grid }", "a { display: contents }"],
    "property": [
        "a { gap: 4px }",
        "a { aspect-ratio: 1 }",
        "a { transition: color 1px }",
        "a { animation: x }",
        "a { text-transform: uppercase }",
        "a { font: 12px sans-serif }",
        "a { box-sizing: border-box }",
        "a { position: sticky }",
        "a { float: left }",
        "a { grid-template-columns: 1px }",
        "a { margin-inline: 2px }",
        "@media (min-width: 300px) { a { gap: 1px } }",
    ],
    "selector": ["a:has(b) { color: red }", ":is(a, b) { color: red }", "a { & b { color: red } }"],
    "at-rule": ["@keyframes x { from { top: 0 } }", "@container (width > 1px) { a { top: 0 } }"],
    "function": ["a { width: min(1px, 2px) }", "a { color: color-mix(in srgb, red, blue) }"],
    "unit": ["a { width: 1ch }", "a { height: 1dvh }"],
    "syntax": ["a { color red }"],
}
PAGES = {
    "element": ["<ul></ul>", "<table></table>", "<iframe></iframe>", "<form></form>", "<style></style>"],
    "attribute": [
        "<div hidden></div>",
        "<label for='x'></label>",
        "<img src='x'>",
        "<select><option>x</option></select>",
        "<div tabindex='2'></div>",
    ],
    "inline-handler": ["<div onclick='x()'></div>"],
    "inline-script": ["<script>1</script>"],
    "module": ["<script type='module' src='x'></script>"],
    "input-type": ["<input type='file'>", "<input type='color'>", "<input type='date'>"],
    "property": ["<div style='gap: 2px'></div>"],
}
EXTENDSCRIPTS = {
    "syntax": ["let a = 1", "var f = () => 1", "var a = { class: 1 }", "var a = `x`"],
    "extendscript": ["JSON.stringify(1)", "list.forEach(f)", "text.trim()", "Object.keys(o)"],
    "code-from-strings": ["eval('1')"],
}
FINE = {
    ".js": [
        "if (window.matchMedia) window.matchMedia('(x)').addListener(f)",
        "const c = navigator.clipboard && navigator.clipboard.writeText('x')",
        "const id = typeof crypto.randomUUID === 'function' ? crypto.randomUUID() : own()",
        "const known = typeof TextDecoder === 'function'",
        "fetch(u, { method: 'POST', credentials: 'omit' })",
        "function prompt() {} prompt()",
        "const f = (confirm) => confirm()",
        "const x = a?.b ?? c; async function* g() { for await (const y of z) yield y }",
        "e.addEventListener('scroll', f, { capture: true })",
        "e.addEventListener('click', f); e.textContent = 'x'; e.style.width = '3px'",
        "const list = { gap: 1, grid: 2, prompt: 'x' }; list.prompt",
    ],
    ".css": [
        "body.dark .a > .b:hover { --gap: 4px; display: flex; margin: 0 calc(4px + var(--gap)) }",
        "@media (max-width: 300px) { a { flex-direction: column } }",
    ],
    ".html": [
        "<label>x <input type='range'></label><img src='x' width='2' height='2'><script src='x'></script>",
        "<select><option value='a'>a</option></select><div tabindex='0' role='button' aria-label='x'></div>",
    ],
    ".jsx": ["var a = { 'b': [1, 2] }; for (var i = 0; i < a.b.length; i += 1) { f(a.b[i]); }"],
}
KINDS = ((".js", SCRIPTS), (".css", STYLES), (".html", PAGES), (".jsx", EXTENDSCRIPTS))
SAMPLES = [(suffix, rule, text) for suffix, rules in KINDS for rule, texts in rules.items() for text in texts]


def _all(folder: Path, texts: list[tuple[str, str]]) -> list[list[Finding]]:
    """What each text is told, all of them in one go."""
    files = []
    for number, (suffix, text) in enumerate(texts):
        files.append(folder / f"{number}{suffix}")
        files[-1].write_text(text)
    found = defaultdict(list)
    for each in lint(files):
        found[each.file].append(each)
    return [found[str(file)] for file in files]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Finding]]:
    texts = [(suffix, text) for suffix, _, text in SAMPLES]
    return dict(zip(texts, _all(tmp_path_factory.mktemp("samples"), texts), strict=True))


@pytest.mark.parametrize(("suffix", "rule", "text"), SAMPLES)
def test_what_a_host_cannot_do_is_found(
    told: dict[tuple[str, str], list[Finding]], suffix: str, rule: str, text: str
) -> None:
    assert rule in {each.rule for each in told[suffix, text]}


def test_what_every_host_can_do_is_left_alone(tmp_path: Path) -> None:
    texts = [(suffix, text) for suffix, each in FINE.items() for text in each]

    assert [found for found in _all(tmp_path, texts) if found] == []


def test_a_finding_says_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "a.css"
    file.write_text("a { color: red }\nb {\n  gap: 2px;\n}\n")

    assert lint([file]) == [Finding(str(file), 3, "property", "gap")]


def test_a_page_is_linted_as_it_stands_in_a_browser() -> None:
    assert [each.rule for each in lint_page("<body><div><ul></ul></div></body>")] == ["element"]


def test_the_panel_keeps_to_what_every_host_can_do() -> None:
    panel = MANIFESTS / "panel"
    files = [path for path in sorted(panel.rglob("*")) if path.suffix in {".html", ".css", ".js"}]

    outside = [
        each
        for each in lint(files)
        if each.rule not in ALLOWED.get(str(Path(each.file).relative_to(panel)), set())
    ]

    assert len(files) > 0
    assert outside == []


def test_scripts_for_older_hosts_keep_to_their_older_language() -> None:
    assert lint(sorted(MANIFESTS.rglob("*.jsx"))) == []
