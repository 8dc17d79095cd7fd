"""Signs a delivery's files: the last thing done to a movie or still, beside a sequence of frames."""

import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import c2pa

from plugin_backend.signing import Credential, roots_of
from worker.media.operations import OperationContext, OperationError
from worker.provenance.claims import (
    Statement,
    TakeClaim,
    delivered_manifest,
    sequence_stem,
    take_manifest,
    take_title,
    with_frames,
)
from worker.provenance.library import (
    EMBEDDED,
    SIDECAR_SUFFIX,
    WatchedFile,
    library_context,
    library_signer,
    signed_format,
)

LIST_SUFFIX: Final = ".sha256"
_LIST_FORMAT: Final = "text/plain"
_MOST_STILLS: Final = 48
_FIRST_BEAT: Final = 1 << 20  # beyond any count of frames, so that each beat is news


@dataclass(frozen=True, slots=True)
class Ancestor:
    """An ingredient: a take's proxy with the take's own credential in it, or its name alone."""

    claim: TakeClaim
    path: Path | None

    @property
    def label(self) -> str:
        """How the manifest's actions name it."""
        return self.claim.take_id


@dataclass
class Sealer:
    """Signs for one run of a media operation."""

    statement: Statement
    credential: Credential
    context: OperationContext
    _beats: int = field(default=_FIRST_BEAT, init=False)

    def seal(self, path: Path) -> dict[str, Any]:
        """Sign a movie or still in place and read it back; nothing may write to it afterwards.

        Empty, and the file as it was, for what is no picture: a recording may be the editor's own.
        """
        if path.suffix.lower() not in EMBEDDED:
            return {}
        signed = path.with_name(f"{path.name}.signed")
        manifest = self._manifest(path.name, title=path.name)
        self._sign(manifest, path, signed, parent=self._parent, relationship="parentOf")
        signed.replace(path)
        return {"credential": self._told("embedded")}

    def seal_frames(self, name: str, frames: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
        """The checksum list of a sequence and the credential that signs it, by file name."""
        stem = sequence_stem(name)
        listed = "".join(f"{frame['sha256']}  {frame['name']}\n" for frame in frames)
        manifest = with_frames(self._manifest(name, title=stem), listed)
        with self._builder(manifest, parent=self._parent, relationship="parentOf") as builder:
            builder.set_no_embed()
            data = self._signed(builder, _LIST_FORMAT, io.BytesIO(listed.encode()), io.BytesIO())
        self._read_back(_LIST_FORMAT, io.BytesIO(listed.encode()), sidecar=data)
        return {f"{stem}{LIST_SUFFIX}": listed.encode(), f"{stem}{SIDECAR_SUFFIX}": data}

    def seals_each(self, name: str, frames: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the frames hold their credentials: a few stills do, a film of them is signed as a list."""
        return Path(name).suffix.lower() in EMBEDDED and len(frames) <= _MOST_STILLS

    @cached_property
    def _parent(self) -> Ancestor:
        """The take, its credential signed over its own proxy, with the draft's inside it, and so on."""
        parent: Ancestor | None = None
        for claim in self.statement.lineage:
            parent = self._ancestor(claim, made_from=parent)
        assert parent is not None, "a statement is about a take"
        return parent

    def _ancestor(self, claim: TakeClaim, *, made_from: Ancestor | None) -> Ancestor:
        fetched = self._proxy(claim)
        if fetched is None:
            return Ancestor(claim, None)
        signed = fetched.with_name(f"{claim.take_id}.signed.mp4")
        made_from_label = None if made_from is None else made_from.label
        manifest = take_manifest(claim, self.credential, made_from=made_from_label)
        self._sign(manifest, fetched, signed, parent=made_from, relationship="inputTo")
        fetched.unlink()
        return Ancestor(claim, signed)

    def _proxy(self, claim: TakeClaim) -> Path | None:
        """The take's movie; None when its media was deleted."""
        if claim.proxy_key is None:
            return None
        path = self.context.scratch / f"{claim.take_id}.mp4"
        try:
            self.context.storage.get_file(claim.proxy_key, path)
        except FileNotFoundError:
            return None
        return path

    def _manifest(self, name: str, *, title: str) -> dict[str, Any]:
        return delivered_manifest(name, self.statement, self.credential, title=title)

    def _sign(
        self,
        manifest: dict[str, Any],
        source: Path,
        signed: Path,
        *,
        parent: Ancestor | None,
        relationship: str,
    ) -> None:
        form = signed_format(source.name)
        with self._builder(manifest, parent=parent, relationship=relationship) as builder:
            opened = WatchedFile.open(source, "rb", pulse=self._pulse)
            with opened as unsigned, WatchedFile.open(signed, "w+b", pulse=self._pulse) as file:
                self._signed(builder, form, unsigned, file)
        shutil.copymode(source, signed)
        with WatchedFile.open(signed, "rb", pulse=self._pulse) as file:
            self._read_back(form, file, sidecar=None)

    def _builder(self, manifest: dict[str, Any], *, parent: Ancestor | None, relationship: str) -> Any:
        ingredient = None if parent is None else _ingredient(parent, relationship)
        if ingredient is not None and parent is not None and parent.path is None:
            manifest = {**manifest, "ingredients": [ingredient]}
        builder = c2pa.Builder(manifest, context=self._library)
        if ingredient is not None and parent is not None and parent.path is not None:
            with WatchedFile.open(parent.path, "rb", pulse=self._pulse) as file:
                builder.add_ingredient(ingredient, ingredient["format"], file)
        return builder

    def _signed(self, builder: Any, form: str, source: Any, target: Any) -> bytes:
        try:
            data: bytes = builder.sign(library_signer(self.credential), form, source, target)
        except c2pa.C2paError as error:
            detail = f"The file could not be signed by {self.credential.name}: {error}"
            raise OperationError("signing-failed", detail) from error
        return data

    def _read_back(self, form: str, file: Any, *, sidecar: bytes | None) -> None:
        try:
            with c2pa.Reader(form, file, sidecar, context=self._library) as reader:
                state = reader.get_validation_state()
        except c2pa.C2paError as error:
            raise OperationError("signing-failed", f"What was signed cannot be read back: {error}") from error
        if state not in ("Valid", "Trusted"):
            raise OperationError("signing-failed", "What was signed does not verify when it is read back.")

    @cached_property
    def _library(self) -> Any:
        return library_context(roots_of([self.credential]))

    def _told(self, kind: str) -> dict[str, Any]:
        return {
            "kind": kind,
            "signed_by": self.credential.name,
            "development": self.credential.is_development,
        }

    def _pulse(self) -> None:
        self._beats += 1
        self.context.progress(self._beats, self._beats + 1)


def open_sealer(arguments: Mapping[str, Any], context: OperationContext) -> Sealer | None:
    """The sealer that an operation's `provenance` argument asks for; None where nobody signs."""
    asked = arguments.get("provenance")
    if asked is None:
        return None
    return Sealer(Statement.from_json(asked["statement"]), Credential.from_json(asked["credential"]), context)


def _ingredient(parent: Ancestor, relationship: str) -> dict[str, Any]:
    return {
        "title": take_title(parent.claim),
        "format": "video/mp4",
        "relationship": relationship,
        "label": parent.label,
    }
