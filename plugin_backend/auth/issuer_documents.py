"""What an issuer publishes: where its doors are, and its keys. Remembered for an hour, asked for with care.

The operator configured the issuer's own origin, so that may lie in our network; every other address that its
discovery document names must be https on a public host (`outbound.py`). No redirect is followed.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from plugin_backend.outbound import Guard, GuardedTransport, Origin, OutboundRefusedError
from plugin_backend.settings.sign_in import SignInSettings

_KEPT_SECONDS: Final = 3600.0
_LOOK_AGAIN_SECONDS: Final = 60.0
"""Keys of a name we do not know are asked for no more often than that, whatever came of it."""

_AWAY_SECONDS: Final = 5.0
"""The same where nothing is known yet."""

_STANDS_SECONDS: Final = 6 * 3600.0
"""How long keys stand that cannot be read anew."""

_LARGEST: Final = 256 * 1024
_TIMEOUT: Final = httpx.Timeout(5.0)


class IssuerError(Exception):
    """The issuer is away, or says what is not to be believed; the text is for our log and holds no secret."""


@dataclass(slots=True)
class _Kept:
    """What was found and when, when we last went to look, and what was in the way."""

    value: Any = None
    at: float = -math.inf
    tried_at: float = -math.inf
    problem: str = ""
    looking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_found(self) -> bool:
        return self.value is not None

    def told(self) -> Any:
        """It; IssuerError where nothing is known."""
        if self.value is None:
            raise IssuerError(self.problem or "it is being asked")
        return self.value


class IssuerDocuments:
    """Built once per process."""

    def __init__(
        self,
        settings: SignInSettings,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        assert settings.oidc_issuer is not None
        self.name = settings.oidc_issuer
        discovery = f"{self.name.rstrip('/')}/.well-known/openid-configuration"
        self._discovery = settings.oidc_discovery_url or discovery
        self._trusted = frozenset(Origin.of(each) for each in (self.name, self._discovery))
        transport = GuardedTransport(guard or Guard(trusted=self._trusted))
        self._http = httpx.Client(transport=transport, timeout=_TIMEOUT, trust_env=False)
        self._clock = clock
        self._kept = {"metadata": _Kept(), "keys": _Kept()}

    def metadata(self) -> Mapping[str, Any]:
        """Its discovery document."""
        found: Mapping[str, Any] = self._remembered("metadata", self._look_up_metadata, oldest=_KEPT_SECONDS)
        return found

    def endpoint(self, name: str) -> str:
        """Where one of its doors is."""
        found = self.metadata().get(name)
        if not isinstance(found, str):
            raise IssuerError(f"its discovery document has no {name}")
        if not found.startswith("https://") and Origin.of(found) not in self._trusted:
            raise IssuerError(f"its {name} is not https")
        return found

    def keys(self, *, is_unknown: bool = False) -> KeySet:
        """Its keys; `is_unknown`: the ones at hand lack one, so there may be newer ones."""
        oldest = _LOOK_AGAIN_SECONDS if is_unknown else _KEPT_SECONDS
        found: KeySet = self._remembered("keys", self._look_up_keys, oldest=oldest)
        return found

    def ask(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """An answer's JSON object; what went wrong names the address and no secret."""
        said = {"Accept": "application/json", **(headers or {})}
        asked = self._http.build_request(method, address, data=form, headers=said)
        where = f"{asked.url.host}{asked.url.path}"
        try:
            answer = self._http.send(asked, stream=True)
            try:
                content = _bounded(answer, where)
            finally:
                answer.close()
        except (httpx.HTTPError, OutboundRefusedError) as error:
            raise IssuerError(f"{where}: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise IssuerError(f"{where}: HTTP {answer.status_code}")
        return _object(content, where)

    def _look_up_metadata(self) -> Mapping[str, Any]:
        found = self.ask("GET", self._discovery)
        if found.get("issuer") != self.name:
            raise IssuerError("its discovery document is another issuer's")
        return found

    def _look_up_keys(self) -> KeySet:
        found = self.ask("GET", self.endpoint("jwks_uri"))
        try:
            return KeySet.import_key_set(found)  # type: ignore[arg-type]  # whatever it is, it is checked there
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise IssuerError("its keys cannot be read") from error

    def _remembered(self, what: str, look: Callable[[], Any], *, oldest: float) -> Any:
        """What is at hand, unless it is too old: then one thread looks, others go on with what there is."""
        kept = self._kept[what]
        if self._is_good(kept, oldest):
            return kept.told()
        if not kept.looking.acquire(blocking=not kept.is_found):
            return kept.told()
        try:
            if not self._is_good(kept, oldest):
                self._look(kept, look)
            return kept.told()
        finally:
            kept.looking.release()

    def _is_good(self, kept: "_Kept", oldest: float) -> bool:
        """Young enough, or looked for a moment ago, whatever came of that."""
        now, pause = self._clock(), _LOOK_AGAIN_SECONDS if kept.is_found else _AWAY_SECONDS
        return now - kept.at < oldest or now - kept.tried_at < pause

    def _look(self, kept: "_Kept", look: Callable[[], Any]) -> None:
        """Look once; while the issuer is away, what is known stands for some hours."""
        kept.tried_at = self._clock()
        try:
            kept.value, kept.problem = look(), ""
            kept.at = kept.tried_at
        except IssuerError as error:
            kept.problem = str(error)
            if kept.tried_at - kept.at >= _STANDS_SECONDS:
                kept.value = None


def _bounded(answer: httpx.Response, where: str) -> bytes:
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > _LARGEST:
            raise IssuerError(f"{where}: says too much")
    return content


def _object(content: bytes, where: str) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise IssuerError(f"{where}: no JSON") from error
    if not isinstance(found, dict):
        raise IssuerError(f"{where}: no JSON object")
    return found
