"""The inputs of a Luma Agents request: each is had and looked into before the job is accepted."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes import inputs
from tests.fakes.inputs import Clip, InputError
from tests.fakes.jobs import State
from tests.fakes.luma_matrix import RefusedError, references

if TYPE_CHECKING:
    from tests.fakes.luma import LumaAgents

_MOST_IMAGE = 50 << 20
_MOST_MOVIE = 200 << 20
_LONGEST = {"video_edit": 18.0, "video_reframe": 30.0}
_ROUNDING = 0.05  # a container's duration may be a frame over


async def source_of(luma: "LumaAgents", body: Mapping[str, Any]) -> Clip | None:
    """Look into every input; the movie to edit or reframe, if there is one."""
    source = None
    for place, reference in references(body):
        if place == "source":
            source = await _movie(luma, reference)
        else:
            await _image(luma, place, reference)
    longest = _LONGEST.get(body["type"])
    if source is not None and longest is not None and source.seconds > longest + _ROUNDING:
        raise RefusedError(f"source must be {longest:g} seconds or shorter")
    return source


async def _movie(luma: "LumaAgents", reference: Mapping[str, Any]) -> Clip:
    if "generation_id" in reference:
        return _generated(luma, "source", reference["generation_id"])
    data = await _bytes(luma, "source", reference, most=_MOST_MOVIE)
    if data is None:
        return Clip(1280, 720, 5.0)
    try:
        return inputs.clip_of(data)
    except InputError as error:
        raise RefusedError("source could not be decoded as a video") from error


async def _image(luma: "LumaAgents", place: str, reference: Mapping[str, Any]) -> None:
    if "generation_id" in reference:
        if not place.endswith("_frame"):
            raise RefusedError(f"{place}.generation_id is not supported")
        _generated(luma, place, reference["generation_id"])
        return
    data = await _bytes(luma, place, reference, most=_MOST_IMAGE)
    if data is not None and not inputs.is_image(data):
        raise RefusedError(f"{place} is not an image in a supported format")


async def _bytes(luma: "LumaAgents", place: str, reference: Mapping[str, Any], *, most: int) -> bytes | None:
    """The input itself; None for an address that this simulator is told not to fetch."""
    if "file_id" in reference:
        file = luma.files.ready(str(reference["file_id"]))
        if file is None:
            raise RefusedError(f"{place}.file_id was not found, or is not ready")
        return file.body
    if "url" in reference and not luma.conduct.fetches_inputs:
        return None
    try:
        data = (
            inputs.decoded(reference["data"])
            if "data" in reference
            else await inputs.fetched(str(reference["url"]), most=most)
        )
    except InputError as error:
        status = 413 if str(error) == "too large" else 422
        raise RefusedError(f"{place}: {error}", status=status) from error
    if len(data) > most:
        raise RefusedError(f"{place} is too large", status=413)
    return data


def _generated(luma: "LumaAgents", place: str, job_id: str) -> Clip:
    job = luma.jobs.get(str(job_id))
    if job is None:
        raise RefusedError(f"{place}.generation_id was not found")
    if job.state(luma.clock.now()) is not State.DONE or not job.outputs:
        raise RefusedError(f"{place}.generation_id has no output")
    made = job.outputs[0]
    return Clip(made.width, made.height, made.seconds)
