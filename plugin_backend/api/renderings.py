"""Generations, takes, deliveries and assets as the contract spells them; links are stable within the hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from plugin_backend.api.answers import Json
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.generations import GenerationView
from plugin_backend.db.rows import AssetRow, DeliveryFileRow, DeliveryRow, GenerationRow, TakeRow
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.lifecycle import GENERATION, GenerationState, TakeState
from plugin_backend.domain.making.lateness import Expectation
from plugin_backend.files.media_types import media_type_of
from plugin_backend.files.urls import LinkSigner
from plugin_backend.services.deliveries import DeliveryView
from plugin_backend.services.director.directing import ANSWERED_WITHIN

_FACTS = ("frame_rate", "frame_count", "width", "height", "dynamic_range")


class Renderer:
    """Spells rows for one answer: one signer, one moment."""

    def __init__(self, links: LinkSigner, *, public_url: str, now: datetime) -> None:
        self._links = links
        self._public_url = public_url
        self._now = now

    def generation(self, view: GenerationView) -> dict[str, Any]:
        """A generation with its takes and the deliveries made of them."""
        row = view.generation
        return {
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "brief": row.request["brief"],
            "label": row.label,
            "project_id": row.project_id,
            "owner_id": row.owner_id,
            "model": row.model,
            "provider": row.provider,
            "created_at": rfc3339(row.created_at),
            "updated_at": rfc3339(row.updated_at),
            "finished_at": rfc3339_or_none(row.finished_at),
            "expires_at": rfc3339_or_none(view.expires_at),
            "queue_position": view.queue_position,
            "progress": _progress(row, view.takes),
            "cost": _cost(row),
            "takes": [self._taken(take, view) for take in view.takes],
            "iterations": row.iteration,
            "max_iterations": row.max_iterations,
            "deliveries": [delivery_summary(each) for each in view.deliveries],
            "failure": row.failure,
            "cancel_requested": row.cancel_requested,
            "from_take_id": row.from_take_id,
            **_where_it_applies(view),
        }

    def take(self, row: TakeRow, *, label: str) -> dict[str, Any]:
        """A take with links to what can be looked at."""
        facts, files = row.facts or {}, row.files or {}
        return {
            "id": row.id,
            "generation_id": row.generation_id,
            "number": row.number,
            "iteration": row.iteration,
            "state": row.state,
            **{name: facts.get(name) for name in _FACTS},
            "seed": row.seed,
            "score": row.score,
            "measures": row.measures or {},
            "verdict": row.verdict,
            "progress": row.progress,
            "proxy": self._light(files.get("proxy")),
            "poster": self._light(files.get("poster")),
            "contact_sheet": self._light(files.get("contact_sheet")),
            "label": label,
            "picked": row.picked_at is not None,
            "picked_at": rfc3339_or_none(row.picked_at),
            "failure": row.failure,
        }

    def _taken(self, row: TakeRow, view: GenerationView) -> dict[str, Any]:
        """A take as part of its generation, whose media goes all at once."""
        shown = self.take(row, label=row.model or view.generation.model)
        return {**shown, "expires_at": rfc3339_or_none(view.expires_at)}

    def delivery(self, view: DeliveryView) -> dict[str, Any]:
        """A delivery with its files and clips."""
        row = view.delivery
        several = sum(each.sequence is not None for each in view.files) > 1
        return {
            "id": row.id,
            "take_id": row.take_id,
            "storyboard_id": row.storyboard_id,
            "host": row.host,
            "master_format": row.request.get("master_format"),
            "exr_profile": row.request.get("exr_profile"),
            "sequence": row.request.get("sequence"),
            "asked": dict(row.request),
            "state": row.state,
            "failure": row.failure,
            "progress": row.progress,
            "files": [self.file(each, of_several=several) for each in view.files],
            "clips": row.clips or [],
            "archive": self._archive(row),
            "created_at": rfc3339(row.created_at),
            "updated_at": rfc3339(row.updated_at),
            "finished_at": rfc3339_or_none(row.finished_at),
            "expires_at": rfc3339_or_none(view.expires_at),
            "applied_at": rfc3339_or_none(row.applied_at),
        }

    def file(self, row: DeliveryFileRow, *, of_several: bool = False) -> dict[str, Any]:
        """A file with its link; an image sequence has none, its frames do, which are paged by themselves."""
        named = {
            "role": row.role,
            "name": row.name,
            "media_type": row.media_type,
            "bytes": row.bytes,
            "sha256": row.sha256,
        }
        if row.sequence is not None:
            path = f"sequences/{row.number}/frames" if of_several else "frames"
            frames_url = f"{self._public_url}/v1/deliveries/{row.delivery_id}/{path}"
            return {
                **named,
                "url": None,
                "expires_at": None,
                "sequence": {**row.sequence, "frames_url": frames_url},
            }
        return {**named, **self._link(row.key), "sequence": None}

    def frame(self, row: DeliveryFileRow) -> dict[str, Any]:
        """One frame of an image sequence."""
        return {
            "name": row.name,
            "frame": row.frame,
            "bytes": row.bytes,
            "sha256": row.sha256,
            **self._link(row.key),
        }

    def asset(self, row: AssetRow) -> dict[str, Any]:
        """An asset, with a link once it is ready."""
        clean = (row.files or {}).get("clean")
        return {
            "id": row.id,
            "state": row.state,
            "kind": row.kind,
            "filename": row.filename,
            "media_type": row.media_type,
            "bytes": row.bytes,
            "width": row.width,
            "height": row.height,
            "duration_seconds": row.duration_seconds,
            "problem": row.problem,
            "created_at": rfc3339(row.created_at),
            "updated_at": rfc3339(row.updated_at),
            "rights_attested": _attested(row),
            **(self._link(clean) if clean else {"url": None, "expires_at": None}),
        }

    def link(self, key: str) -> dict[str, str]:
        """Where a stored file can be fetched, and until when."""
        return self._link(key)

    def _link(self, key: str) -> dict[str, str]:
        link = self._links.download(key, now=self._now)
        return {"url": link.url, "expires_at": rfc3339(link.expires_at)}

    def _light(self, file: str | Mapping[str, Any] | None) -> dict[str, Any] | None:
        """A light file is kept as its key, perhaps with facts beside it."""
        if file is None:
            return None
        key = file if isinstance(file, str) else file["key"]
        facts = {} if isinstance(file, str) else {name: file[name] for name in file if name != "key"}
        return {**self._link(key), "media_type": media_type_of(key), **facts}

    def _archive(self, row: DeliveryRow) -> dict[str, Any] | None:
        if row.archive is None:
            return None
        shown = {name: value for name, value in row.archive.items() if name != "key"}
        key = row.archive.get("key")
        return {**shown, **(self._link(key) if key else {"url": None, "expires_at": None})}


def _cost(row: GenerationRow) -> dict[str, Any]:
    return {
        "credits_held": row.credits_held,
        "credits_settled": row.credits_settled,
        "draft_units": row.draft_units,
        "draft_units_used": row.draft_units_used,
    }


def _progress(row: GenerationRow, takes: Sequence[TakeRow]) -> float | None:
    if row.state is GenerationState.READY:
        return 1.0
    if row.state in GENERATION.terminal or not takes:
        return None
    done = [1.0 if take.state is TakeState.STORED else take.progress or 0.0 for take in takes]
    most = row.takes_wanted * (1 + row.max_iterations)  # further tries may come: never a step back for them
    return round(sum(done) / max(most, len(done)), 3)


def _where_it_applies(view: GenerationView) -> dict[str, Any]:
    row = view.generation
    members: dict[str, Any] = {}
    if view.expected is not None:
        members |= _expected(view.expected)
    elif row.state in GENERATION.unfinished and row.expected_seconds is not None:
        members["expected_at"] = rfc3339(row.created_at + timedelta(seconds=row.expected_seconds))
    stored = [take for take in view.takes if take.state is TakeState.STORED]
    if row.kind is Kind.DRAFT and row.state is GenerationState.READY and stored:
        best = max([take for take in stored if take.picked_at is not None] or stored, key=_score)
        href = f"/v1/takes/{best.id}/master"
        members["promotion"] = {"take_id": best.id, "href": href, "quote_href": f"{href}/quote"}
    if row.promotion is not None:
        members["promotion"] = dict(row.promotion)
    if row.state is GenerationState.PAUSED and row.paused_at is not None:
        answer_by = rfc3339(row.paused_at + ANSWERED_WITHIN)
        members["paused"] = {"since": rfc3339(row.paused_at), "answer_by": answer_by}
    further = {
        "retried_from": row.retried_from,
        "batch_id": row.batch_id,
        "recovered_from": row.recovered_from,
        "look": row.request.get("look"),
        "cancellation": view.cancellation,
    }
    return members | {name: value for name, value in further.items() if value is not None}


def _expected(expected: Expectation) -> dict[str, Any]:
    late = expected.late
    members: dict[str, Any] = {"expected_at": rfc3339(expected.at)}
    if late is not None:
        members["late"] = {"since": rfc3339(late.since), "reason": late.reason, "why": late.why}
    return members


def _attested(row: AssetRow) -> Json | None:
    if row.attested_at is None:
        return None
    return {"by": row.attested_by, "at": rfc3339(row.attested_at)}


def _score(take: TakeRow) -> tuple[float, int]:
    return take.score or 0.0, -take.number


def _summed_up(failure: Mapping[str, Any]) -> Json:
    """Without the single checks: the delivery itself tells them."""
    return {name: value for name, value in failure.items() if name != "checks"}


def delivery_summary(row: DeliveryRow) -> Json:
    return {
        "id": row.id,
        "take_id": row.take_id,
        "host": row.host,
        "master_format": row.request.get("master_format"),
        "state": row.state,
        "progress": row.progress,
        "failure": None if row.failure is None else _summed_up(row.failure),
        "applied_at": rfc3339_or_none(row.applied_at),
    }
