"""Asks the package index that pip is set up with what it knows of a package; only where a person wants it (`--online`)."""

from __future__ import annotations

import configparser
import json
import os
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

DEFAULT = "https://pypi.org/simple"
"""pip's own, where nothing else is set."""
WITHIN_S, LARGEST = 20.0, 20_000_000
"""A package's answer is waited for so long [s], and read so far [bytes]."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an index says. newest: the newest version, "" unknown. faults: known ones of the version asked for, None: unknown."""

    newest: str = ""
    faults: tuple[str, ...] | None = None
    trouble: str = ""


def configured(environment: Mapping[str, str] = os.environ, files: Sequence[Path] | None = None) -> tuple[str, str]:
    """Give the address of the index and the file of certificates, "" for the system's, as pip would choose them."""
    asked = configparser.RawConfigParser(strict=False)
    for file in places(environment) if files is None else files:
        try:
            asked.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue

    def setting(name: str, default: str) -> str:
        from_files = (asked.get(part, name, fallback="") for part in ("install", "global"))
        return environment.get(f"PIP_{name.replace('-', '_').upper()}") or next(filter(None, from_files), default)

    return setting("index-url", DEFAULT), setting("cert", "")


def places(environment: Mapping[str, str]) -> list[Path]:
    """Give the files of pip's settings on this machine, those that count more last (pip, "Configuration")."""
    home = Path(environment.get("HOME") or "/")
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    found = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", config / "pip" / "pip.conf"]
    return [*found, *(Path(each) for each in (environment.get("PIP_CONFIG_FILE"),) if each)]


def asker(index: str, certificates: str = "") -> Callable[[str, str], Told]:
    """Give what asks an index about a package and a version; a failure is told and not raised.

    The JSON of the index (https://docs.pypi.org/api/json/) lies beside its simple pages; known faults are of the version asked for.
    """
    base = index.rstrip("/").removesuffix("/simple")
    context = ssl.create_default_context(cafile=certificates or None) if base.startswith("https") else None

    def ask(name: str, version: str) -> Told:
        try:
            whole = _json(f"{base}/pypi/{quote(name)}/json", context)
            newest = str(whole["info"]["version"])
            if newest != version:
                whole = _json(f"{base}/pypi/{quote(name)}/{quote(version)}/json", context)
        except urllib.error.HTTPError as error:
            return Told(locals().get("newest", ""), None, f"HTTP {error.code}")
        except (OSError, ValueError, KeyError, TypeError) as error:
            return Told(locals().get("newest", ""), None, type(error).__name__)
        return Told(newest, faults_of(whole))

    return ask


def faults_of(answer: Mapping) -> tuple[str, ...] | None:
    """Read known faults that were not withdrawn, each with the versions that mend it; None where the index does not tell."""
    told = answer.get("vulnerabilities")
    if not isinstance(told, list):
        return None
    kept = [each for each in told if isinstance(each, dict) and not each.get("withdrawn")]
    return tuple(f"{each.get('id', '?')} ({', '.join(map(str, each.get('fixed_in') or ())) or '-'})" for each in kept)


def _json(address: str, context: ssl.SSLContext | None) -> dict:
    parts = urlsplit(address)
    headers = {"Accept": "application/json"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=headers), timeout=WITHIN_S, context=context
    ) as answer:
        return json.loads(answer.read(LARGEST))
