"""The shell of the report: one page, no scripts, nothing fetched; light or dark as the reader's screen is."""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; --ground: #f6f5f2; --card: #ffffff; --ink: #1d1f23; --soft: #5d6470; --line: #dcdad4;
  --right: #12703a; --kind: #7a5600; --wrong: #b3261e; --unknown: #3f4f9e; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181c; --card: #1f2227; --ink: #eceef1; --soft: #a3abb8;
  --line: #353a42; --right: #6fd694; --kind: #e8bd5a; --wrong: #ff9a90; --unknown: #aab7ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .3rem 0 .8rem; max-width: 72ch; }
.soft, figcaption small { color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .8rem; margin: 1.3rem 0; padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1rem; }
.figures dt { color: var(--soft); font-size: .88rem; }
.figures dd { margin: 0; font-size: 1.7rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.25; }
.figures dd small { font-size: .95rem; font-weight: 400; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); }
th, td { padding: .45rem .8rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
tfoot td, tfoot th { font-weight: 650; border-bottom: 0; }
.product { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem; margin: 0 0 1rem; }
.product header { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline; margin-bottom: .7rem; }
.rows { display: grid; gap: 1rem; }
.row { display: grid; gap: .7rem; grid-template-columns: repeat(auto-fill, minmax(165px, 1fr)); }
.lessons { grid-template-columns: repeat(4, 1fr); }
@media (min-width: 900px) { .lessons { grid-template-columns: repeat(8, 1fr); } .shots { grid-template-columns: repeat(5, 1fr); } }
@media (max-width: 600px) { th, td { padding: .4rem .45rem; } .row { grid-template-columns: repeat(2, 1fr); gap: .5rem; }
  .lessons { grid-template-columns: repeat(4, 1fr); } }
.row > h4 { grid-column: 1 / -1; margin: 0; font-size: .85rem; font-weight: 600; color: var(--soft); }
figure { margin: 0; }
img { display: block; width: 100%; height: auto; border-radius: 8px; background: var(--line); }
.shot img { border: 3px solid var(--tone); }
.right { --tone: var(--right); } .kind { --tone: var(--kind); } .wrong { --tone: var(--wrong); } .unknown { --tone: var(--unknown); }
figcaption { font-size: .88rem; line-height: 1.35; padding-top: .35rem; overflow-wrap: anywhere; }
figcaption b { color: var(--tone); }
figcaption small { display: block; }
"""


def page(title: str, body: str) -> str:
    """A whole HTML document around a body that is HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
