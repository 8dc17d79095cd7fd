"""What the demo prints: the same facts a panel would show."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

Advance = Callable[[int, float, str], None]


class Screen:
    """Tables and live bars on one console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(text)

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """A spinner while something goes on."""
        return self._console.status(what)

    def account(self, me: dict[str, Any]) -> None:
        """Quota and credits before anything is spent."""
        quota, credits = me["draft_quota"], me["credits"]
        self.say(
            f"[bold]{me['email']}[/] on plan {me['plan']['id']}: "
            f"{quota['remaining']} of {quota['limit']} drafts left today (resets {quota['resets_at']}), "
            f"{credits['available']:,} credits, {credits['held']} held"
        )

    def quotes(self, quotes: Sequence[dict[str, Any]]) -> None:
        """What each model would cost, draft beside master."""
        table = Table(title="Quote: nothing is spent yet", title_justify="left")
        for heading in ("model", "draft", "master", "draft : master", "note"):
            table.add_column(heading)
        for quote in quotes[:6]:
            table.add_row(
                quote["model"],
                _price(quote["draft"]),
                _price(quote["master"]),
                quote["ratio"]["cost"] or "-",
                quote["ratio_note"] or "; ".join(quote["reasons"]) or "possible",
            )
        self._console.print(table)

    @contextmanager
    def progress(self, title: str, names: Sequence[str]) -> Iterator[Advance]:
        """Live bars, one for each thing that is being made."""
        columns = (TextColumn("{task.description:<22}"), BarColumn(), TextColumn("{task.fields[state]:<11}"))
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as bars:
            tasks = [bars.add_task(f"{title}, {name}", total=1.0, state="queued") for name in names]

            def advance(index: int, done: float, state: str) -> None:
                bars.update(tasks[index], completed=done, state=state)

            yield advance
            for task in tasks:
                bars.update(task, completed=1.0)

    def takes(self, takes: Sequence[dict[str, Any]]) -> None:
        """Each take with what was measured of it."""
        table = Table(title="Takes", title_justify="left")
        for heading in ("take", "seed", "frames", "peak", "motion", "verdict"):
            table.add_column(heading)
        for take in takes:
            measures = take["measures"]
            table.add_row(
                str(take["number"]),
                str(take["seed"]),
                f"{take['frame_count']} at {take['frame_rate']}",
                f"{measures['luminance_peak_stops']:+.1f} stops",
                f"{measures['motion_mean_widths_per_second']:.3f} w/s",
                take["verdict"],
            )
        self._console.print(table)

    def delivery(self, delivery: dict[str, Any], folder: Path) -> None:
        """What lies in the folder now."""
        clip = delivery["clips"][0]
        self.say(
            f"[bold]{clip['name']}[/] {clip['frame_count']} frames at {clip['frame_rate']}, "
            f"from {clip['start_timecode']}, reel {clip['reel']}, "
            f"{clip['colour']['label']}, {clip['bit_depth']} bit"
        )
        for file in delivery["files"]:
            self.say(f"  {file['role']:<9} {folder / file['name']}  {file['bytes'] / 1e6:,.1f} MB")

    def money(self, receipts: Sequence[dict[str, Any]], ledger: Sequence[dict[str, Any]]) -> None:
        """The receipts, and the ledger they stand in."""
        for receipt in receipts:
            self.say(f"Receipt: {receipt['why']}")
        table = Table(title="Ledger, newest first", title_justify="left")
        for heading in ("entry", "kind", "available", "held", "generation"):
            table.add_column(heading)
        for entry in ledger:
            table.add_row(
                entry["id"],
                entry["kind"],
                f"{entry['available_delta']:+d}",
                f"{entry['held_delta']:+d}",
                entry["generation_id"] or "",
            )
        self._console.print(table)


def _price(tier: dict[str, Any] | None) -> str:
    if tier is None:
        return "-"
    return f"{tier['credits']} cr ({tier['resolution']})"
