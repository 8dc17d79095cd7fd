from pathlib import Path

from worker.director.thresholds import THRESHOLDS

DOCUMENT = Path(__file__).parents[3] / "docs" / "direction.md"


def test_the_document_lists_every_limit_as_it_is() -> None:
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    for name, each in THRESHOLDS.items():
        assert f"| {name} | {each.limit} | {each.unit} | {each.validated} |" in rows
