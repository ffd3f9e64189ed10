"""The page docs/handbook.md, made from the entries.

python -m infra.handbook                write docs/handbook.md
python -m infra.handbook --check        tell whether it is what the entries give, and what has no entry; exit code 1 where not
python -m infra.handbook --find TEXT    give the entry of a message
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from infra.handbook import severe
from infra.handbook.entries import Entry, Part, entries, find_part
from infra.messages import catalogue as messages
from infra.messages import language, say
from standards.logged import catalogue as lines

PAGE = Path(__file__).resolve().parents[2] / "docs" / "handbook.md"
ABOVE = """# 出了什么事，怎么办 What to do when ...

本页由 `infra/handbook/entries` 生成，请勿手工修改：改条目，然后运行 `python -m infra.handbook`。
在本页里搜索看到的那句话即可；或者执行 `python -m infra.handbook --find "那句话"`。每条依次是：这是什么意思，平台自己会做什么，
您要做什么，怎样看出事情已经过去。`{…}` 与 `%s` 处是当时的数值；命令里的大写词由您换成自己的；
`airshed` 也可写作 `python3 -m infra`。

*Made from the entries under `infra/handbook/entries`: edit an entry, then run the command above. Search this page for the sentence
you see, or run `python -m infra.handbook --find "the sentence"`. Each entry says what it means, what the platform does by itself,
what you do, and how you see that it is over. `{…}` and `%s` stand for values; words in capitals in a command are yours to fill in;
`airshed` may be written `python3 -m infra`.*
"""
HEADS = {
    "zh": {"means": "含义", "itself": "平台自己会做", "do": "您要做", "over": "怎样看出已过去"},
    "en": {"means": "Meaning", "itself": "What the platform does", "do": "What you do", "over": "How you see that it is over"},
}  # fmt: skip
SAID = "看到的话 What is said"


def page() -> str:
    """Give the page. The same entries give the same text."""
    parts = [ABOVE]
    for chapter, members in groupby(entries(), key=lambda entry: entry.chapter):
        parts.append(f"## {chapter}\n")
        parts += [_section(entry) for entry in members]
    return "\n".join(parts)


def missing() -> dict[str, list[str]]:
    """Give what has to have an entry and has none, by the list of the entry in which it would stand."""
    wanted = {
        "messages": severe.severe_messages(), "lines": severe.severe_lines(), "reasons": severe.severe_reasons(),
        "words": severe.severe_words(), "errors": severe.severe_errors(),
    }  # fmt: skip
    return {name: sorted(keys - held(name)) for name, keys in wanted.items() if keys - held(name)}


def held(name: str) -> set[str]:
    """Give what the entries name under one of their lists."""
    return {key for entry in entries() for key in getattr(entry, name)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, check or find, as asked; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.handbook")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--check", action="store_true", help="tell what is not as it should be")
    asked.add_argument("--find", metavar="TEXT", help="give the entry of a message")
    given = parser.parse_args(_with_text(sys.argv[1:] if arguments is None else arguments))
    if given.find is not None:
        return _tell(find_part(given.find))
    if given.check:
        return _checked(missing(), current=PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def _with_text(arguments: Sequence[str]) -> list[str]:
    """Bind what follows --find to it: a line that is pasted may begin with --, and is an option of another command."""
    given = list(arguments)
    if given[:1] == ["--find"] and len(given) == 2:
        return [f"--find={given[1]}"]
    return given


def _checked(lacking: Mapping[str, Sequence[str]], *, current: bool) -> int:
    for name, keys in lacking.items():
        for key in keys:
            print(f"{name}: {key}")
    if not current:
        print(f"{PAGE.name}: python -m infra.handbook")
    return int(bool(lacking) or not current)


def _tell(entry: Entry | None) -> int:
    if entry is None:
        print(say("handbook_none"))
        return 1
    part = entry.zh if language() == "zh" else entry.en
    print(f"{part.title} (docs/{PAGE.name}#{entry.key})")
    print("\n".join(f"{head}: {getattr(part, name)}" for name, head in HEADS[language()].items()))
    print("\n".join(f"    {command}" for command in entry.commands))
    return 0


def _section(entry: Entry) -> str:
    anchors = "".join(f'<a id="{key}"></a>' for key in (entry.key, *entry.messages))
    said = [f"* {_code(text)}" for text in _said(entry)]
    quoted = [f"<details><summary>{SAID}</summary>\n", *said, "\n</details>\n"] if said else []
    commands = ["```sh", *entry.commands, "```\n"] if entry.commands else []
    rows = [f"### {entry.zh.title} {entry.en.title}\n", f"{anchors}`{entry.key}`\n", *quoted]
    return "\n".join([*rows, *_told(entry.zh, "zh"), *commands, *_told(entry.en, "en")])


def _told(part: Part, lang: str) -> list[str]:
    mark = "*" if lang == "en" else ""
    return [f"* {mark}**{head}**: {getattr(part, name)}{mark}" for name, head in HEADS[lang].items()] + [""]


def _said(entry: Entry) -> list[str]:
    texts = [f"{messages()[key]['zh']} / {messages()[key]['en']}" for key in entry.messages]
    texts += [f"{lines().get(line, line)} / {line}" for line in entry.lines]
    return [*texts, *entry.reasons, *entry.words, *entry.errors]


def _code(text: str) -> str:
    flat = re.sub(r"\s*\n\s*", " ", text)
    return f"``{flat}``" if "`" in flat else f"`{flat}`"
