"""What an adapter may use while it writes its paid call: our files, links to them, and asking first."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from plugin_backend.files.storage import Storage
from worker.providers.http import Answer, Call, ProviderHttp
from worker.providers.messages import Attachment, Stream
from worker.providers.protocol import InputFile

_ASK_SECONDS: Final = 20.0
_MOST_KEPT: Final = 1_000


class InputRefusedError(Exception):
    """An input cannot go to this provider; the sentence says which and why."""

    def __init__(self, detail: str, *, slug: str = "invalid-input") -> None:
        self.slug = slug
        super().__init__(detail)


class NotReadyError(Exception):
    """An input was given and the provider is still reading it: nothing was started, try again in a moment."""


class TurnedDownError(Exception):
    """The provider turned down something that was asked before the paid call, such as an upload."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"HTTP {answer.status}")


class Uploads:
    """What this process has given a provider already: four takes of one brief send its frame once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def find(self, key: str) -> str | None:
        """The provider's name for a file of ours, while it holds."""
        with self._lock:
            name, until = self._kept.get(key, ("", 0.0))
        return name if until > time.monotonic() else None

    def keep(self, key: str, name: str, *, seconds: float) -> None:
        """Remember a file's name for so long."""
        with self._lock:
            self._kept[key] = (name, time.monotonic() + seconds)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """The provider does not know it any more."""
        with self._lock:
            self._kept.pop(key, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Lent to an adapter. A picture goes out as its rendition: a JPEG within every provider's limits."""

    http: ProviderHttp
    storage: Storage
    links: Callable[[str], str]
    uploads: Uploads = field(default_factory=Uploads)
    reading_seconds: float = 8.0
    """How long a provider is waited for while it reads what it was given."""

    def ask(self, call: Call, *, seconds: float = _ASK_SECONDS) -> Answer:
        """Ask something that costs nothing; `TurnedDownError` for anything but a success."""
        answer = self.http.send(call, seconds=seconds)
        if not answer.is_ok:
            raise TurnedDownError(answer)
        return answer

    def link(self, file: InputFile) -> str:
        """An address at which the provider can fetch a file of ours for the next hour."""
        return self.links(sent(file).key)

    def size(self, file: InputFile) -> int:
        """How many bytes would be sent."""
        return self.storage.head(sent(file).key).bytes

    def read(self, file: InputFile, *, most: int) -> bytes:
        """A file's bytes; `InputRefusedError` when there are more."""
        size = self.size(file)
        if size > most:
            raise InputRefusedError(f"An input has {size >> 20} MB; at most {most >> 20} MB can be sent.")
        return self.storage.get_bytes(sent(file).key)

    def attachment(self, file: InputFile, *, most: int) -> Attachment:
        """A file as one part of a form."""
        name = sent(file).key.rpartition("/")[2]
        return Attachment(filename=name, media_type=sent(file).media_type, content=self.read(file, most=most))

    def stream(self, file: InputFile) -> Stream:
        """A file as a body, read while it is sent."""
        length, chosen = self.size(file), sent(file)

        def chunks() -> Iterator[bytes]:
            return self.storage.open_range(chosen.key, 0, length)

        return Stream(length=length, media_type=chosen.media_type, chunks=chunks)


def sent(file: InputFile) -> InputFile:
    """The file as a provider gets it."""
    if file.rendition is None:
        return file
    return replace(file, key=file.rendition, media_type="image/jpeg")
