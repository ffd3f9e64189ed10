"""An artefact is a model as named parts of bytes, in formats that hold numbers and no code: JSON, npz, LightGBM's text."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.registry.errors import RegistryError

FORMATS = (".json", ".npz", ".txt")
"""JSON; arrays of numpy without objects; a booster as LightGBM writes it (Booster.model_to_string)."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Artefact:
    """A model that was trained: parts by name (lower case, ending in one of FORMATS).

    Errors: RegistryError where a part has another name or format. Nothing of a part is ever run as code.
    """

    parts: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if not self.parts:
            raise RegistryError("an artefact has no part, expected one or more")
        for name, content in self.parts.items():
            if not _NAME.fullmatch(name) or not name.endswith(FORMATS):
                raise RegistryError(
                    f"an artefact has a part {name!r}, expected lower case and one of {', '.join(FORMATS)}"
                )
            if not isinstance(content, bytes):
                raise RegistryError(f"the part {name} of an artefact is a {type(content).__name__}, expected bytes")

    @property
    def manifest(self) -> bytes:
        """Give the list of parts with their digests, as canonical JSON."""
        return canonical({name: digest_of(content) for name, content in self.parts.items()})

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the manifest: equal where all parts are, and nowhere else."""
        return digest_of(self.manifest)

    def json(self, name: str) -> object:
        """Give a part that is JSON. Errors: RegistryError where there is none."""
        return json.loads(self._part(name))

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Give the arrays of a part that is npz; one with objects in it is refused. Errors: RegistryError."""
        try:
            with np.load(io.BytesIO(self._part(name)), allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        except ValueError as error:
            raise RegistryError(f"the part {name} of an artefact cannot be read: {error}") from error

    def text(self, name: str) -> str:
        """Give a part that is text, such as a booster. Errors: RegistryError where there is none."""
        return self._part(name).decode("utf-8")

    def _part(self, name: str) -> bytes:
        if name not in self.parts:
            raise RegistryError(f"the artefact has no part {name}, expected one of {', '.join(sorted(self.parts))}")
        return self.parts[name]


def json_part(value: object) -> bytes:
    """Write a part that is JSON; equal values give equal bytes. NaN is refused: write None."""
    return canonical(value)


def arrays_part(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Write a part that is npz; equal arrays give equal bytes. Errors: RegistryError for arrays of objects."""
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise RegistryError(f"the array {name} holds objects, expected numbers or texts")
    target = io.BytesIO()
    np.savez(target, **{name: arrays[name] for name in sorted(arrays)})
    return target.getvalue()


def canonical(value: object) -> bytes:
    """Write a value as JSON in one way: keys in order, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def digest_of(content: bytes) -> str:
    """Give the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
