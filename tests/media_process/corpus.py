"""Files as strangers send them: good ones of each kind, and the hostile."""

import io
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageCms


def picture(width: int = 320, height: int = 180) -> Image.Image:
    """A gradient with a red corner at the top left, to see which way up it is."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, np.full_like(x, 90)], axis=-1).astype(np.uint8)
    pixels[: height // 4, : width // 4] = (230, 20, 20)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg_with_position(*, orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "secret caption"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return encoded(picture(), "JPEG", exif=exif, quality=95)


def png_in_wide_gamut() -> bytes:
    """A saturated green told in a profile whose numbers are not sRGB's: green and blue change places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return encoded(picture(), "PNG", icc_profile=profile.tobytes())


def huge_png(width: int = 20_000, height: int = 20_000, *, rows: int | None = None) -> bytes:
    """A small file whose header promises a wall; its data keeps the promise unless `rows` are fewer."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    data = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def zip_file() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("picture.png", encoded(picture(), "PNG"))
    return stream.getvalue()


def ffmpeg(path: Path, *arguments: str) -> Path:
    """Another program's file: made by a static ffmpeg, not by our own writers."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def movie(
    path: Path,
    *encode: str,
    seconds: float = 2,
    size: str = "320x180",
    rate: str = "24000/1001",
    sound: bool = False,
) -> Path:
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    return ffmpeg(path, *inputs, *(encode or ("-c:v", "libx264", "-pix_fmt", "yuv420p")))


def tone(path: Path, *encode: str, seconds: float = 2) -> Path:
    return ffmpeg(
        path, "-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=44100:duration={seconds}", *encode
    )
