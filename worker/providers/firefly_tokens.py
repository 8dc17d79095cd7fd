"""Adobe's token service: client credentials for a token that lasts a day, fetched once and kept in memory."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from worker.providers.http import Ask, Call, NotSentError

_SCOPES: Final = "openid,AdobeID,session,additional_info,read_organizations,firefly_api,ff_apis"
_EARLY_SECONDS: Final = 3600.0  # a day's token is renewed at 23 h
_SHORTEST_SECONDS: Final = 60.0


class FireflyTokens:
    """How we show Adobe who we are: a key of the client, and a token that is renewed before it ends."""

    def __init__(self, *, client_id: str, client_secret: str, token_url: str) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._url = f"{token_url.rstrip('/')}/ims/token/v3"
        self._token = ""
        self._until = 0.0
        self._fetching = asyncio.Lock()

    @property
    def secrets(self) -> Sequence[str]:
        return (self._client_secret, self._token)

    async def headers(self, ask: Ask) -> Mapping[str, str]:
        """Many calls may wait here: one of them fetches the token for all."""
        async with self._fetching:
            if time.monotonic() >= self._until:
                await self._fetch(ask)
        return {"Authorization": f"Bearer {self._token}", "x-api-key": self._client_id}

    def renewed_after_401(self) -> bool:
        """A token may end before its time: then another is fetched, once."""
        was_held = self._until > 0.0
        self._until = 0.0
        return was_held

    async def _fetch(self, ask: Ask) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": _SCOPES,
        }
        answer = await ask(Call(method="POST", url=self._url, form=form, signed=False))
        token, seconds = answer.body.get("access_token"), answer.body.get("expires_in")
        if not answer.is_ok or not isinstance(token, str) or not token:
            raise NotSentError(f"Adobe's token service gave no token (HTTP {answer.status}).")
        lasts = float(seconds) if isinstance(seconds, int | float) else _SHORTEST_SECONDS
        self._token = token
        self._until = time.monotonic() + max(_SHORTEST_SECONDS, lasts - _EARLY_SECONDS)
