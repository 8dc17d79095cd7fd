"""What the house asks of every file: short, plain, nobody's machine, nothing left for later."""

import re

from tests.house.repository import ROOT, functions, modules, texts, tracked

SOURCE = ("plugin_backend", "worker", "manifests")
EVERYTHING = (*SOURCE, "tests", "bench")
# In halves, so that this page is not found by its own search.
REGISTRIES = tuple(
    a + b for a, b in (("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", "."), ("--index", "-url"))
)
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}


def _found(pattern: str, *tops: str) -> list[str]:
    search = re.compile(pattern, re.IGNORECASE)
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in modules(*tops)
        for number, line in enumerate(text.splitlines(), 1)
        if search.search(line) and name != "tests/house/test_repository.py"
    ]


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    assert [
        f"{name}: {n}" for name, text in modules(*EVERYTHING) if (n := len(text.splitlines())) > 300
    ] == []


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [f"{name}: {f}" for name, text in modules(*SOURCE) for f, lines in functions(text) if lines > 40]

    assert long == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        name
        for name, text in modules(*SOURCE, "bench")
        if text.strip() and not text.lstrip().startswith(('"""', "#!"))
    ]

    assert silent == []


def test_no_module_is_named_after_nothing() -> None:
    assert [str(path) for path in tracked() if path.suffix == ".py" and path.stem in NAMELESS] == []


def test_nothing_is_left_for_later() -> None:
    assert _found(r"\b(TODO|FIXME|XXX)\b|NotImplementedError", *EVERYTHING) == []


def test_every_exception_to_a_rule_gives_its_reason() -> None:
    exceptions = _found(r"# (ruff: )?noqa|# type: ignore|# pragma", *EVERYTHING)
    codes, reason = r"[A-Z0-9, ]+", r" (- |# )\w"
    reasoned = re.compile(
        rf"# (ruff: )?noqa: {codes}{reason}|# type: ignore\[[\w, -]+\] {reason}|# pragma: .+ - \w"
    )

    assert [line for line in exceptions if not reasoned.search(line)] == []


def test_no_test_patches_our_code() -> None:
    assert _found(r"unittest\.mock|monkeypatch\.setattr|mocker\.|fakeredis", "tests") == []


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    homes = (f"{ROOT}/", f"{ROOT.parent}/shared", "../" + "shared/")
    leaks = [
        f"{name}: {word}"
        for name, text in texts()
        for word in (*REGISTRIES, *homes)
        if word in text.replace("\\", "")
    ]

    assert leaks == []


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_a_decision_is_a_page_of_context_decision_and_consequences() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text(), flags=re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name
        assert len(page.read_text().splitlines()) <= 60, page.name


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{name} -> {target}"
        for name, text in texts()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]

    assert broken == []
