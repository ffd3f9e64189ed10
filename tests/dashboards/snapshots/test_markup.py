"""Components become the HTML that React would make of them, and nothing that is data becomes markup."""

from html.parser import HTMLParser

import pytest
from dash import dcc, html
from hypothesis import given
from hypothesis import strategies as st

from dashboards.components.drawing import Drawing
from dashboards.snapshots.markup import markup


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (None, ""),
        (["a", None, 3], "a3"),
        (html.P("1 < 2 & 3"), "<p>1 &lt; 2 &amp; 3</p>"),
        (html.A("x", href="/?a=1&b=\"2\""), '<a href="/?a=1&amp;b=&quot;2&quot;">x</a>'),
        (html.Td("x", colSpan=2, className="number"), '<td colspan="2" class="number">x</td>'),
        (html.Label("x", htmlFor="y"), '<label for="y">x</label>'),
        (html.Details([html.Summary("s")], open=True), "<details open><summary>s</summary></details>"),
        (html.Div(hidden=False, tabIndex=0), '<div tabindex="0"></div>'),
        (html.Img(src="a.png", alt=""), '<img src="a.png" alt="">'),
        (html.Span("x", style={"backgroundColor": "#fff", "width": 3, "opacity": 0.5, "--n": 2}),
         '<span style="background-color:#fff;width:3px;opacity:0.5;--n:2">x</span>'),
        (html.Div("x", **{"aria-hidden": "true", "data-age-of": "7"}), '<div aria-hidden="true" data-age-of="7">x</div>'),
        (Drawing("<svg/>", className="map"), '<div class="map"><svg/></div>'),
    ],
)  # fmt: skip
def test_a_component_is_written_as_react_would(node, expected):
    written, wanted = Read(markup(node)), Read(expected)
    assert written.found == wanted.found


def test_what_needs_a_script_is_refused_in_words():
    with pytest.raises(TypeError, match="Graph cannot be written as HTML text"):
        markup(html.Div([dcc.Graph()]))


@given(st.text(), st.text())
def test_data_never_become_markup(text, title):
    read = Read(markup(html.P(text, title=title)))
    assert [kind for kind, *_ in read.found if kind != "data"] == ["start", "end"]
    attributes = next(entry[2] for entry in read.found if entry[0] == "start")
    assert set(attributes) <= {"title"}


class Read(HTMLParser):
    """What a browser's parser finds, with attributes in no order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append(("start", tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.found.append(("end", tag))

    def handle_data(self, data):
        self.found.append(("data", data))
