"""The processes that only ask and wait are small: no library for pictures is imported before it is needed."""

import subprocess
import sys

import pytest

_PICTURES = ("numpy", "numba", "cv2", "av", "PyOpenColorIO", "OpenEXR")


@pytest.mark.parametrize("door", ["worker.__main__", "plugin_backend.app"])
def test_no_door_imports_a_library_for_pictures(door: str) -> None:
    script = f"import sys, {door}; print([name for name in {_PICTURES} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert found.stdout == b"[]\n"
