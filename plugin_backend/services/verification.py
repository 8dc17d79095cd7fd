"""Says of any file whether its Content Credentials hold: who signed, what it is, whether it was changed.

The file may be anybody's, so it is read by `python -m worker.provenance`: a child without secrets or network,
bounded in memory and time, which this process only starts and listens to.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, assert_never

import structlog

import plugin_backend
from plugin_backend.config import inherited_environ
from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.signing import DEVELOPMENT_NAME

_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_UNREADABLE: Final = "The file could not be read; it is damaged, or reading it takes more than a file may."
_LOOK_AGAIN_SECONDS: Final = 2
_EXPIRED: Final = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})

_ABOUT_THE_SIGNER: Final = _EXPIRED | {"signingCredential.untrusted"}

_TOLD: Final = ("generation_id", "take_number", "kind", "model", "generator", "seed", "delivery_id")

_SOURCES: Final[Mapping[str, str]] = {
    "trainedAlgorithmicMedia": "made by a trained model",
    "algorithmicMedia": "drawn by rule, without a trained model",
}

_log = structlog.get_logger(__name__)


class Verdict(StrEnum):
    """What became of the bytes."""

    INTACT = "intact"
    ALTERED = "altered"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class SignerStanding(StrEnum):
    """What the signature is worth."""

    TRUSTED = "trusted"
    DEVELOPMENT = "development"  # of this deployment, and of no worth to anyone else
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found out about a file; the chain runs from the file back to where its picture came from."""

    name: str
    verdict: Verdict
    found: str | None = None  # embedded, sidecar or sequence
    signer: SignerStanding | None = None
    chain: tuple[Mapping[str, Any], ...] = ()
    failures: tuple[Mapping[str, str], ...] = ()
    frame: Mapping[str, Any] | None = None
    problem: str | None = None

    @property
    def is_good(self) -> bool:
        """Intact, and signed by somebody this deployment knows."""
        known = self.signer in (SignerStanding.TRUSTED, SignerStanding.DEVELOPMENT)
        return self.verdict is Verdict.INTACT and known

    @property
    def signed_by(self) -> Mapping[str, Any] | None:
        """Name, organisation, algorithm and (where it was stamped) time."""
        return self.chain[0]["signed_by"] if self.chain else None

    @property
    def source_type(self) -> str | None:
        """What the picture is, by the nearest credential that says so, else by our own facts."""
        told = (each["source_type"] for each in self.chain if each["source_type"])
        return next(told, (self.generation or {}).get("source_type"))

    @property
    def generation(self) -> Mapping[str, Any] | None:
        """Our own facts: generation, take, model and more; None for other makers' files."""
        return next((each["generation"] for each in self.chain if each["generation"]), None)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same in plain words."""
        return (f"{self.name}: {_verdict_sentence(self)}", *_details(self))

    def to_json(self) -> dict[str, Any]:
        """As the API and `--json` show it."""
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "intact": self.verdict is Verdict.INTACT,
            "good": self.is_good,
            "found": self.found,
            "signer": None if self.signer is None else self.signer.value,
            "signed_by": None if self.signed_by is None else dict(self.signed_by),
            "source_type": self.source_type,
            "generation": None if self.generation is None else dict(self.generation),
            "chain": [dict(each) for each in self.chain],
            "frame": None if self.frame is None else dict(self.frame),
            "failures": [dict(each) for each in self.failures],
            "problem": self.problem,
            "summary": list(self.sentences),
        }


@dataclass(frozen=True, slots=True)
class VerifyingRoom:
    """Lets a few requests at a time start a child; the others come again."""

    seats: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))

    def verify(self, path: Path, *, name: str, sidecar: Path | None, roots: str) -> Verification:
        """As `verify`, within seconds; RateLimitedError while every seat is taken."""
        if not self.seats.acquire(blocking=False):
            raise RateLimitedError(_LOOK_AGAIN_SECONDS)
        try:
            return verify(path, name=name, sidecar=sidecar, roots=roots, within_seconds=20)
        finally:
            self.seats.release()


def verify(
    path: Path, *, name: str, sidecar: Path | None, roots: str, within_seconds: int = 3600
) -> Verification:
    """Read a file's credentials; chains that end in `roots` (PEM) are those of people we know."""
    asked = {
        "path": str(path.absolute()),
        "name": name,
        "sidecar": None if sidecar is None else str(sidecar.absolute()),
        "roots": roots,
        "parent": os.getpid(),
        "cpu_seconds": within_seconds,
    }
    found = _ask_child(asked, within_seconds=within_seconds)
    if found is None:
        return Verification(name=name, verdict=Verdict.UNREADABLE, problem=_UNREADABLE)
    return Verification(
        name=name,
        verdict=_verdict(found),
        found=found["found"],
        signer=_standing(found),
        chain=tuple(found["chain"]),
        failures=tuple(found["failures"]),
        frame=found["frame"],
        problem=found["problem"],
    )


def _ask_child(asked: Mapping[str, Any], *, within_seconds: int) -> dict[str, Any] | None:
    inherited = inherited_environ()
    environ: dict[str, str] = {name: inherited[name] for name in _INHERITED if name in inherited}
    environ["PYTHONPATH"] = str(Path(plugin_backend.__path__[0]).parent)
    try:
        child = subprocess.run(
            [sys.executable, "-m", "worker.provenance"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=within_seconds,
            env=environ,
            check=True,
        )
        found: dict[str, Any] = json.loads(child.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        _log.warning("verification.child-failed", reason=type(error).__name__)
        return None
    return found


def _verdict(found: Mapping[str, Any]) -> Verdict:
    if found["found"] is None:
        return Verdict.UNSIGNED if found["problem"] is None else Verdict.UNREADABLE
    return Verdict.INTACT if found["is_intact"] else Verdict.ALTERED


def _standing(found: Mapping[str, Any]) -> SignerStanding | None:
    if not found["chain"]:
        return None
    if any(failure["code"] in _EXPIRED for failure in found["failures"]):
        return SignerStanding.EXPIRED
    if not found["is_trusted"]:
        return SignerStanding.UNKNOWN
    # The chain ends in a root of ours, so nobody else can have put the development name into it.
    is_development = found["chain"][0]["signed_by"]["name"] == DEVELOPMENT_NAME
    return SignerStanding.DEVELOPMENT if is_development else SignerStanding.TRUSTED


def _verdict_sentence(found: Verification) -> str:
    match found.verdict:
        case Verdict.INTACT:
            return "intact, every byte is as it was signed."
        case Verdict.ALTERED:
            return "ALTERED since it was signed."
        case Verdict.UNSIGNED:
            return "holds no Content Credentials; nothing can be said of it."
        case Verdict.UNREADABLE:
            return f"cannot be verified. {found.problem}"
        case _:
            assert_never(found.verdict)


def _details(found: Verification) -> Iterator[str]:
    if found.signer is not None and found.signed_by is not None:
        name = found.signed_by["name"] or "somebody without a name"
        yield f"Signed by {name} ({found.signed_by['organisation'] or 'no organisation'}): " + _worth(
            found.signer
        )
    if found.source_type is not None:
        what = _SOURCES.get(found.source_type, "of another origin")
        yield f"The picture was {what} ({found.source_type})."
    if found.generation is not None:
        facts = found.generation
        told = (f"{key.replace('_', ' ')} {facts[key]}" for key in _TOLD if facts.get(key) is not None)
        yield f"It says of itself: {', '.join(told)}."
    if len(found.chain) > 1:
        yield "Made from: " + " <- ".join(str(each["title"]) for each in found.chain[1:]) + "."
    if found.frame is not None and found.frame["listed_as"] not in (None, found.name):
        yield f"It was signed under another name, as {found.frame['listed_as']}."
    about_bytes = [each for each in found.failures if each["code"] not in _ABOUT_THE_SIGNER]
    for failure in about_bytes:
        yield f"{failure['code']}: {failure['explanation']}."


def _worth(signer: SignerStanding) -> str:
    match signer:
        case SignerStanding.TRUSTED:
            return "trusted here."
        case SignerStanding.DEVELOPMENT:
            return "this deployment's development certificate, which nobody else trusts."
        case SignerStanding.EXPIRED:
            return "a certificate that has expired, or was not yet valid."
        case SignerStanding.UNKNOWN:
            return "NOT known here; anyone can sign under any name."
        case _:
            assert_never(signer)
