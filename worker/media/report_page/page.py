"""Filling the page: what the template shows, all of it from the report and the clip's course."""

import functools
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from worker.media.course import Course
from worker.media.looks import graded_space
from worker.media.report import COLOUR_LABELS
from worker.media.report_page.charts import Chart, light_chart, loudness_chart, nits_chart, plain_chart
from worker.media.report_page.direction import direction_shown
from worker.media.report_page.pictures import data_address, waveform_picture, waveform_ticks

_TEMPLATE: Final = "report.html"
_LEAST_MOTION: Final = 0.1
_LEAST_FLICKER: Final = 5.0
_NOTICED: Final = {
    "black": "Black",
    "frozen": "Frozen",
    "duplicate": "Shown twice",
    "flicker": "Flickering",
    "cut": "Cuts",
}
_CHECKSUM: Final = re.compile(r"[0-9a-f]{64}")
_UNITS: Final = ("bytes", "kB", "MB", "GB")
_GAMUTS: Final = {"rec709": "Rec. 709", "p3-d65": "P3 D65", "bt2020": "BT.2020"}


def render_page(
    report: Mapping[str, Any],
    plan: ConformPlan,
    course: Course | None,
    drawings: Mapping[str, bytes] | None = None,
) -> str:
    """`report.html` of a `report.json`; without a course it has no curves and no pictures.

    `drawings` are the direction's own: `frame` (PNG) and `motion` (SVG).
    """
    page: str = _template().render(
        report=report,
        clip=report["clip"],
        prompt=_prompt(report["asked"]),
        seconds=float(plan.frame_count / plan.frame_rate.fraction),
        rate=_spelt_rate(plan.frame_rate.fraction),
        rows=_facts(report),
        times=_times(plan),
        direction=direction_shown(report["direction"], drawings or {}),
        seen=None if course is None else _seen(report, plan, course),
        loudness=_loudness(report["sound"]),
        groups=_grouped(report["checks"]),
        failed=_grouped([check for check in report["checks"] if not check["pass"]]),
        passed=sum(check["pass"] for check in report["checks"]),
    )
    return page


@functools.cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("worker.media.report_page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"size": _spelt_size, "short": _shortened}
    return environment.get_template(_TEMPLATE)


def _seen(report: Mapping[str, Any], plan: ConformPlan, course: Course) -> dict[str, Any]:
    space = graded_space(plan)
    return {
        "stills": [
            {
                "address": data_address(still.jpeg, "image/jpeg"),
                "timecode": str(plan.timecode(still.frame)),
                "frame": still.frame,
            }
            for still in course.stills
        ],
        "waveform": waveform_picture(course.waveform),
        "levels": waveform_ticks(space),
        "space": COLOUR_LABELS[space],
        "charts": _charts(report),
        "events": _events(report["noticed"], plan.frame_count),
        "gamuts": [(_GAMUTS[name], share) for name, share in report["gamut"]["inside"].items()],
    }


def _charts(report: Mapping[str, Any]) -> list[Chart]:
    curves = report["over_time"]
    light = [] if report["light"] is None else [nits_chart(report["light"])]
    motion = plain_chart(
        "motion",
        curves["motion_widths_per_second"],
        title="Motion",
        unit="picture widths a second",
        least=_LEAST_MOTION,
    )
    flicker = plain_chart(
        "flicker", curves["flicker_codes"], title="Flicker", unit="8-bit codes", least=_LEAST_FLICKER
    )
    return [*light, light_chart(curves["luminance_stops"]), motion, flicker]


def _loudness(sound: Mapping[str, Any] | None) -> Chart | None:
    if sound is None or not sound["momentary_lufs"]:
        return None
    return loudness_chart(sound["momentary_lufs"], whole=sound["loudness_lufs"])


def _events(noticed: Mapping[str, Any], frames: int) -> list[dict[str, Any]]:
    """Each kind with its runs: where they lie along the clip in per cent, and what they are called."""
    return [
        {
            "kind": kind,
            "title": title,
            "count": noticed[kind]["count"],
            "runs": [
                {
                    "left": round(100 * run["first"] / frames, 3),
                    "width": round(100 * (run["last"] - run["first"] + 1) / frames, 3),
                    "label": run["from"] if run["first"] == run["last"] else f"{run['from']} to {run['to']}",
                }
                for run in noticed[kind]["runs"]
            ],
        }
        for kind, title in _NOTICED.items()
    ]


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the first file is, for the top of the page."""
    master, clip = report["files"][0], report["clip"]
    rows = [
        ("Master", f"{master['codec']}, {master['width']} x {master['height']}"),
        ("Colour", f"{master['colour']['label']}, {master['bit_depth']} bits"),
        ("Reel", clip["reel"]),
    ]
    if (light := report["light"]) is not None:
        mastering = light["mastering"]
        told = f"MaxCLL {light['max_cll']}, MaxFALL {light['max_fall']} cd/m2"
        rows.append(("Light", f"{told}; {mastering['gamut']}, {mastering['max_luminance']:,} cd/m2"))
    if (sound := report["sound"]) is not None:
        loudness = "silent" if sound["loudness_lufs"] is None else f"{sound['loudness_lufs']:.1f} LUFS"
        rows.append(("Sound", loudness))
    labels = [name for name in ("upscaled", "expanded") if clip[name]]
    return [*rows, *([("Made from less", " and ".join(labels))] if labels else [])]


def _times(plan: ConformPlan) -> list[str]:
    last = plan.frame_count - 1
    return list(dict.fromkeys(str(plan.timecode(frame)) for frame in (0, last // 2, last)))


def _grouped(checks: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for check in checks:
        groups.setdefault(check["file"], []).append(check)
    return list(groups.items())


def _prompt(asked: Mapping[str, Any]) -> str | None:
    prompt = asked.get("generation", {}).get("brief", {}).get("prompt")
    return str(prompt) if prompt else None


def _shortened(text: str) -> str:
    """A checksum by its beginning: the list of files has all of it."""
    return f"{text[:16]}…" if _CHECKSUM.fullmatch(text) else text


def _spelt_rate(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def _spelt_size(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}" if unit else f"{count} {_UNITS[0]}"
