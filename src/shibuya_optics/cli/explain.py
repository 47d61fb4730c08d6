"""`optics explain`: shows on the photo what an answer rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shibuya_optics.cli.arguments import bundle_option, effort_options, gather, load, read_effort
from shibuya_optics.cli.identify import UNKNOWN, UNSURE
from shibuya_optics.cli.output import emit, examples, json_option, table
from shibuya_optics.errors import PhotoError
from shibuya_optics.records import Answer

if TYPE_CHECKING:
    from shibuya_optics.dataset.alike import Alike
    from shibuya_optics.photo import HeldPhoto
    from shibuya_optics.recognise import Reasons, Recogniser

SUFFIX = ".png"


@click.command(
    epilog=examples(
        "optics explain milk.jpg --out milk-explained.png",
        "optics explain milk.jpg --out why.png --bundle my-pantry.optics --senses look,read,scan",
        "optics explain milk.jpg --out why.png --photos pantry.h5",
    )
)
@click.argument("photo")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar=f"FILE{SUFFIX}",
    required=True,
    help="Where the picture is written.",
)
@click.option(
    "--photos",
    "dataset",
    type=click.Path(path_type=Path),
    metavar="DATASET.h5",
    help="Show the three photos most like it among those that the product was learned from.",
)
@bundle_option
@effort_options
@json_option
def explain(
    photo: str,
    out: Path,
    dataset: Path | None,
    bundle: str | None,
    senses: str | None,
    within: str | None,
    json_mode: bool,
) -> None:
    """Answer for one PHOTO, and draw on it what was read and scanned: what speaks for the answer is green.

    Beside it, where the network looked: yellow is what makes the photo look like the product, dimmed is what it did not see.
    """
    from PIL import Image

    from shibuya_optics.files import replacing
    from shibuya_optics.photo import hold_photo
    from shibuya_optics.recognise import Recogniser
    from shibuya_optics.recognise.why.drawing import SHORT_SIDE, Thumbnail, drawn

    if out.suffix != SUFFIX:
        raise click.UsageError(f"--out {out}: the picture is a PNG, give a name that ends in {SUFFIX}.")
    effort = read_effort(senses, within)
    named = gather([photo])
    if len(named) != 1:
        raise click.UsageError(f"{photo} holds {len(named)} photos: give one.")
    source = load(named[0])
    if isinstance(source, PhotoError):
        raise source
    held = hold_photo(source, name=named[0].name)
    pixels = held.pixels(SHORT_SIDE)
    recogniser = Recogniser.open(bundle)
    answer = recogniser.identify(held.content, effort)
    why = recogniser.explain(held.content, answer)
    alike = _alike(dataset, recogniser, held, why)
    thumbnails = [Thumbnail(one.photo, f"row {one.row} ({one.cosine:.2f})") for one in alike]
    with replacing(out) as part:
        Image.fromarray(drawn(pixels, answer, why, thumbnails)).save(part, "PNG")
    document = {"photo": named[0].name, "picture": str(out), **answer.as_json(), **why.as_json()}
    if dataset is not None:
        document["alike"] = [{"row": one.row, "cosine": one.cosine} for one in alike]
    emit(document, json_mode, _text(answer, why, out))


def _alike(dataset: Path | None, recogniser: Recogniser, held: HeldPhoto, why: Reasons) -> list[Alike]:
    """The photos of a dataset that are most like this one, of the product that is explained."""
    if dataset is None or not why.nearest or why.label is None:
        return []
    from shibuya_optics.dataset.alike import alike_in
    from shibuya_optics.dataset.store import PantryFile

    (vector,) = recogniser.vectors([held.content])
    with PantryFile.open(dataset) as file:
        return alike_in(file, why.label, vector, recogniser.vectors)


def _text(answer: Answer, why: Reasons, out: Path) -> str:
    from shibuya_optics.recognise.why.drawing import said_of

    said = answer.label or (UNSURE if answer.known else UNKNOWN)
    lines = [f"{said}; senses used: {', '.join(answer.senses)}. Drawn in {out}.", *said_of(why)]
    if answer.words:
        rows = [(word.text, f"{word.confidence:.2f}", f"{word.says:.2f}") for word in answer.words]
        lines.append(table(("print", "confidence", "says"), rows))
    lines += [f"barcode {code}" for code in answer.barcodes]
    return "\n".join(lines)
