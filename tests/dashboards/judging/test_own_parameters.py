"""What a page's query holds beside the selection: kept by every link and every redraw, and never more than a few short texts."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs

from dashboards import shell
from dashboards.context import MOST_PARAMETERS, own_parameters


def test_what_is_not_of_the_selection_is_of_the_page() -> None:
    query = {"city": "510100", "lang": "en", "first": "2023-01-01", "lead": "2"}
    assert own_parameters(query) == {"first": "2023-01-01", "lead": "2"}


def test_long_strange_and_many_parameters_are_left_out() -> None:
    query = {"a": "x" * 81, "b" * 21: "x", "c": ["x", "y"], "d": None} | {f"n{i:02}": "1" for i in range(40)}
    assert list(own_parameters(query)) == [f"n{i:02}" for i in range(MOST_PARAMETERS)]


def test_a_link_keeps_what_the_page_was_asked_and_changes_what_it_is_told_to(scene) -> None:
    asked = replace(scene, params={"lead": "2", "model": "CDAQS & Co"})
    assert parse_qs(asked.link({"lead": None}, city="510700")[1:]) == {
        "city": ["510700"], "item": ["pm25"], "lang": ["zh"], "model": ["CDAQS & Co"],
    }  # fmt: skip
    assert scene.link() == scene.view.link()


def test_the_steps_of_the_hour_keep_what_the_page_was_asked(scene) -> None:
    bar = str(shell._render_hour_bar(replace(scene, params={"lead": "2"})))
    assert bar.count("lead=2") >= 1 and bar.count("lead=2") == bar.count("href=")
