"""A delivery's own step: plan it, wait for its ranges, put it together."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from plugin_backend.domain.lifecycle import DELIVERY, DeliveryState
from plugin_backend.domain.work import Claim
from plugin_backend.services.delivering import conforming
from plugin_backend.services.delivering.conforming import DeliveredTake, DeliveryInHand
from plugin_backend.services.director.evaluating import directives_in, evaluation_in
from worker.bundles import Pack, clips_of, timeline_files
from worker.director.report import direction_section
from worker.provenance.telling import provenance_of
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take a claimed delivery one step on."""
    hand = conforming.look(runtime.house, claim)
    if hand is None:
        return
    if hand.delivery.state is DeliveryState.QUEUED:
        _begin(runtime, claim, hand)
    elif hand.delivery.state is DeliveryState.READY:
        _archive(runtime, claim, hand)
    elif hand.delivery.state in DELIVERY.terminal:
        runtime.house.storage.delete_prefix(hand.prefix, sparing={file.key for file in hand.files})
        conforming.removed(runtime.house, claim, hand)
    elif hand.broken is not None:
        failure = hand.broken.failure or {"slug": "internal", "detail": "A frame range could not be made."}
        conforming.failed(runtime.house, claim, hand, slug=failure["slug"], detail=failure["detail"])
    elif not hand.is_made:
        conforming.wait(runtime.house, claim, hand)
    elif not claim.lane.is_media:
        conforming.to_media(runtime.house, claim, hand)
    else:
        _finish(runtime, claim, hand)


def _begin(runtime: Runtime, claim: Claim, hand: DeliveryInHand) -> None:
    ranges = [(chunk.first, chunk.count) for part in hand.parts for chunk in part.plan.chunks]
    conforming.begin(runtime.house, claim, hand, ranges=ranges)


def _finish(runtime: Runtime, claim: Claim, hand: DeliveryInHand) -> None:
    """The files of each take, then the timelines of all."""
    house = runtime.house
    made = {number: _finished(runtime, claim, hand, part) for number, part in enumerate(hand.parts)}
    if any(found["refused"] for found in made.values()):
        _refuse(runtime, claim, hand, [*made.values()])
        return
    files = {number: found["files"] for number, found in made.items()}
    clips = [clip for number, part in enumerate(hand.parts) for clip in clips_of(part, files[number])]
    timelines = timeline_files(
        house.storage, hand, files, pack=_packer(runtime, claim), held=partial(runtime.held, claim)
    )
    every = [file for of_part in files.values() for file in of_part]
    house.failpoint("delivery:before-ready")
    conforming.ready(house, claim, hand, files=_rows([*every, *timelines]), clips=clips)
    house.failpoint("delivery:after-ready")
    house.storage.delete([key for found in made.values() for key in found["leftovers"]])


def _refuse(runtime: Runtime, claim: Claim, hand: DeliveryInHand, made: Sequence[Mapping[str, Any]]) -> None:
    """Some take's files are not what was asked for: every take's reports are all there will be."""
    refused = [found["refused"] for found in made if found["refused"]]
    reports = [file for found in made for file in found["files"] if file["role"] == "report"]
    conforming.not_as_asked(
        runtime.house,
        claim,
        hand,
        detail=refused[0]["detail"],
        checks=[check for each in refused for check in each["checks"]],
        reports=_rows(reports),
    )


def _finished(runtime: Runtime, claim: Claim, hand: DeliveryInHand, part: DeliveredTake) -> dict[str, Any]:
    """What `conform_finish` gives for one take; of a cut each report says whose it is."""
    arguments = {
        **part.work,
        "chunks": [chunk.result for chunk in part.chunks],
        "asked": {"delivery": hand.delivery.request, "generation": part.generation.request},
        "label": (part.take.facts or {})["label"],
        "provenance": provenance_of(runtime.house, part, runtime.credential),
        "direction": direction_section(directives_in(part.told), evaluation_in(part.seen)),
        "direction_pictures": None if part.seen is None else part.seen.pictures,
    }
    made = runtime.run_media("conform_finish", arguments, on_progress=runtime.renewing(claim))
    if hand.delivery.storyboard_id is None:
        return made
    stem = part.plan.name_stem
    files = [
        {**file, "name": f"{stem}_{file['name']}"} if file["role"] == "report" else file
        for file in made["files"]
    ]
    return {**made, "files": files}


def _archive(runtime: Runtime, claim: Claim, hand: DeliveryInHand) -> None:
    """The sequence's own row stands for its frames; those go in one by one."""
    members = [
        {"name": file.name, "key": file.key, "bytes": file.bytes, "sha256": file.sha256}
        for file in hand.files
        if file.sequence is None
    ]
    key = f"{hand.prefix}/{_name(hand)}.zip"
    made = _packer(runtime, claim)(members, key)
    archive = {"state": "ready", "name": key.rpartition("/")[2], **made}
    conforming.archived(runtime.house, claim, hand, archive=archive)


def _name(hand: DeliveryInHand) -> str:
    """The cut's own, or the shot's."""
    name: str = (hand.delivery.plan or {}).get("name") or hand.parts[0].plan.name_stem
    return name


def _packer(runtime: Runtime, claim: Claim) -> Pack:
    """Streams stored files into a zip, with the claim held meanwhile."""
    return lambda members, key: runtime.run_media(
        "build_archive", {"files": list(members), "key": key}, on_progress=runtime.renewing(claim)
    )


def _rows(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a file; an image sequence is a row of its own and one for each frame."""
    kept = ("role", "name", "media_type", "bytes", "sha256", "key")
    rows: list[dict[str, Any]] = []
    for file in files:
        rows.append({name: file[name] for name in kept})
        if "sequence" in file:
            rows[-1] |= {"sequence": file["sequence"], "name": file["sequence"]["pattern"]}
            rows += [
                {**frame, "role": file["role"], "media_type": file["media_type"]} for frame in file["frames"]
            ]
    return [{"frame": None, "sequence": None, **row} for row in rows]
