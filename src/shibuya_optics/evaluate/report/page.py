"""The shell of the report and its pieces: no scripts, nothing fetched; light or dark, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --ground: #f6f5f2; --card: #ffffff; --ink: #1d1f23; --soft: #5d6470; --line: #dcdad4;
  --first: #1f66b5; --second: #c2541b; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181c; --card: #1f2227; --ink: #eceef1; --soft: #a3abb8;
  --line: #353a42; --first: #6db3f7; --second: #f2925c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; break-after: avoid; }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .5rem; break-after: avoid; }
p { margin: .3rem 0 .8rem; max-width: 72ch; overflow-wrap: anywhere; }
.soft, figcaption { color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .8rem; margin: 1.3rem 0; }
.figures div, .plot, .mistake { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1rem;
  break-inside: avoid; }
.figures dt { color: var(--soft); font-size: .88rem; }
.figures dd { margin: 0; font-size: 1.6rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.25; }
.figures dd small { display: block; font-size: .88rem; font-weight: 400; color: var(--soft); }
.plots, .mistakes { display: grid; gap: 1rem; margin: 0 0 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); }
figure { margin: 0; }
figcaption { font-size: .9rem; line-height: 1.4; padding-top: .4rem; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; max-width: 560px; margin: 0 auto; font: 14px system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
svg text { fill: var(--ink); } svg text.soft { fill: var(--soft); } .rule { stroke: var(--line); }
.first { --tone: var(--first); } .second { --tone: var(--second); } .third { --tone: var(--soft); }
.line { fill: none; stroke: var(--tone); stroke-width: 2.5; stroke-linejoin: round; } .line.third { stroke-width: 1.5; stroke-dasharray: 5 4; }
.dot { fill: var(--tone); stroke: var(--card); } .bar { fill: var(--tone); }
.area { fill: var(--tone); fill-opacity: .3; stroke: var(--tone); stroke-width: 2; } .area.second { stroke-dasharray: 4 2; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .4rem; font-size: .9rem; }
.key i { display: inline-block; width: .85em; height: .85em; margin-right: .4em; border: 2px solid var(--tone); border-radius: 3px;
  background: color-mix(in srgb, var(--tone) 35%, transparent); vertical-align: -.08em; }
.key .second { border-style: dashed; }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); font-size: .93rem; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
th { font-weight: 500; } thead th { font-weight: 650; vertical-align: bottom; } td { white-space: nowrap; }
th:first-child { text-align: left; overflow-wrap: anywhere; min-width: 7em; }
thead { display: table-header-group; } tr { break-inside: avoid; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .7rem; }
img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 8px; background: var(--line); }
.none { display: grid; place-items: center; aspect-ratio: 1; border: 1px dashed var(--line); border-radius: 8px; color: var(--soft); }
.mistake p { margin: 0 0 .5rem; }
@media (max-width: 600px) { main { padding: 1.2rem .8rem 2rem; } th, td { padding: .35rem .4rem; } table { font-size: .85rem; }
  .plot, .mistake { padding: .7rem .6rem; } svg { font-size: 16px; } .figures { grid-template-columns: 1fr 1fr; gap: .5rem; } }
@media print { :root { --ground: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --first: #1f66b5; --second: #c2541b;
  color-scheme: light; } body { font-size: 11pt; } main { max-width: none; padding: 0; } * { print-color-adjust: exact; } }
"""


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        title: its heading.
        body: HTML; text in it is escaped.
        numbers: what goes into `metrics.json` beside the keys of `--json`, by keys that no other section has.
    """

    title: str
    body: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def page(title: str, body: str) -> str:
    """A whole HTML document around a body that is HTML already."""
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def figures(rows: Iterable[tuple[str, str, str]]) -> str:
    """Numbers in large: a name, the number, and what stands below it."""
    cells = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(number)}<small>{escape(below)}</small></dd></div>"
        for name, number, below in rows
    )
    return f'<dl class="figures">{"".join(cells)}</dl>'


def figure(drawn: str, caption: str) -> str:
    """A plot, HTML, with the sentence that says how to read it."""
    return f'<figure class="plot">{drawn}<figcaption>{escape(caption)}</figcaption></figure>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column names the row, the others hold numbers."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row">{breakable(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def paragraph(text: str, *, soft: bool = False) -> str:
    """A paragraph of text."""
    opening = '<p class="soft">' if soft else "<p>"
    return f"{opening}{escape(text)}</p>"


def breakable(label: str) -> str:
    """A label as HTML that may go on in the next line after each of its names."""
    return escape(label).replace("/", "/<wbr>")


def interval(low: float, high: float) -> str:
    """A 95 % interval as text."""
    return f"{low:.3f} to {high:.3f}"


def percent(share: float, digits: int = 1) -> str:
    """A share, 0 to 1, as text in per cent."""
    return f"{100 * share:.{digits}f} %"
