"""What a webhook message says and how it is signed: Standard Webhooks 1.0, symmetric."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from plugin_backend.domain.webhooks.webhooks import state_in

_PREFIX: Final = "whsec_"
_PATHS: Final = {
    "gen": "/v1/generations/",
    "dlv": "/v1/deliveries/",
    "whk": "/v1/webhooks/",
}


@dataclass(frozen=True, slots=True)
class Secret:
    """The 32 bytes that an endpoint's messages are signed with: made of the pepper, and kept nowhere."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, webhook_id: str, generation: int, *, pepper: str) -> "Secret":
        """An endpoint's first secret has generation 1; each rotation makes the next."""
        message = f"webhook secret:{webhook_id}:{generation}"
        return cls(hmac.digest(pepper.encode(), message.encode(), "sha256"))

    def spelt(self) -> str:
        """As its owner keeps it."""
        return _PREFIX + b64encode(self.key).decode()

    def sign(self, message_id: str, *, timestamp: int, body: bytes) -> str:
        """One entry of `webhook-signature`."""
        signed = f"{message_id}.{timestamp}.".encode() + body
        return "v1," + b64encode(hmac.digest(self.key, signed, "sha256")).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event on its way to one endpoint; ids only, never words."""

    id: str
    type: str
    subject_id: str
    data: Mapping[str, Any]
    at: datetime
    version: int
    workspace_id: str
    owner_id: str

    def body(self, *, public_url: str) -> bytes:
        """The bytes that are signed and sent: the same in every try."""
        path = _PATHS.get(self.subject_id.partition("_")[0])
        data = {
            "id": self.subject_id,
            **({} if (state := state_in(self.type)) is None else {"state": state}),
            **self.data,
            "workspace_id": self.workspace_id,
            "owner_id": self.owner_id,
            "version": self.version,
            **({} if path is None else {"url": f"{public_url}{path}{self.subject_id}"}),
        }
        said = {"type": self.type, "timestamp": _rfc3339(self.at), "data": data}
        return json.dumps(said, separators=(",", ":")).encode()


def headers_of(message_id: str, body: bytes, secrets: Sequence[Secret], *, now: datetime) -> dict[str, str]:
    """What goes with a message: a signature of every secret that is good now."""
    timestamp = int(now.timestamp())
    signatures = [secret.sign(message_id, timestamp=timestamp, body=body) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
