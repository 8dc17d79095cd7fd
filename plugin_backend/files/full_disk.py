"""How a system says that a disk is full: the whole of it, our share of it, or what one file may have."""

import errno
import re
from typing import Final

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM_DETAIL: Final = "There is no room left on a disk that the work is written to."

_IN_WORDS: Final = re.compile(rf"\(os error ({'|'.join(map(str, NO_ROOM))})\)")


def no_room(error: Exception) -> int | None:
    """The error's number where it says in words alone that a disk is full, as the storage library does."""
    found = _IN_WORDS.search(str(error))
    return None if found is None else int(found[1])
