"""What axe-core finds on an open page: WCAG 2.0 to 2.2 A and AA, best practice, and names that hold what is seen.

The file is that of the npm package axe-core 4.14.1 (Deque Systems, MPL-2.0), unchanged, with its licence beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
_RUN = """rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
        rules: {'label-content-name-mismatch': {enabled: true}}}).then(
    found => found.violations.map(each => [each.id, each.nodes.map(node => node.target.join(' ') + ': '
        + (node.failureSummary || '').split('\\n').slice(1, 2).join('').trim())]))"""


def findings(page: Any, rules: tuple[str, ...] = RULES) -> dict[str, list[str]]:
    """Give what axe-core finds on an open page, by rule: where, and why. Empty where it finds nothing.

    page: a page of Playwright's synchronous interface. The script is handed over past the page's policy of contents.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return dict(page.evaluate(_RUN, list(rules)))
