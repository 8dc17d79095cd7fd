"""How far every colour path is from OpenColorIO's exact transform, in codes of what is delivered.

    python -m bench.accuracy

Over ordinary pictures (animatic frames; skin, sky, leaves, neon and grey from dark to very bright) and over a
cube of everything the take's space can hold. A display's codes are of ten bits; a frame of light's are the
steps of the half float that holds a pixel's brightest channel.
"""

import time

from plugin_backend.domain.delivering.delivery_formats import SCENE_SPACES
from tests.media.colour_paths import PATHS, Error, coded_error, errors


def main() -> None:
    began = time.process_time()
    print(f"{'path':28} {'codes':>9}   {'pictures':^23}   {'whole cube':^23}")
    print(f"{'':28} {'':>9}   {'mean   p99.9     max':>23}   {'mean   p99.9     max':>23}")
    for path in PATHS:
        kind = "half" if path.wanted in SCENE_SPACES else "10 bits"
        found = errors(path)
        print(f"{path!s:28} {kind:>9}   {spelt(found['pictures'])}   {spelt(found['cube'])}")
    for depth in (8, 10, 12):
        name, coded = f"coded as 4:2:0 of {depth} bits", spelt(coded_error(depth))
        print(f"{name:28} {f'{depth} bits':>9}   {'':23}   {coded}")
    print(f"{len(PATHS)} paths, {time.process_time() - began:.0f} s of the processor")


def spelt(error: Error) -> str:
    return f"{error.mean:7.3f} {error.most:7.2f} {error.worst:7.1f}"


if __name__ == "__main__":
    main()
