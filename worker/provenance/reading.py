"""Reads a file's Content Credentials: who signed, what they say, and whether the bytes are those signed."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import c2pa

from worker.provenance.claims import FRAMES_LABEL, GENERATION_LABEL
from worker.provenance.library import WatchedFile, library_context, signed_format, store_of

_SIDECAR_FORMAT: Final = "application/c2pa"
_LIST_FORMAT: Final = "text/plain"
_LONGEST_TEXT: Final = 500
_MOST: Final = 100  # ingredients, actions or failures that are told

_TRUSTED: Final = "signingCredential.trusted"

# What these say is who signed and when, not what became of the bytes.
_ABOUT_THE_SIGNER: Final = frozenset(
    {"signingCredential.untrusted", "signingCredential.expired", "claimSignature.outsideValidity"}
)


def read_credentials(path: Path, *, name: str, sidecar: bytes | None, roots: str) -> dict[str, Any]:
    """What the file (or what lies beside it) tells; plain data, `found` is None when there is nothing.

    `is_intact` is None where nothing can be said. `is_trusted` means that the signer's chain ends in `roots`.
    """
    context = library_context(roots)
    try:
        if sidecar is None:
            return _embedded(path, name=name, context=context)
        listed = _listed_frames(sidecar, context=context)
        if listed is not None:
            return _of_sequence(path, name=name, listed=listed, sidecar=sidecar, context=context)
        with WatchedFile.open(path, "rb") as file:
            reader = c2pa.Reader(signed_format(name), file, sidecar, context=context)
            return {"found": "sidecar", **_told(reader)}
    except c2pa.C2paError as error:
        return _nothing(_short(str(error)))


def _embedded(path: Path, *, name: str, context: Any) -> dict[str, Any]:
    with WatchedFile.open(path, "rb") as file:
        try:
            reader = c2pa.Reader.try_create(signed_format(name), file, context=context)
        except c2pa.C2paError.NotSupported:
            return _nothing("This kind of file holds no credentials itself; give the sidecar beside it.")
        if reader is None:
            return _nothing(None)
        return {"found": "embedded", **_told(reader)}


def _nothing(problem: str | None) -> dict[str, Any]:
    return {
        "found": None,
        "is_intact": None if problem is None else False,
        "is_trusted": False,
        "failures": [],
        "chain": [],
        "frame": None,
        "problem": problem,
    }


def _listed_frames(sidecar: bytes, *, context: Any) -> str | None:
    """The checksum list that the credential of a sequence carries."""
    with c2pa.Reader(_SIDECAR_FORMAT, io.BytesIO(sidecar), context=context) as reader:
        active = _active(store_of(reader))
    data = _assertion(active, FRAMES_LABEL)
    listed = data.get("sha256") if data else None
    return listed if isinstance(listed, str) else None


def _of_sequence(path: Path, *, name: str, listed: str, sidecar: bytes, context: Any) -> dict[str, Any]:
    """A frame is intact when the signed list holds its checksum; so is the list itself."""
    reader = c2pa.Reader(_LIST_FORMAT, io.BytesIO(listed.encode()), sidecar, context=context)
    told = {"found": "sequence", **_told(reader)}
    with path.open("rb") as file:
        own = hashlib.file_digest(file, "sha256").hexdigest()
    lines = [line.partition("  ") for line in listed.splitlines()]
    names = [_short(frame) for checksum, _, frame in lines if checksum == own]
    is_list = own == hashlib.sha256(listed.encode()).hexdigest()
    listed_as = name if name in names else next(iter(names), None)
    frame = None if is_list else {"listed_as": listed_as, "frames": len(lines)}
    if not is_list and not names:
        known = any(_short(each) == name for _, _, each in lines)
        told["failures"].append(_not_of_the_sequence(known=known))
        told["is_intact"] = False
    return {**told, "frame": frame}


def _not_of_the_sequence(*, known: bool) -> dict[str, str]:
    if known:
        return {"code": "frame.mismatch", "explanation": "the frame is not the one that was signed"}
    return {"code": "frame.unknown", "explanation": "no frame of the signed sequence is this file"}


def _told(reader: Any) -> dict[str, Any]:
    with reader:
        store, state = store_of(reader), reader.get_validation_state()
    failures = list(_failures(store))
    about = [each["code"] for each in failures]
    about_bytes = [code for code in about if code not in _ABOUT_THE_SIGNER]
    return {
        "is_intact": not about_bytes and (state in ("Valid", "Trusted") or bool(failures)),
        "is_trusted": _TRUSTED in _codes(store, "success") and "claimSignature.mismatch" not in about,
        "failures": failures,
        "chain": list(_chain(store)),
        "frame": None,
        "problem": None,
    }


def _codes(store: Mapping[str, Any], kind: str) -> list[str]:
    active = (store.get("validation_results") or {}).get("activeManifest") or {}
    return [str(each.get("code")) for each in active.get(kind) or []]


def _failures(store: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    results = store.get("validation_results") or {}
    groups = [results.get("activeManifest") or {}]
    groups += [each.get("validationDeltas") or {} for each in results.get("ingredientDeltas") or []]
    found = [failure for group in groups for failure in group.get("failure") or []]
    for failure in found[:_MOST]:
        yield {
            "code": _short(failure.get("code")),
            "explanation": _short(failure.get("explanation")),
        }


def _chain(store: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The manifests from the file back to where its picture came from, each once."""
    manifests = store.get("manifests") or {}
    waiting: list[tuple[str | None, str]] = [(store.get("active_manifest"), "")]
    seen: set[str] = set()
    while waiting and len(seen) < _MOST:
        label, relationship = waiting.pop(0)
        if label is None or label in seen or label not in manifests:
            continue
        seen.add(label)
        manifest = manifests[label]
        yield {"label": _short(label), "relationship": relationship or None, **_manifest(manifest)}
        ingredients = (manifest.get("ingredients") or [])[:_MOST]
        waiting += [(each.get("active_manifest"), _short(each.get("relationship"))) for each in ingredients]


def _manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    signature = manifest.get("signature_info") or {}
    actions = [action for action in _actions(manifest) if isinstance(action, Mapping)]
    types = [action["digitalSourceType"] for action in actions if action.get("digitalSourceType")]
    generators = manifest.get("claim_generator_info") or [{}]
    return {
        "title": _short(manifest.get("title")),
        "generator": _short(generators[0].get("name")),
        "signed_by": {
            "name": _short(signature.get("common_name")),
            "organisation": _short(signature.get("issuer")),
            "algorithm": _short(signature.get("alg")),
            "at": _short(signature.get("time")),
        },
        "source_type": _short(str(types[0]).rpartition("/")[2]) if types else None,
        "actions": [_short(action.get("action")) for action in actions],
        "generation": _flat(_assertion(manifest, GENERATION_LABEL)),
    }


def _actions(manifest: Mapping[str, Any]) -> list[Any]:
    for label in ("c2pa.actions.v2", "c2pa.actions"):
        data = _assertion(manifest, label)
        if data:
            return list(data.get("actions") or [])[:_MOST]
    return []


def _assertion(manifest: Mapping[str, Any], label: str) -> Mapping[str, Any] | None:
    for assertion in manifest.get("assertions") or []:
        data = assertion.get("data")
        if assertion.get("label") == label and isinstance(data, Mapping):
            return data
    return None


def _active(store: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (store.get("manifests") or {}).get(store.get("active_manifest")) or {}
    return found


def _flat(data: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Our assertion's plain values; a stranger may have put anything under our label."""
    if data is None:
        return None
    plain = {name: data[name] for name in list(data)[:_MOST] if isinstance(data[name], str | int)}
    return {_short(name): _short(value) if isinstance(value, str) else value for name, value in plain.items()}


def _short(text: object) -> Any:
    """A stranger's text, fit for a terminal: of bounded length, without what would steer it."""
    if text is None:
        return None
    return "".join(each if each.isprintable() else "?" for each in str(text)[:_LONGEST_TEXT])
