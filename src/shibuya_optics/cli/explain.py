"""`optics explain`: shows on the photo what an answer rests on."""

from __future__ import annotations

from pathlib import Path

import click

from shibuya_optics.cli.arguments import bundle_option, effort_options, gather, load, read_effort
from shibuya_optics.cli.identify import UNKNOWN, UNSURE
from shibuya_optics.cli.output import emit, examples, json_option, table
from shibuya_optics.errors import PhotoError
from shibuya_optics.records import Answer

SUFFIX = ".png"


@click.command(
    epilog=examples(
        "optics explain milk.jpg --out milk-explained.png",
        "optics explain milk.jpg --out why.png --bundle my-pantry.optics --senses look,read,scan",
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
@bundle_option
@effort_options
@json_option
def explain(photo: str, out: Path, bundle: str | None, senses: str | None, within: str | None, json_mode: bool) -> None:
    """Answer for one PHOTO, and draw on it what was read and scanned: what speaks for the answer is green."""
    from PIL import Image

    from shibuya_optics.files import replacing
    from shibuya_optics.photo import hold_photo
    from shibuya_optics.recognise import Recogniser
    from shibuya_optics.recognise.explain import SHORT_SIDE, drawn

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
    answer = Recogniser.open(bundle).identify(held.content, effort)
    with replacing(out) as part:
        Image.fromarray(drawn(pixels, answer)).save(part, "PNG")
    emit({"photo": named[0].name, "picture": str(out), **answer.as_json()}, json_mode, _text(answer, out))


def _text(answer: Answer, out: Path) -> str:
    said = answer.label or (UNSURE if answer.known else UNKNOWN)
    lines = [f"{said}; senses used: {', '.join(answer.senses)}. Drawn in {out}."]
    if answer.words:
        rows = [(word.text, f"{word.confidence:.2f}", f"{word.says:.2f}") for word in answer.words]
        lines.append(table(("print", "confidence", "says"), rows))
    lines += [f"barcode {code}" for code in answer.barcodes]
    return "\n".join(lines)
