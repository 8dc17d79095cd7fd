"""Pieces of an SVG that reads on light and dark: each look is a colour of its own in either."""

from collections.abc import Sequence
from html import escape
from typing import Final

STYLE: Final = (
    ".ground{fill:#17181b}.plot{fill:#1f2125}.ink{fill:#e9eaec}.faint{fill:#a3a9b2}.grid{stroke:#4a4f57}"
    ".band{fill:#f0aa1e;fill-opacity:.24}.asked{stroke:#f0aa1e}.seen{stroke:#60bef5}.fault{stroke:#ff8a5c}"
    ".bad{fill:#ff8a5c}"
    "@media(prefers-color-scheme:light){.ground{fill:#fbfbfa}.plot{fill:#fff}.ink{fill:#1b1d20}"
    ".faint{fill:#565c64}.grid{stroke:#c3c8cf}.band{fill-opacity:.3}.asked{stroke:#a35c00}"
    ".seen{stroke:#0b67a8}.fault{stroke:#b3350a}.bad{fill:#b3350a}}"
)

# The dark ones stand on the pieces themselves too: where a page forbids styles the drawing still reads.
_COLOURS: Final = {
    "ground": "#17181b",
    "plot": "#1f2125",
    "ink": "#e9eaec",
    "faint": "#a3a9b2",
    "grid": "#4a4f57",
    "band": "#f0aa1e",
    "asked": "#f0aa1e",
    "seen": "#60bef5",
    "fault": "#ff8a5c",
    "bad": "#ff8a5c",
}


def words(
    x: float,
    y: float,
    text: str,
    look: str,
    *,
    size: int = 14,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    """A line of text."""
    return (
        f'<text class="{look}" fill="{_COLOURS[look]}" x="{x:g}" y="{y:g}" font-size="{size}"'
        f' font-weight="{weight}" text-anchor="{anchor}">{plain(text)}</text>'
    )


def box(look: str, x: float, y: float, width: float, height: float) -> str:
    """A filled rectangle."""
    opacity = ' fill-opacity="0.24"' if look == "band" else ""
    return (
        f'<rect class="{look}" fill="{_COLOURS[look]}"{opacity} x="{x:g}" y="{y:g}" width="{width:g}"'
        f' height="{height:g}"/>'
    )


def stroke(look: str, path: str, *, width: float = 1.0, dashed: bool = False) -> str:
    """A line along an SVG path."""
    dashes = ' stroke-dasharray="7 5"' if dashed else ""
    return (
        f'<path class="{look}" stroke="{_COLOURS[look]}" d="{path}" stroke-width="{width:g}"{dashes}'
        ' stroke-linejoin="round" stroke-linecap="round" fill="none"/>'
    )


def polyline(look: str, points: Sequence[tuple[float, float]], *, width: float) -> str:
    """A line through points; one alone is a dot."""
    (x, y), *more = points
    rest = " ".join(f"L{a:g} {b:g}" for a, b in more or [(x, y)])
    return stroke(look, f"M{x:g} {y:g} {rest}", width=width)


def plain(text: str) -> str:
    """Escaped, and without what XML cannot hold."""
    return escape("".join(c if c.isprintable() else " " for c in text))
