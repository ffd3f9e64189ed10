"""What the tests of documents share: the example's own words beside the catalogue, and documents made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dashboards.phase.told as told
import dashboards.text as words
from dashboards.documents import made
from dashboards.phase.content import Content
from tests.dashboards.documents import example


@pytest.fixture(scope="session", autouse=True)
def own_words() -> Iterator[None]:
    both = {**words.catalogue(), **example.entries()}
    with pytest.MonkeyPatch.context() as patch:
        for module in (words, told):
            patch.setattr(module, "catalogue", lambda: both)
        yield


@pytest.fixture(scope="session")
def year(own_words: None) -> Content:
    return example.content()


@pytest.fixture(scope="session")
def files(year: Content) -> dict[str, dict[str, bytes]]:
    """Every kind of file in both languages."""
    return {lang: made.files(example.publication(lang, of=year), year) for lang in ("zh", "en")}
