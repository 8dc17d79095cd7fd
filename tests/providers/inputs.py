"""Inputs of a shot, lying in storage as a checked asset does: clean file, and rendition of a picture."""

import io
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from PIL import Image

from plugin_backend.domain.brief import Keyframe
from plugin_backend.files.storage import Storage
from worker.providers.protocol import InputFile


def picture(storage: Storage, asset_id: str, *, padding: int = 0) -> InputFile:
    """A picture asset; its rendition is that many bytes longer than need be."""
    jpeg = io.BytesIO()
    Image.new("RGB", (64, 36), asset_id.encode()[-1] * 0x010101 & 0xFFFFFF).save(jpeg, "JPEG")
    keys = {"clean": f"assets/{asset_id}/clean.png", "rendition": f"assets/{asset_id}/rendition.jpg"}
    storage.put_bytes(keys["clean"], b"\x89PNG")
    storage.put_bytes(keys["rendition"], jpeg.getvalue() + bytes(padding))
    return InputFile(key=keys["clean"], media_type="image/png", rendition=keys["rendition"])


def keyframes(storage: Storage, *at_seconds: float, padding: int = 0) -> dict[str, Any]:
    """Keyframes at these times with their inputs: what `Rig.shot` takes."""
    frames = [Keyframe(f"ast_{number:04d}", Fraction(at)) for number, at in enumerate(at_seconds)]
    files = {frame.asset_id: picture(storage, frame.asset_id, padding=padding) for frame in frames}
    return {"keyframes": tuple(frames), "inputs": files}


def film(fetched: Mapping[str, Any]) -> InputFile:
    """A film of ours, from what was fetched."""
    (file,) = fetched["files"]
    return InputFile(key=file["key"], media_type="video/mp4")


def renamed(storage: Storage, file: InputFile, key: str) -> InputFile:
    """The same file under another key."""
    storage.put_bytes(key, storage.get_bytes(file.key))
    return replace(file, key=key)
