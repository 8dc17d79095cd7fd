"""Opening a stranger's recording: one demuxer, one open file, and no way from there to any other."""

from typing import BinaryIO

import av
from av.container import InputContainer

from worker.media.inspection.kinds import FileType


def open_recording(file: BinaryIO, file_type: FileType) -> InputContainer:
    """The container, by the demuxer its first bytes name: nothing is guessed, nothing else is opened."""
    container = av.open(file, format=file_type.decoder, metadata_errors="replace")
    assert isinstance(container, InputContainer)
    return container
