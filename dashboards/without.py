"""What the platform has to do without just now, as its supervisor says it: shown on every page until it is over.

The supervisor leaves a card in the data directory; its words are ready in each language. Where the portal runs by itself, or
the card cannot be read, nothing is said.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from dashboards.view import LANGUAGES

KEPT_S = 1.0
LARGEST_CARD = 200_000
NOTICE = "platform-notice"
"""The id of the notice on a page; assets/alive.js keeps it up to date."""
_ENDS = {"zh": "。", "en": ". "}


def words_of(card: bytes) -> dict[str, str]:
    """Give by language what a card says is missing, {} where it says nothing; a card may hold anything."""
    try:
        troubles = json.loads(card).get("troubles", [])
        said = {lang: [str(each[lang]["words"]) for each in troubles] for lang in LANGUAGES}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
    return {lang: "".join(f"{each}{_ENDS[lang]}" for each in told).strip() for lang, told in said.items() if told}


@dataclass
class Without:
    """Reads the card at most once in KEPT_S, whoever asks."""

    card: Path | None
    _at: float = field(default=-1e9, repr=False)
    _words: dict[str, str] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> dict[str, str]:
        """Give by language what is missing, {} where nothing is."""
        if self.card is None:
            return {}
        with self._lock:
            if time.monotonic() - self._at > KEPT_S:
                self._words, self._at = self._read(), time.monotonic()
            return self._words

    def _read(self) -> dict[str, str]:
        try:
            with self.card.open("rb") as file:
                return words_of(file.read(LARGEST_CARD))
        except OSError:
            return {}
