"""The editor's job, step by step: quota, quote, drafts, a pick, the master, the files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from plugin_backend.demo.client import Client, ProblemError
from plugin_backend.demo.screen import Screen

PROMPT: Final = (
    "Slow dolly in between tall pines in drifting fog at golden hour, "
    "sun low behind the trunks, soft lens flare"
)
_SEQUENCE: Final = {
    "frame_rate": "24000/1001",
    "width": 1920,
    "height": 1080,
    "colour_space": "rec709",
    "playhead_timecode": "01:00:10:00",
    "handles_frames": 0,
}
_DELIVERIES: Final[Mapping[str, dict[str, Any]]] = {
    "premiere-pro": {"master_format": "prores-422-hq", "timeline": ["otio", "fcp7xml", "fcpxml", "edl"]},
    "nuke": {"master_format": "exr-aces", "timeline": ["nuke", "otio"]},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the demo asks for."""

    duration_seconds: float = 3
    resolution: str = "1080p"
    takes: int = 2

    @property
    def sequence(self) -> dict[str, Any]:
        """The editor's sequence, as large as the master."""
        scale = 2 if self.resolution == "2160p" else 1
        return {**_SEQUENCE, "width": 1920 * scale, "height": 1080 * scale}


@dataclass(slots=True)
class Story:
    """What happened, for the page at the end."""

    draft: dict[str, Any] = field(default_factory=dict)
    master: dict[str, Any] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)


def live(client: Client, screen: Screen, output: Path, wishes: Wishes) -> Story:
    """Do the whole job; ProblemError when a step ends otherwise than ready."""
    story = Story()
    screen.account(client.get("/v1/me"))
    request = _request(wishes)
    screen.quotes(client.post("/v1/quotes", request)["quotes"])
    story.draft = _generate(client, screen, "Drafts", "/v1/generations", request)
    screen.takes(story.draft["takes"])
    for take in story.draft["takes"]:
        _keep_take(client, take, output / "drafts")
    picked = story.draft["takes"][0]
    wanted = {"resolution": wishes.resolution, "dynamic_range": "hdr", "sequence": wishes.sequence}
    path = f"/v1/takes/{picked['id']}/master"
    story.master = _generate(client, screen, "Master", path, wanted)
    take = story.master["takes"][0]
    _keep_take(client, take, output / "master")
    for host, delivery in _DELIVERIES.items():
        body = {"host": host, **delivery, "sequence": wishes.sequence}
        story.deliveries.append(_deliver(client, screen, take, body, folder=output / host))
    for generation in (story.draft, story.master):
        story.receipts.append(client.get(f"/v1/generations/{generation['id']}/receipt"))
    story.ledger = client.get("/v1/me/ledger")["items"]
    screen.money(story.receipts, story.ledger)
    return story


def _request(wishes: Wishes) -> dict[str, Any]:
    return {
        "kind": "draft",
        "brief": {
            "prompt": PROMPT,
            "model": "animatic",
            "duration_seconds": wishes.duration_seconds,
            "resolution": "540p",
            "seed": 7,
        },
        "takes": wishes.takes,
        "sequence": wishes.sequence,
        "label": "SH010",
    }


def _generate(client: Client, screen: Screen, title: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    accepted = client.post(path, body)
    with screen.progress(title, [f"take {take['number']}" for take in accepted["takes"]]) as advance:
        ended = client.follow(f"/v1/generations/{accepted['id']}", _by_take(advance))
    return _ready(title, ended)


def _by_take(advance: Callable[[int, float, str], None]) -> Callable[[dict[str, Any]], None]:
    def seen(generation: dict[str, Any]) -> None:
        for index, take in enumerate(generation["takes"]):
            done = 1.0 if take["state"] == "stored" else 0.95 * (take.get("progress") or 0.0)
            advance(index, done, take["state"])

    return seen


def _deliver(
    client: Client, screen: Screen, take: dict[str, Any], body: dict[str, Any], *, folder: Path
) -> dict[str, Any]:
    host = body["host"]
    accepted = client.post(f"/v1/takes/{take['id']}/deliveries", body)
    with screen.progress(f"Delivery for {host}", [body["master_format"]]) as advance:
        ended = client.follow(
            f"/v1/deliveries/{accepted['id']}",
            lambda found: advance(0, found["progress"] or 0.0, found["state"]),
        )
    delivery = _ready(f"delivery for {host}", ended)
    with screen.waiting(f"downloading to {folder}"):
        for file in delivery["files"]:
            _keep_file(client, file, folder)
    screen.delivery(delivery, folder)
    return delivery


def _keep_file(client: Client, file: dict[str, Any], folder: Path) -> None:
    if file["sequence"] is None:
        client.download(file["url"], folder / file["name"])
        return
    for frame in client.pages(file["sequence"]["frames_url"]):
        client.download(frame["url"], folder / frame["name"])


def _keep_take(client: Client, take: dict[str, Any], folder: Path) -> None:
    for role, suffix in (("proxy", "mp4"), ("poster", "jpg"), ("contact_sheet", "jpg")):
        client.download(take[role]["url"], folder / f"take-{take['number']}-{role}.{suffix}")


def _ready(what: str, ended: dict[str, Any]) -> dict[str, Any]:
    if ended["state"] != "ready":
        failure = ended.get("failure") or {}
        raise ProblemError(
            f"The {what} ended as {ended['state']}: {failure.get('detail', 'no reason given')}"
        )
    return ended
