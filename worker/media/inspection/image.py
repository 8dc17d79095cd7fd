"""Pictures: measured on the header, decoded by the one decoder they name, encoded anew in sRGB."""

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps

from worker.media.inspection.kinds import FileType, Kind
from worker.media.inspection.verdict import RefusedError, Verdict

MAX_BYTES: Final = 50 << 20
MAX_SIDE: Final = 8192
MAX_PIXELS: Final = 25_000_000
MIN_SIDE: Final = 16
POSTER_SIDE: Final = 512
_JPEG_QUALITY: Final = 95
_POSTER_QUALITY: Final = 85
RENDITION_SIDE: Final = 2048
RENDITION_BYTES: Final = 8 << 20
_RENDITION_QUALITIES: Final = (92, 80, 60)


def inspect_image(path: Path, file_type: FileType, *, folder: Path) -> Verdict:
    """The facts of a picture, and its clean copy."""
    if path.stat().st_size > MAX_BYTES:
        raise RefusedError(f"Pictures may have {MAX_BYTES >> 20} MB; save this one smaller or as JPEG.")
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # ours is lower, and its sentence says the size
    clean = _in_srgb(_decoded(path, file_type))
    if file_type.media_type == "image/jpeg":
        name, media_type = "clean.jpg", "image/jpeg"
        _pixels_only(clean).save(folder / name, quality=_JPEG_QUALITY, subsampling=0)
    else:
        name, media_type = "clean.png", "image/png"
        _pixels_only(clean).save(folder / name, compress_level=4)
    save_poster(clean, folder / "poster.jpg")
    save_rendition(clean, folder / "rendition.jpg")
    return Verdict(
        kind=Kind.IMAGE,
        media_type=media_type,
        width=clean.width,
        height=clean.height,
        file=name,
        poster="poster.jpg",
        rendition="rendition.jpg",
    )


def save_rendition(image: Image.Image, path: Path) -> None:
    """The picture as providers are given it: a JPEG within the limits of all of them, nothing see-through."""
    small = image.copy()
    small.thumbnail((RENDITION_SIDE, RENDITION_SIDE), Image.Resampling.LANCZOS)
    small = _on_ground(small, (0, 0, 0, 255)) if small.mode == "RGBA" else small
    for quality in _RENDITION_QUALITIES:
        _pixels_only(small).save(path, quality=quality, subsampling=0)
        if path.stat().st_size <= RENDITION_BYTES:
            return


def save_poster(image: Image.Image, path: Path) -> None:
    """A small JPEG to show in lists; transparency lies on grey."""
    small = image.copy()
    small.thumbnail((POSTER_SIDE, POSTER_SIDE))
    if small.mode == "RGBA":
        small = _on_ground(small, (64, 64, 64, 255))
    small.convert("RGB").save(path, quality=_POSTER_QUALITY)


def _on_ground(image: Image.Image, colour: tuple[int, int, int, int]) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, colour), image).convert("RGB")


def _decoded(path: Path, file_type: FileType) -> Image.Image:
    damaged = (
        f"This {file_type.name} is damaged or cut short; save it again from the application it came from."
    )
    try:
        with Image.open(path, formats=[file_type.decoder]) as image:
            _check_header(image)
            image.load()
            return ImageOps.exif_transpose(image)
    except RefusedError:
        raise
    except (OSError, SyntaxError, ValueError, IndexError, EOFError, OverflowError) as error:
        raise RefusedError(damaged) from error


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise RefusedError(
            f"This picture is {width} x {height}. Pictures may have {MAX_SIDE:,} pixels a side and "
            f"{MAX_PIXELS // 1_000_000} megapixels; scale it down and upload it again."
        )
    if min(width, height) < MIN_SIDE:
        raise RefusedError(f"This picture is {width} x {height}; send one of at least {MIN_SIDE} a side.")
    if getattr(image, "n_frames", 1) > 1:
        raise RefusedError("This is an animation; send one still, or a movie as MP4.")


def _in_srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB, by the picture's own profile where it has a readable one."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    colour = _eight_bit(image)
    profile = image.info.get("icc_profile")
    converted = _by_profile(colour, profile) if profile else None
    rgb = converted or colour.convert("RGB")
    if alpha is not None:
        rgb.putalpha(alpha)
    return rgb


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would clip, not scale
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.mode in ("P", "PA", "1", "LA", "RGBA"):
        return image.convert("RGB")
    return image


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile, or one of another colour model
        return None


def _pixels_only(image: Image.Image) -> Image.Image:
    """The pixels in a new picture: no profile, EXIF, comment or position comes along."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
