"""The page of all tables under standards/tables, for a person who has the standard open beside it.

python -m infra.standards_page            write docs/standards.md and its colour swatches
python -m infra.standards_page --check    tell whether they are what the tables give; exit code 1 where not
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.standards_page.layouts import branches, colours, is_limits, layout, markdown, spans
from infra.standards_page.table_files import FOLDER, READ, AnyFile, Row, TableFile, TreeFile, kind_of, read_files
from infra.standards_page.words import KNOWN, title_zh

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = "standards.md"
_NAMED_ROWS = 6  # more than so many uncertain rows are counted, not named
_ABOVE = """# 标准数值表 Tables of the standards

本页由 `standards/tables` 中的文件生成，请勿手工修改：改文件，然后运行 `python -m infra.standards_page`。
手持标准原文即可逐行核对：每个数值注明所在文件与行号，以及依据。

*Generated from the files under `standards/tables`: edit the file, then run the command above. With the standard open, each value
can be checked: its file and line stand beside it, and how it is known.*

* “原文”（`read`）的含义：该值与标准原文核对过两次，由两人各自独立抄录，或在不同工作日读两遍，两次一致；文件头 `compared`
  一行写明何人、何日、哪一页。只看过一遍、或见于他处转载的，是“转引”（`quoted`）。`tests/standards/transcribed` 中存有独立抄件，
  测试逐值比对。
  *`read` means that a value was compared twice with the document: by two readers independently, or on different days of work, with
  the same result; the line `compared` in the head of the file says by whom, when and on which page. What was looked at once, or
  stands in another text, is `quoted`. Independent transcriptions are kept in `tests/standards/transcribed`, and a test compares
  every value with them.*
* 文件抄错、原文可查：改正该行；经第二次核对后，把 `confidence` 改为 `read`，并写明 `compared`。
  *A value that differs from the document: correct the line; after a second comparison set its `confidence` to `read` and say so
  under `compared`.*
* 标准修订：新增文件，旧文件不动，以前的日期仍按旧版评价。
  *A new edition of the standard: a new file; the old one stays, because earlier days are assessed with it.*
"""
_HEADS = {
    "code": "标准 standard", "title": "标题 title", "issued": "发布 issued", "approved": "批准 approved",
    "compared": "核对 compared", "valid_from": "自 valid from",
    "valid_to": "至 valid to", "source": "出处 source", "confidence": "依据 how known", "state": "状态 state",
    "columns": "各列 columns", "note": "注 note",
}  # fmt: skip


def pages(folder: Path = FOLDER) -> dict[str, str]:
    """Give every generated file: its path below docs, and its text. The same tables give the same text."""
    files = read_files(folder)
    sections = _sections(files)
    parts = [_ABOVE, _legend(), _contents(sections), _to_check(files)]
    parts += [_section(number, section) for number, section in enumerate(sections, 1)]
    made = {PAGE: "\n\n".join(part.strip() for part in parts) + "\n"}
    return made | {f"swatches/{colour[1:]}.svg": _swatch(colour) for colour in colours(files)}


def differences(docs: Path = DOCS, folder: Path = FOLDER) -> list[str]:
    """Name each generated file that is missing below docs, differs from the tables, or is no longer made from any."""
    made = pages(folder)
    kept = {f"swatches/{path.name}" for path in (docs / "swatches").glob("*.svg")}
    stale = [name for name, text in made.items() if not _same(docs / name, text)]
    return stale + sorted(kept - set(made))


def write(docs: Path = DOCS, folder: Path = FOLDER) -> list[str]:
    """Write what differs, remove swatches that no table names any more; give the names of the files touched."""
    made, touched = pages(folder), differences(docs, folder)
    for name in touched:
        if name in made:
            (docs / name).parent.mkdir(parents=True, exist_ok=True)
            (docs / name).write_text(made[name], encoding="utf-8")
        else:
            (docs / name).unlink()
    return touched


def file_line(path: str) -> str:
    """Give the line that stands once in the page for each table file."""
    return f"* 文件 file: [`standards/tables/{path}`](../standards/tables/{path})"


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _sections(files: Sequence[AnyFile]) -> list[list[AnyFile]]:
    # Editions of limits stand side by side, in the order of their dates; every other file has a section of its own.
    limits = sorted((f for f in files if is_limits(f)), key=lambda f: f.head.get("valid_from", ""))
    groups: dict[str, list[AnyFile]] = {}
    for file in limits:
        groups.setdefault(_number(file), []).append(file)
    others = [[file] for file in files if file not in limits]
    return sorted([*groups.values(), *others], key=lambda section: (not _of_air(section[0]), section[0].path))


def _of_air(file: AnyFile) -> bool:
    # The standards of the index, the limits and the assessment come first.
    return file.head.get("code", "").startswith(("GB 3095", "HJ 633", "HJ 663"))


def _number(file: AnyFile) -> str:
    return file.head.get("code", file.path).partition("-")[0]


def _name(file: AnyFile) -> str:
    return file.head.get("title_zh") or title_zh(file.head.get("code", ""))


def _heading(number: int, section: Sequence[AnyFile]) -> str:
    first = section[0]
    code = _number(first) if len(section) > 1 else first.head.get("code", first.path)
    title = first.head.get("title") or first.head.get("title_en") or first.head.get("name", "")
    shared = title.partition(" (")[0] if len(section) > 1 else title
    return " ".join(part for part in (f"{number}.", code, _name(first), shared) if part)


def _legend() -> str:
    body = [[sign or "（无）", zh, en] for sign, zh, en in KNOWN.values()]
    return "## 记号 Marks\n\n" + markdown(["记号 mark", "依据", "how known"], body)


def _contents(sections: Sequence[Sequence[AnyFile]]) -> str:
    body = []
    for number, section in enumerate(sections, 1):
        for file in section:
            kinds = Counter(_kinds(file))
            known = "，".join(f"{KNOWN[kind][1]} {kind} {kinds[kind]}" for kind in KNOWN if kinds[kind])
            start, end = file.head.get("valid_from") or "…", file.head.get("valid_to") or "…"
            body.append([str(number), file.head.get("code", ""), f"`{file.path}`", f"{start} 至 {end}", known])
    header = ["节 section", "标准 standard", "文件 file", "有效 valid", "依据、个数 how known, how many"]
    return "## 目录 Contents\n\n" + markdown(header, body)


def _kinds(file: AnyFile) -> list[str]:
    if isinstance(file, TableFile):
        return [kind_of(words) for row in file.rows for words in (row.by_value or {"": row.confidence}).values()]
    return [kind_of(words) for _, words in _said(file)]


def _said(file: TreeFile) -> list[tuple[str, str]]:
    # What a TOML says of itself and of each of its tables.
    said = [(path, str(node["confidence"])) for path, node in branches(file.tree) if "confidence" in node]
    return said if any(not path for path, _ in said) else [("", ""), *said]


def _to_check(files: Sequence[AnyFile]) -> str:
    """List what was not read in the document itself: these are the values to look up first."""
    body = []
    for file in files:
        if isinstance(file, TableFile):
            for (words, column), rows in _uncertain(file).items():
                known = f"{KNOWN[kind_of(words)][0]} {words}".strip()
                what = f"{column}: {len(rows)} 个 values" if column else _what(file, rows)
                body.append([f"`{file.path}`", spans([row.line for row in rows]), what, known])
        else:
            for path, words in _said(file):
                if kind_of(words) != READ:
                    known = f"{KNOWN[kind_of(words)][0]} {words}".strip()
                    line = str(file.lines.get(path, "")) if path else ""
                    body.append([f"`{file.path}`", line, f"[{path}]" if path else "整个文件 the file", known])
    header = ["文件 file", "行 line", "内容 what", "依据 how known"]
    said = "下列数值未与标准原文核对两次，请先核对。*Not compared twice with the document itself: please look these up first.*"
    return f"## 待核对 To be checked\n\n{said}\n\n" + markdown(header, body)


def _uncertain(file: TableFile) -> dict[tuple[str, str], list[Row]]:
    # Rows by how they are known and, where the file says so for each value, by the column; "" is the whole row.
    found: dict[tuple[str, str], list[Row]] = {}
    for row in file.rows:
        for column, words in (row.by_value or {"": row.confidence}).items():
            if kind_of(words) != READ:
                found.setdefault((words, column), []).append(row)
    return found


def _what(file: TableFile, rows: Sequence[Row]) -> str:
    if len(rows) > _NAMED_ROWS:
        return "全部各行 every row" if len(rows) == len(file.rows) else f"{len(rows)} 行 rows"
    return "；".join(_summary(file, row.cells) for row in rows)


def _summary(file: TableFile, cells: Mapping[str, str]) -> str:
    shown = [cells[name] for name in file.columns if name not in ("confidence", "tag", "clause", "source", "note")]
    return " ".join(text for text in shown[:4] if text)


def _section(number: int, section: Sequence[AnyFile]) -> str:
    return "\n\n".join([f"## {_heading(number, section)}", *map(_head, section), layout(section)])


def _head(file: AnyFile) -> str:
    lines = [file_line(file.path)]
    if isinstance(file, TableFile):
        lines += [f"* {_HEADS.get(key, key)}: {value or '…'}" for key, value in file.head.items()]
    return "\n".join(lines + [f"* {remark}" for remark in file.remarks if remark])


def _swatch(colour: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="28" height="16">'
        f'<rect width="28" height="16" fill="{colour}" stroke="#888888"/></svg>\n'
    )


def main(arguments: Sequence[str] | None = None, *, docs: Path = DOCS) -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(prog="infra.standards_page", description="Write docs/standards.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where the page is stale")
    if parser.parse_args(arguments).check:
        stale = differences(docs)
        for name in stale:
            print(f"docs/{name} is not what standards/tables gives: run python -m infra.standards_page")
        return 1 if stale else 0
    for name in write(docs):
        print(f"docs/{name}")
    return 0
