"""Public pages that show what people made: where the office cannot be read they say so, and all else goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import flask
import sqlalchemy as sa
from dash import html

from dashboards.context import Context, Scene, current
from dashboards.office import schema
from dashboards.office.errors import OfficeError
from dashboards.office.records import engine_of

_LOG = logging.getLogger(__name__)
LOST = (OfficeError, sa.exc.SQLAlchemyError, OSError)
"""What a look into an office may raise that is not there, damaged, or of another version."""


def of_office(render: Callable[[Scene], Any]) -> Callable[[Scene], Any]:
    """Draw a part out of the office; where that cannot be read the part says so, and the page is not kept."""

    def answer(scene: Scene) -> Any:
        try:
            return render(scene)
        except LOST as error:
            if can_be_read(current()):  # then it was the store, of which the page says so
                raise
            _LOG.warning("the office cannot be read for a public page: %s", error)
            fleeting()
            return html.P(scene.text("office.not_read"), className="notice waiting", role="alert")

    return answer


def can_be_read(context: Context) -> bool:
    """Tell whether the office of a portal can be read now; also where it has none."""
    try:
        engine = engine_of(context)
        if engine is not None:
            with engine.connect() as connection:
                connection.execute(sa.select(schema.state)).all()
    except LOST:
        return False
    return True


def fleeting() -> None:
    """Let what this request draws be kept by nobody: it tells of a trouble that passes."""
    flask.g.fleeting = True
