"""The commands `airshed test` and `notebooks`, for who works on the platform itself."""

from __future__ import annotations

import typer


def test(context: typer.Context) -> None:
    """Check the style and run the tests; arguments go to pytest, whose own help is -h."""
    from infra.testing import run_tests

    raise typer.Exit(run_tests(context.args))


def notebooks(context: typer.Context) -> None:
    """Execute the notebooks and write them with their outputs: FOLDER [NUMBER ...]."""
    from research.notebooks.__main__ import main as execute_notebooks

    raise typer.Exit(execute_notebooks(context.args))
