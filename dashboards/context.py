"""What every page needs: the store, the registry, the clock and the catalogue. Nothing is global to a process."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
import sqlalchemy as sa

from dashboards import moment as moments
from dashboards.folder import FILES
from dashboards.moment import Moment
from dashboards.pulse import Shared
from dashboards.queries.air import newest_hour
from dashboards.text import Text
from dashboards.view import View
from dashboards.without import Without
from standards.temporary import own_folder
from streams.registry import Registry
from streams.store import is_current

_LOG = logging.getLogger(__name__)
_EXTENSION = "airshed"
TROUBLES = ("closed", "tables", "version")
"""What keeps a store from being read: it cannot be opened, nor asked, or its schema is not the one of this code."""
MOST_PARAMETERS, LONGEST_NAME, LONGEST_VALUE = 12, 20, 80
"""Of what a page's query may hold beside the selection."""


def utc_now() -> dt.datetime:
    """Give the moment as naive UTC, the convention of the store."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@dataclass
class Context:
    """One portal: how its store is opened, its registry, its clock (naive UTC), the folder of the registry of models, and the
    portal's own folder (pages made ahead, secret, files), None for none.
    """

    open_engine: Callable[[], sa.Engine]
    registry: Registry
    clock: Callable[[], dt.datetime] = utc_now
    models: Path | None = None
    folder: Path | None = None
    files: Path | None = None
    """Folder of the files that are made for download; None: in the portal's own folder, else a temporary one."""
    office: str = ""
    """URL of the database of what people make (dashboards.office); "": in the portal's own folder, without one there is none."""
    office_engine: sa.Engine | None = field(default=None, repr=False)
    drafts: Any = field(default=None, repr=False)
    """Drafts of assessments that are kept (dashboards.publications.drafting)."""
    workshop: Any = field(default=None, repr=False)
    """Where documents of publications are made (dashboards.publications.making)."""
    public_url: str = ""
    """Address that readers use, "https://air.example.org"; empty where it is not known."""
    proxies: int = 0
    """How many proxies in front add to X-Forwarded-For and are believed."""
    platform: Path | None = None
    """The card on which the supervisor says what the platform has to do without; None where there is none."""
    _engine: sa.Engine | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.pulse = Shared(self)
        self.without = Without(self.platform)

    @cached_property
    def settings(self) -> str:
        """Give a digest of what pages and answers rest on beside the store: the registry and the public address."""
        known, outlines = self.registry, self.registry.outlines_path
        told = [*(repr(sorted(each.items())) for each in (known.cities, known.stations)), self.public_url]
        drawn = outlines.read_bytes() if outlines.is_file() else b""
        return hashlib.sha256("\0".join(told).encode() + drawn).hexdigest()[:16]

    def engine(self) -> sa.Engine | None:
        """Give the engine, None while the store cannot be opened yet; the next call tries again."""
        if self._engine is None:
            try:
                self._engine = self.open_engine()
            except Exception as error:  # whatever keeps the store shut, the screen must say so and try again
                _LOG.warning("the store cannot be opened yet: %s", error)
        return self._engine

    def files_folder(self) -> Path:
        """Give the folder of the files that are made for download; it is there."""
        if self.files is None:
            self.files = self.folder / FILES if self.folder else own_folder("files")
        self.files.mkdir(parents=True, exist_ok=True)
        return self.files


@dataclass(frozen=True)
class Scene:
    """One look at the store: an open connection, what the reader selected, and the hour that is shown."""

    connection: sa.Connection | None
    view: View
    moment: Moment
    text: Text
    registry: Registry
    trouble: str = ""
    """One of TROUBLES, empty where the store can be read."""
    models: Path | None = None
    public_url: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    """What the address of a page names beside the selection: station (code), day, month (datetime.date).

    Of an analysis page: what else its query holds, as text; the page reads it with bounds of its own.
    """
    folder: Path | None = None
    """The portal's own, with the files that cities edit; None for none."""

    @property
    def waiting(self) -> bool:
        """Tell whether the store holds no hour that could be shown."""
        return self.moment.hour is None

    def link(self, own: Mapping[str, str | None] | None = None, **changes: Any) -> str:
        """Give the query that shows this page with changes of the selection; own: of its own parameters, None drops one."""
        kept = {name: value for name, value in {**self.params, **(own or {})}.items() if value is not None}
        return self.view.link(**changes) + (f"&{urlencode(kept, safe=':/')}" if kept else "")

    def city_name(self, code: str) -> str:
        """Give the name of a city in the reader's language."""
        city = self.registry.cities.get(code)
        if city is None:
            return code
        return city.name_zh if self.text.lang == "zh" else city.name_en


def install(server: flask.Flask, context: Context) -> None:
    """Attach a context to a server, so that callbacks find it in the request."""
    server.extensions[_EXTENSION] = context


def current() -> Context:
    """Give the context of the server that handles this request."""
    return flask.current_app.extensions[_EXTENSION]


@contextmanager
def open_scene(query: Mapping[str, Any]) -> Iterator[Scene]:
    """Open a scene for a URL's query; a store that is absent, empty or unreadable gives a waiting scene."""
    context = current()
    with scene_of(context, View.from_query(query, context.registry.cities), own_parameters(query)) as scene:
        yield scene


def own_parameters(query: Mapping[str, Any]) -> dict[str, str]:
    """Give what a query holds beside the selection: a few short texts; what is longer is no parameter of any page."""
    names = {each.name for each in dataclasses.fields(View)}
    found = {
        name: value
        for name, value in query.items()
        if name not in names
        and len(name) <= LONGEST_NAME
        and isinstance(value, str)
        and len(value) <= LONGEST_VALUE
        and _is_whole(name + value)
    }
    return dict(sorted(found.items())[:MOST_PARAMETERS])


def _is_whole(text: str) -> bool:
    """Tell whether a text can be written into an address: JSON may hold halves of letters (surrogates), UTF-8 may not."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


@contextmanager
def scene_of(context: Context, view: View, params: Mapping[str, Any] | None = None) -> Iterator[Scene]:
    """Open a scene for a selection; a store that is absent, empty or unreadable gives a waiting scene."""
    params = params or {}
    engine = context.engine()
    if engine is None:
        yield waiting_scene(context, view, "closed", params)
        return
    with ExitStack() as opened:
        try:  # a server that is gone refuses the connection itself, a file that is locked the first question
            connection = opened.enter_context(engine.connect())
            trouble = "" if is_current(connection) else "version"
            newest = None if trouble else newest_hour(connection, tuple(context.registry.cities))
        except sa.exc.SQLAlchemyError as error:
            _LOG.warning("the store cannot be read yet: %s", error)
            trouble = "tables"
        if trouble:
            yield waiting_scene(context, view, trouble, params)
            return
        moment = moments.at(newest, context.clock(), view.hour)
        yield Scene(
            connection, view, moment, Text(view.lang), context.registry, models=context.models, params=params,
            folder=context.folder, public_url=context.public_url,
        )  # fmt: skip


def waiting_scene(context: Context, view: View, trouble: str, params: Mapping[str, Any]) -> Scene:
    """Give a scene without numbers. trouble: one of TROUBLES."""
    if flask.has_request_context():
        flask.g.unread = True  # what is answered holds words of trouble, which pass with it
    moment = moments.at(None, context.clock(), None)
    return Scene(
        None, view, moment, Text(view.lang), context.registry, trouble, context.models, params=params,
        folder=context.folder, public_url=context.public_url,
    )  # fmt: skip
