"""The report of the demo: the numbers, every photo that was taught, and every answer with its photo."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image

from shibuya_optics.contract import Pixels
from shibuya_optics.demo.outcome import VERDICTS, Outcome, ProductOutcome, Shot, Verdict
from shibuya_optics.demo.page import page
from shibuya_optics.errors import InputError
from shibuya_optics.files import write_whole

PICTURE_SIZE = (320, 240)
PICTURE_QUALITY = 78
TITLE = "A small pantry, taught and identified"
_MARKS: dict[Verdict, str] = {"right": "✓ right", "kind": "≈ kind only", "wrong": "✗ wrong", "unknown": "? not named"}
_STRANGER_MARKS: dict[Verdict, str] = _MARKS | {"wrong": "✗ named", "unknown": "✓ refused"}
_STRANGER_TONES: dict[Verdict, Verdict] = {"unknown": "right", "kind": "kind", "wrong": "wrong", "right": "wrong"}


def write_report(outcome: Outcome, folder: Path) -> Path:
    """Write `report.html` into a folder, whole or not at all; the folder is made where it is missing.

    Raises:
        InputError: it cannot be written there.
    """
    path = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, report(outcome).encode())
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): give a folder you own with --into.") from error
    return path


def report(outcome: Outcome) -> str:
    """The report as one HTML document that needs no other file."""
    products = "\n".join(_product(product) for product in outcome.products)
    strangers = "\n".join(_stranger(shot) for shot in outcome.strangers)
    body = f"""<h1>{TITLE}</h1>
<p>All brands, packs and photos here are rendered; nothing is downloaded. Each of {len(outcome.products)} products was
taught from {len(outcome.products[0].lessons)} photos, without training. Then came photos that were never shown before,
and strangers: packs of brands that were never taught, which deserve no name.</p>
{_figures(outcome)}
<h2>By product</h2>
{_table(outcome)}
<h2>What it was taught, and what it said</h2>
{products}
<h2>Strangers</h2>
<p class="soft">The right answer to each of these is to name none.</p>
<div class="row">
{strangers}
</div>
<p class="soft">Seed {outcome.seed}: the same seed renders the same photos.</p>"""
    return page(f"shibuya-optics: {TITLE.lower()}", body)


def _figures(outcome: Outcome) -> str:
    seconds = outcome.seconds
    figures = (
        ("Right", f"{outcome.counts()['right']} <small>of {outcome.photos}</small>"),
        ("Wrong", f"{outcome.counts()['wrong']} <small>of {outcome.photos}</small>"),
        ("Strangers refused", f"{outcome.refused} <small>of {len(outcome.strangers)}</small>"),
        ("Teaching", f"{seconds.teach:.1f} <small>s</small>"),
        ("Identifying", f"{seconds.identify:.1f} <small>s</small>"),
        ("Rendering", f"{seconds.render:.1f} <small>s</small>"),
    )
    return (
        '<dl class="figures">'
        + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures)
        + "</dl>"
    )


def _table(outcome: Outcome) -> str:
    rows = "".join(_table_row(_breakable(product.label), product.counts()) for product in outcome.products)
    headings = "".join(
        f'<th scope="col">{name}</th>' for name in ("Product", "Right", "Kind only", "Wrong", "Not named")
    )
    return (
        f'<div class="scroll"><table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody>'
        f"<tfoot>{_table_row('All', outcome.counts())}</tfoot></table></div>"
    )


def _table_row(name: str, counts: dict[str, int]) -> str:
    return f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{counts[key]}</td>" for key in VERDICTS) + "</tr>"


def _product(product: ProductOutcome) -> str:
    name = escape(product.label)
    lessons = "".join(
        f"<figure>{_picture(photo, f'{product.label}, taught photo {i}')}</figure>"
        for i, photo in enumerate(product.lessons, 1)
    )
    shots = "".join(
        _figure(shot, _MARKS[shot.verdict], shot.verdict, f"{product.label}, unseen photo {i}")
        for i, shot in enumerate(product.shots, 1)
    )
    counts = product.counts()
    return f"""<article class="product">
<header><h3>{name}</h3><span class="soft">{counts["right"]} of {len(product.shots)} right</span></header>
<div class="rows">
<div class="row lessons"><h4>Taught from</h4>{lessons}</div>
<div class="row shots"><h4>Unseen photos</h4>{shots}</div>
</div>
</article>"""


def _stranger(shot: Shot) -> str:
    tone, mark = _STRANGER_TONES[shot.verdict], _STRANGER_MARKS[shot.verdict]
    return _figure(shot, mark, tone, f"{shot.label}, a stranger", shows=shot.label)


def _figure(shot: Shot, mark: str, tone: Verdict, description: str, shows: str | None = None) -> str:
    lines = [f"<b>{mark}</b>{_sure(shot)}<br>{_breakable(_said(shot))}"]
    if shows:
        lines.append(f"<small>shows {_breakable(shows)}</small>")
    picture = _picture(shot.photo, f"{description}: {_said(shot)}{_sure(shot)}")
    return f'<figure class="shot {tone}">{picture}<figcaption>{" ".join(lines)}</figcaption></figure>'


def _said(shot: Shot) -> str:
    """The answer in words."""
    answer = shot.answer
    return answer.label or ("I'm not sure" if answer.known else "I don't know this one")


def _sure(shot: Shot) -> str:
    return f" {shot.answer.confidence:.0%} sure" if shot.answer.label else ""


def _breakable(label: str) -> str:
    """A label as HTML that may go on in the next line after each of its names."""
    return escape(label).replace("/", "/<wbr>")


def _picture(photo: Pixels, description: str) -> str:
    image = Image.fromarray(photo)
    image.thumbnail(PICTURE_SIZE, Image.Resampling.LANCZOS)
    stored = BytesIO()
    image.save(stored, "JPEG", quality=PICTURE_QUALITY, optimize=True)
    data = b64encode(stored.getvalue()).decode()
    return (
        f'<img loading="lazy" width="{image.width}" height="{image.height}" alt="{escape(description)}" '
        f'src="data:image/jpeg;base64,{data}">'
    )
