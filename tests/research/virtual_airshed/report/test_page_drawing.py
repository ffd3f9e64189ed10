"""What the drawings are made of: axes, colours, images that another reader can read."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import theme
from research.virtual_airshed.report import palette
from research.virtual_airshed.report.names import number, signed, spread
from research.virtual_airshed.report.panel import Panel, ends, nice_ticks
from research.virtual_airshed.report.svg import path_of, png_uri, tag, text
from research.virtual_airshed.report.words import Both, same

NAN = float("nan")


def pixels_of(uri: str) -> np.ndarray:
    """Read an indexed PNG by RFC 2083, every chunk's checksum included: RGBA uint8 (row, column, 4)."""
    data = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        chunks[kind], at = body, at + 12 + length
    columns, rows, depth, colour_type = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour_type) == (8, 3)
    table = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    alpha = np.full(len(table), 255, np.uint8)
    alpha[: len(chunks[b"tRNS"])] = np.frombuffer(chunks[b"tRNS"], np.uint8)
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    assert not raw[:, 0].any()  # no filter
    return np.concatenate([table[raw[:, 1:]], alpha[raw[:, 1:], None]], axis=-1)


def test_an_image_is_read_as_it_was_written() -> None:
    image = pixels_of(png_uri(np.array([[0, 1, -1], [2, 2, 0]]), ("#ff0000", "#00ff00", "#0000ff")))
    assert image[0, 0].tolist() == [255, 0, 0, 255]
    assert image[0, 1].tolist() == [0, 255, 0, 255]
    assert image[0, 2, 3] == 0
    assert image[1, 1].tolist() == [0, 0, 255, 255]


def test_too_many_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="300 colours, expected at most 255"):
        png_uri(np.zeros((1, 1), int), ("#000000",) * 300)


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_ticks_are_few_round_and_within_the_axis(low: float, length: float) -> None:
    ticks = nice_ticks(low, low + length)
    assert len(ticks) <= 7
    assert all(low - 1e-6 * length <= t <= low + length * (1 + 1e-6) for t in ticks)
    if len(ticks) > 1:
        step = ticks[1] - ticks[0]
        mantissa = step / 10.0 ** np.floor(np.log10(step) + 1e-9)
        assert min(abs(mantissa - m) for m in (1, 2, 2.5, 5, 10)) < 1e-6


def test_an_axis_without_length_has_no_ticks() -> None:
    assert nice_ticks(1.0, 1.0) == nice_ticks(NAN, 1.0) == []


def test_the_ends_of_an_axis_hold_all_values_and_survive_none() -> None:
    assert ends(np.array([2.0, 10.0, NAN]))[0] == 0.0
    assert ends(np.array([2.0, 10.0]))[1] > 10.0
    low, high = ends(np.array([-3.0, 4.0]), zero=False)
    assert low < -3.0 and high > 4.0
    assert ends(np.array([NAN])) == (0.0, 1.0)


def test_a_missing_value_breaks_a_line() -> None:
    assert path_of(np.array([0, 1, 2, 3.0]), np.array([0, NAN, 2, 3.0])) == "M0.0 0.0M2.0 2.0L3.0 3.0"


def test_a_bar_of_missing_size_is_not_drawn() -> None:
    panel = Panel(same("t"), x=(0, 10), y=(0, 10))
    assert panel.bar((1, 2), (0, NAN), "#000000").svg().count("<rect") == Panel(
        same("t"), x=(0, 10), y=(0, 10)
    ).svg().count("<rect")


def test_values_lie_on_the_axes_where_they_belong() -> None:
    linear = Panel(same("t"), x=(0, 10), y=(0, 10))
    assert linear.px(5.0) == pytest.approx((linear.px(0.0) + linear.px(10.0)) / 2)
    assert linear.py(10.0) < linear.py(0.0)  # up is up
    log = Panel(same("t"), x=(1, 100), y=(1, 100), x_log=True, y_log=True)
    assert log.px(10.0) == pytest.approx((log.px(1.0) + log.px(100.0)) / 2)


def test_what_comes_from_data_is_escaped() -> None:
    assert "<script>" not in text(same("<script>"), 0, 0)
    assert 'title="&lt;a &amp; &quot;b&quot;"' in tag("g", title='<a & "b"')


def test_a_text_is_written_once_where_the_languages_agree() -> None:
    assert text(same("5"), 0, 0).count("<text") == 1
    both = text(Both("五", "five"), 0, 0, class_="tick")
    assert 'class="tick zh"' in both and 'class="tick en"' in both


def test_the_colours_are_those_of_the_portal() -> None:
    for name in ("INK", "MUTED", "LINE", "PAPER", "ACCENT", "ABSENT", "SECTOR_COLOURS"):
        assert getattr(palette, name) == getattr(theme, name), name


@given(st.floats(-50, 50))
def test_a_value_has_the_colour_of_its_step(value: float) -> None:
    steps = palette.scale("heat", (0.0, 1.0, 5.0, 10.0))
    expected = 0 if value < 1 else 1 if value < 5 else 2
    assert steps.of(value) == steps.colours[expected]


def test_a_missing_value_has_the_colour_of_absence() -> None:
    assert palette.scale("heat", (0.0, 1.0, 2.0)).of(NAN) == palette.ABSENT


@pytest.mark.parametrize("name", ["heat", "violet", "green", "blue"])
def test_scales_get_darker_with_the_value(name: str) -> None:
    def light(colour: str) -> float:
        return float(np.dot([int(colour[i : i + 2], 16) for i in (1, 3, 5)], (0.2126, 0.7152, 0.0722)))

    assert np.all(np.diff([light(c) for c in palette.ramp(name, np.linspace(0, 1, 12))]) < 0)


def test_ink_reads_on_light_and_paper_on_dark() -> None:
    assert palette.ink_on("#ffffff") == palette.INK
    assert palette.ink_on("#0f62a8") == palette.PAPER


def test_numbers_have_true_minus_signs_and_no_minus_zero() -> None:
    assert number(-0.2) == "0"
    assert number(-3.0) == "−3"
    assert number(NAN) == signed(NAN) == "NA"
    assert signed(2.4) == "+2"
    assert spread(np.array([0.5, NAN, 1.234])) == "0.50–1.23"
    assert spread(np.array([NAN])) == "NA"
