"""What we say of a file: which model made the take, from which draft, and what the delivery did to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import PurePath
from typing import Any, Final, Self

from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS
from plugin_backend.signing import Credential

GENERATION_LABEL: Final = "com.plugin-backend.generation"
FRAMES_LABEL: Final = "com.plugin-backend.frames"

_SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/{}"
_FRAMES: Final = frozenset(facts.suffix for facts in DELIVERY_FORMATS.values() if not facts.is_movie)
_UNUSED: Final = (
    "cawg.ai_generative_training",
    "cawg.ai_training",
    "cawg.ai_inference",
    "cawg.data_mining",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeClaim:
    """One take, as its credential tells it. No prompt and no name: those can be deleted, this cannot."""

    generation_id: str
    take_id: str
    take_number: int
    kind: str  # draft or master
    model: str
    provider: str
    generator: str  # the model's name for people
    is_trained: bool  # a learned model's picture, rather than a procedure's
    seed: str | None
    proxy_key: str | None  # its light movie, which the take's own credential is bound to
    commercial_use: str | None = None  # what its provider's terms said when it was asked for
    terms_as_of: str | None = None
    terms_url: str | None = None
    approval: Mapping[str, Any] | None = None
    """What stands of it: its status, as what and when somebody said so, and their opaque id."""

    @property
    def source_type(self) -> str:
        """The last word of its IPTC digital source type."""
        return "trainedAlgorithmicMedia" if self.is_trained else "algorithmicMedia"

    @property
    def facts(self) -> dict[str, Any]:
        """What stands in our own assertion."""
        kept = {
            name: value for name, value in asdict(self).items() if name not in ("is_trained", "proxy_key")
        }
        for name in ("commercial_use", "terms_as_of", "terms_url"):
            if kept[name] is None:
                del kept[name]
        approval = kept.pop("approval") or {}
        told = {f"approval_{name}": value for name, value in approval.items()}
        return {**kept, **told, "source_type": self.source_type}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """All that the credentials of one delivery say; the lineage runs from the first draft to the take."""

    delivery_id: str
    host: str
    lineage: tuple[TakeClaim, ...]
    done: tuple[str, ...]  # what the delivery did to the take, a sentence each: of files not told apart
    deeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The same of each file that is, by what it is `told_as`."""

    def to_json(self) -> dict[str, Any]:
        """As an argument of the media operation."""
        return {
            "delivery_id": self.delivery_id,
            "host": self.host,
            "lineage": [asdict(claim) for claim in self.lineage],
            "done": list(self.done),
            "deeds": {name: list(sentences) for name, sentences in self.deeds.items()},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            delivery_id=document["delivery_id"],
            host=document["host"],
            lineage=tuple(TakeClaim(**claim) for claim in document["lineage"]),
            done=tuple(document["done"]),
            deeds={name: tuple(sentences) for name, sentences in document["deeds"].items()},
        )

    def done_to(self, name: str) -> tuple[str, ...]:
        """What the delivery did in making the file of this name, or the sequence it is a frame of."""
        return self.deeds.get(told_as(name), self.done)

    @property
    def take(self) -> TakeClaim:
        """The one that is delivered."""
        return self.lineage[-1]


def take_manifest(claim: TakeClaim, credential: Credential, *, made_from: str | None) -> dict[str, Any]:
    """Of a take: it was created, by whom, and from which ingredient (its id in the manifest)."""
    created: dict[str, Any] = {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCE_TYPE.format(claim.source_type),
        "softwareAgent": {"name": claim.generator},
    }
    if made_from is not None:
        created["parameters"] = {"ingredientIds": [made_from]}
    return _manifest(
        take_title(claim),
        credential,
        actions=[created],
        facts=claim.facts,
    )


def delivered_manifest(
    name: str, statement: Statement, credential: Credential, *, title: str
) -> dict[str, Any]:
    """Of a delivered file, or a frame: the take was opened, conformed, and nothing was added to it."""
    actions: list[dict[str, Any]] = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [statement.take.take_id]}},
        *({"action": "c2pa.transcoded", "description": sentence} for sentence in statement.done_to(name)),
    ]
    facts = {**statement.take.facts, "delivery_id": statement.delivery_id, "host": statement.host}
    return _manifest(title, credential, actions=actions, facts=facts)


def with_frames(manifest: dict[str, Any], listed: str) -> dict[str, Any]:
    """The manifest of a sequence: it holds the list of its frames' checksums, as `sha256sum` writes it."""
    frames = {"label": FRAMES_LABEL, "data": {"sha256": listed}}
    return {**manifest, "assertions": [*manifest["assertions"], frames]}


def take_title(claim: TakeClaim) -> str:
    """What a take is called among the ingredients."""
    return f"{claim.kind} {claim.generation_id}, take {claim.take_number}"


def sequence_stem(name: str) -> str:
    """What the frames of a sequence share before their number: `shot` of `shot.0086400.exr`."""
    return re.sub(r"[._-]\d+\.[A-Za-z0-9]+$", "", name)


def told_as(name: str) -> str:
    """The file's name; of a frame its sequence's, as all frames of one are told of alike."""
    suffix = PurePath(name).suffix
    return f"{sequence_stem(name)}{suffix}" if suffix.lower() in _FRAMES else name


def _manifest(
    title: str, credential: Credential, *, actions: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]
) -> dict[str, Any]:
    loud = " (development certificate, not trusted)" if credential.is_development else ""
    return {
        "claim_version": 2,
        "title": title,
        "claim_generator_info": [
            {"name": f"plugin-backend{loud}", "version": version("plugin-backend")},
        ],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": list(actions), "allActionsIncluded": True}},
            {"label": GENERATION_LABEL, "data": dict(facts)},
            {
                "label": "cawg.training-mining",
                "data": {"entries": {use: {"use": "notAllowed"} for use in _UNUSED}},
            },
        ],
    }
