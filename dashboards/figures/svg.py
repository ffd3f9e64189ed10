"""SVG as text. Everything that came from data is escaped here, once."""

from __future__ import annotations

from html import escape


def tag(name: str, *children: str, text: str = "", **attributes: object) -> str:
    """Write one element. children are elements, text is data; class_ and data_x become class and data-x."""
    written = "".join(f' {_name(key)}="{escape(str(value))}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{escape(text)}{''.join(children)}</{name}>"


def _name(key: str) -> str:
    return key if key in ("viewBox", "preserveAspectRatio", "patternUnits") else key.rstrip("_").replace("_", "-")
