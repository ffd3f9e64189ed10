"""A drawing as a file that stands by itself: its size, name space, colours, what it is of above it and whence it comes below.

The style is that of the pages: the rules of their style sheets that name the drawing, with their colours written out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from dashboards.figures.svg import tag
from dashboards.theme import FONT, INK, MUTED, PAPER

_PORTAL = Path(__file__).parents[1]
_SHEETS = {
    "assets": ("plot", "judged", "map", "bars", "lines"),
    "snapshots/css": ("small-map", "day-line"),
}
"""By folder of style sheets the drawings that they dress, by the class of the drawing's root."""
_SHARED = re.compile(r"\.(?:kind|part)-\d")
_STATE = re.compile(r":(?:hover|focus)")
_COMMENT, _RULE = re.compile(r"/\*.*?\*/", re.S), re.compile(r"([^{}]+)\{([^{}]*)\}")
_COLOUR, _VARIABLE = re.compile(r"(--[\w-]+):\s*([^;}]+)"), re.compile(r"var\((--[\w-]+)\)")
_OF_A_PAGE = re.compile(r"(?:^|;)\s*(?:(?:min-|max-)?(?:width|height)|display|position|inset|margin[\w-]*|overflow|transition|"
                        r"cursor|pointer-events|background|flex)\s*:[^;]*")  # fmt: skip
"""What a page says of the place of a drawing; a file has none."""
_VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_ROOT = re.compile(r'^<svg[^>]* class="([\w-]+)')
_LINK, _LEADS = re.compile(r"<(/?)a(?=[ >])"), re.compile(r' (?:href|tabindex|aria-current|data-[\w-]+)="[^"]*"')
LEAST_WIDTH, LINE, PAD = 480, 16, 8
_WIDE, _NARROW = 11.0, 6.2
"""Widths of a Chinese and another letter of 11 px, from above."""


def standing(svg: str, title: str = "", below: Sequence[str] = (), legend: Sequence[tuple[str, str]] = ()) -> str:
    """Give a drawing of dashboards.figures as a file; its links, which lead nowhere outside the page, are none.

    title: a line above it. below: facts under it: place, period, source. legend: what looks how, as (colour or class, words):
    what the page says beside the drawing.
    """
    found = _VIEW.search(svg)
    wide, high = (float(found[1]), float(found[2])) if found else (300.0, 150.0)
    whole = max(wide, LEAST_WIDTH) if title or below else wide
    head = _wrapped([title] if title else [], whole - 2 * PAD)
    foot = _wrapped(_packed(below, whole - 2 * PAD), whole - 2 * PAD)
    keys, rows = _keys(legend, LINE * len(head), whole - PAD)
    top = LINE * (len(head) + rows) + (PAD if head else 0)
    height = top + high + (LINE * len(foot) + PAD if foot else 0)
    words = [_line(line, LINE * (i + 1) - 2, "of-file") for i, line in enumerate(head)]
    words += [_line(line, top + high + LINE * (i + 1), "of-file below") for i, line in enumerate(foot)]
    words += keys
    inner = re.sub(r"^<svg", f'<svg x="{(whole - wide) / 2:g}" y="{top:g}" width="{wide:g}" height="{high:g}"', svg)
    style = f"<style>{style_of(svg)}</style>"
    ground = tag("rect", width=f"{whole:g}", height=f"{height:g}", fill=PAPER)
    size = f'width="{whole:g}" height="{height:g}" viewBox="0 0 {whole:g} {height:g}"'
    drawn = _LEADS.sub("", _LINK.sub(r"<\1g", inner.replace(' preserveAspectRatio="none"', "")))
    made = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{ground}{"".join(words)}{drawn}</svg>'
    return _VARIABLE.sub(lambda each: _colours("assets").get(each[1], INK), made)


def style_of(svg: str) -> str:
    """Give the rules that dress a drawing, by the class of its root, with all colours written out."""
    root = _ROOT.search(svg)
    return _base() + (_rules(root[1]) if root else "")


def _base() -> str:
    font = FONT.replace('"', "'")
    return f"svg{{font-family:{font};font-size:11px;fill:{INK}}}.of-file{{fill:{INK};font-size:11px}}.below{{fill:{MUTED}}}"


@cache
def _rules(root: str) -> str:
    folder = next((folder for folder, roots in _SHEETS.items() if root in roots), "assets")
    own = re.compile(rf"\.{re.escape(root)}(?![\w-])")
    kept = []
    for names, said in _RULE.findall(_outside_media(folder)):
        parts = [each.strip() for each in names.split(",")]
        wanted = [each for each in parts if (own.search(each) or _SHARED.match(each)) and not _STATE.search(each)]
        rest = _OF_A_PAGE.sub("", said).strip(" ;\n")
        if wanted and rest:
            kept.append(f"{','.join(wanted)}{{{' '.join(rest.split())}}}")
    colours = _colours(folder)
    levels = [f".level-{n}{{fill:{colours[f'--l{n}']}}}" for n in range(7) if f"--l{n}" in colours]
    return _VARIABLE.sub(lambda each: colours.get(each[1], each[0]), "".join([*kept, *levels]))


@cache
def _sheets(folder: str) -> str:
    paths = sorted((_PORTAL / folder).glob("*.css"))
    return _COMMENT.sub("", "\n".join(path.read_text(encoding="utf-8") for path in paths if "wall" not in path.name))


@cache
def _outside_media(folder: str) -> str:
    """Give the rules that hold on every screen."""
    kept, depth, skipped = [], 0, False
    for part in re.split(r"([{}])", _sheets(folder)):
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
        if depth == 0 and part not in ("{", "}") and "@" in part:
            before, _, _ = part.partition("@")
            kept.append(before)
            skipped = True
        elif not skipped:
            kept.append(part)
        elif part == "}" and depth == 0:
            skipped = False
    return "".join(kept)


@cache
def _colours(folder: str) -> dict[str, str]:
    """Give the first colours that the sheets of a folder name: those of the light scheme and the official palette."""
    found: dict[str, str] = {}
    for names, said in _RULE.findall(_outside_media(folder)):
        if names.strip().endswith(":root"):
            for name, value in _COLOUR.findall(said):
                found.setdefault(name, value.strip())
    return found


def _packed(facts: Sequence[str], width: float) -> list[str]:
    """Put as many facts into each line as it holds."""
    lines: list[str] = []
    for fact in facts:
        longer = f"{lines[-1]} · {fact}" if lines else fact
        if lines and _fits(longer, width) == len(longer):
            lines[-1] = longer
        else:
            lines.append(fact)
    return lines


def _keys(legend: Sequence[tuple[str, str]], y: float, width: float) -> tuple[list[str], int]:
    """Draw the keys of a legend from a height on, in lines of a width; give them with the count of lines."""
    made, x, row = [], float(PAD), 0
    for look, words in legend:
        own = 16 + sum(_WIDE if ord(letter) > 0x2E7F else _NARROW for letter in words)
        if x > PAD and x + own > width:
            x, row = float(PAD), row + 1
        box = {"x": f"{x:g}", "y": f"{y + LINE * row + 5:g}", "width": 10, "height": 10}
        made.append(tag("rect", **box, **({"fill": look} if look.startswith("#") else {"class_": look})))
        made.append(tag("text", text=words, x=f"{x + 14:g}", y=f"{y + LINE * row + 14:g}", class_="of-file"))
        x += own + 14
    return made, row + 1 if legend else 0


def _line(text: str, y: float, class_: str) -> str:
    return tag("text", text=text, x=PAD, y=f"{y:g}", class_=class_)


def _wrapped(lines: Sequence[str], width: float) -> list[str]:
    """Break lines that are wider than a width [px] between letters, Chinese ones anywhere, others at a space where there is one."""
    made: list[str] = []
    for line in lines:
        rest = " ".join(line.split())
        while rest:
            at = _fits(rest, width)
            if at < len(rest) and rest[at].isascii() and " " in rest[: at + 1].strip():
                at = rest[: at + 1].rindex(" ") or at
            made.append(rest[:at].strip())
            rest = rest[at:].strip()
    return made


def _fits(text: str, width: float) -> int:
    used = 0.0
    for i, letter in enumerate(text):
        used += _WIDE if ord(letter) > 0x2E7F else _NARROW
        if used > width and i:
            return i
    return len(text)
