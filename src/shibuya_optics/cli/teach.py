"""`optics teach`, `optics forget`, `optics products`: change and list what a bundle knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from shibuya_optics.cli.arguments import BUNDLE_VARIABLE, NamedPhoto, bundle_option, gather, load
from shibuya_optics.cli.output import emit, examples, json_option, progress, table
from shibuya_optics.errors import BundleError, PhotoError
from shibuya_optics.photo import PhotoSource

if TYPE_CHECKING:
    from shibuya_optics.recognise import Product, Recogniser

EXAMPLE_FILE = "my-pantry.optics"


def out_option(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command the option `--out`, its parameter `out: Path | None`."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A new file for the result; --bundle stays as it is.",
    )(command)


@click.command(
    epilog=examples(
        f'optics teach "Dairy/Butter/Lurpak" 1.jpg 2.jpg 3.jpg --bundle {EXAMPLE_FILE}',
        f'optics teach "Tins/Beans/Heinz" heinz/ --bundle {EXAMPLE_FILE}',
        'optics teach "Tins/Beans/Heinz" heinz/ --bundle only-mine.optics --empty',
        f'optics teach "Dairy/Butter/Lurpak" --words "lurpak slightly salted" --bundle {EXAMPLE_FILE}',
        f'optics teach "Dairy/Butter/Lurpak" --barcode 5740900836006 --bundle {EXAMPLE_FILE}',
        f"optics identify shelf.jpg --bundle {EXAMPLE_FILE}",
    )
)
@click.argument("label")
@click.argument("photos", nargs=-1, metavar="[PHOTO...]")
@click.option("--words", multiple=True, metavar="TEXT", help="A line that is printed on the pack; may be repeated.")
@click.option("--barcode", "barcodes", multiple=True, metavar="DIGITS", help="EAN or UPC; may be repeated.")
@bundle_option
@out_option
@click.option("--no-read", is_flag=True, help="Do not read and keep the print in the photos.")
@click.option("--empty", is_flag=True, help="Begin the new bundle without the shipped products.")
@click.option("--keep-variants", is_flag=True, help="Keep names below the third apart: A/B/C/Salted is not A/B/C.")
@json_option
def teach(
    label: str,
    photos: tuple[str, ...],
    words: tuple[str, ...],
    barcodes: tuple[str, ...],
    bundle: str | None,
    out: Path | None,
    no_read: bool,
    empty: bool,
    keep_variants: bool,
    json_mode: bool,
) -> None:
    """Teach the product LABEL (Kind/Kind/Product) from PHOTOs: files, folders, - or web addresses.

    The print in the photos is read and kept in the bundle, to tell packs apart by their words. A product may be taught by
    --words or a --barcode alone.

    3 to 20 photos from several sides serve best. A product that is known already becomes better known. A --bundle
    FILE that does not exist yet is made from the shipped one, which itself is never changed.
    """
    from shibuya_optics.recognise import Recogniser

    if not (photos or words or barcodes):
        raise click.UsageError("nothing to teach from: give photos, --words or a --barcode.")
    start = perf_counter()
    target = _target(bundle, out, empty=empty)
    named = gather(photos)
    # A file of one's own that is not there yet begins as the shipped bundle.
    recogniser = Recogniser.open(bundle if out or target.exists() else None, empty=empty)
    before = {product.label: product.photos for product in recogniser.products()}
    looked_at = progress(_loaded(named), f"teach {label}", len(named), json_mode) if named else ()
    product = recogniser.teach(
        label, looked_at, words=words, barcodes=barcodes, read=not no_read, roll_up=not keep_variants
    )
    recogniser.save(target)
    added = product.photos - before.get(product.label, 0)
    document = {
        **asdict(product),
        "remarks": [{**asdict(remark), "text": remark.text} for remark in product.remarks],
        "added": added,
        "products": len(recogniser.tree),
        "bundle": str(target),
        "seconds": perf_counter() - start,
    }
    text = f"Learnt {product.label} from {_told(product, added if photos else None, words, barcodes)}. "
    lines = [f"{text}{target} knows {_counted(recogniser)}."]
    for remark in product.remarks:
        photo = f" ({named[remark.photo - 1].name})" if remark.photo and remark.given else ""
        lines.append(f"Look again: {remark.text}{photo}.")
    emit(document, json_mode, "\n".join(lines))


@click.command(
    epilog=examples(
        f'optics forget "Dairy/Butter/Lurpak" --bundle {EXAMPLE_FILE}',
        f'optics forget "Fruit/Apple/Golden Delicious" --out {EXAMPLE_FILE}',
    )
)
@click.argument("label")
@bundle_option
@out_option
@json_option
def forget(label: str, bundle: str | None, out: Path | None, json_mode: bool) -> None:
    """Forget the product LABEL wholly; the others keep their answers."""
    from shibuya_optics.recognise import Recogniser

    target = _target(bundle, out, empty=False)
    recogniser = Recogniser.open(bundle)
    recogniser.forget(label)
    recogniser.save(target)
    document = {"label": label, "products": len(recogniser.tree), "bundle": str(target)}
    emit(document, json_mode, f"Forgot {label}. {target} knows {_counted(recogniser)}.")


@click.command(
    epilog=examples("optics products", f"optics products --bundle {EXAMPLE_FILE}", "optics products --json | grep Milk")
)
@bundle_option
@json_option
def products(bundle: str | None, json_mode: bool) -> None:
    """List the products that a bundle knows, how many photos of each it keeps, and in how many of them it read print."""
    from shibuya_optics.bundle import find_bundle, read_bundle
    from shibuya_optics.recognise import Catalogue

    known = sorted(Catalogue.of(read_bundle(find_bundle(bundle))).products(), key=lambda product: product.label)
    rows = [
        (p.label, p.photos, p.read, ", ".join((*p.words, *p.barcodes)), "taught" if p.taught else "learned")
        for p in known
    ]
    text = (
        table(("product", "photos", "read", "told", "how"), rows)
        if rows
        else "It knows no products yet: `optics teach` adds one."
    )
    emit([asdict(product) for product in known], json_mode, text)


def _target(bundle: str | None, out: Path | None, *, empty: bool) -> Path:
    """The file that is to be written.

    Raises:
        BundleError: none is named, it is one that ships with the package, or something would be lost by writing it.
    """
    from shibuya_optics.bundle import SUFFIX, is_shipped, shipped_names

    if out is None and (bundle is None or bundle in shipped_names() or is_shipped(bundle)):
        raise BundleError(
            "the shipped bundle is never changed: name a file of your own, as in "
            f"--bundle {EXAMPLE_FILE} (or once and for all in {BUNDLE_VARIABLE})."
        )
    if out is not None and out.exists():
        raise BundleError(f"{out} exists: to change it give --bundle {out}; else name a new file with --out.")
    target = Path(bundle or "") if out is None else out
    if not target.exists() and target.suffix != SUFFIX:
        raise BundleError(f"a new bundle's name ends in {SUFFIX}: name it {target}{SUFFIX}.")
    if empty and target.exists():
        raise BundleError(f"{target} exists, and --empty begins a new bundle: name a new file, or leave --empty out.")
    return target


def _loaded(named: Sequence[NamedPhoto]) -> Iterator[PhotoSource]:
    """The photos one after the other.

    Raises:
        PhotoError: one is not to be had.
    """
    for photo in named:
        source = load(photo)
        if isinstance(source, PhotoError):
            raise source
        yield source


def _told(product: Product, added: int | None, words: Sequence[str], barcodes: Sequence[str]) -> str:
    """What a product was taught from just now."""
    parts = [f"{len(barcodes)} barcode{'s' * (len(barcodes) != 1)}"] if barcodes else []
    if words:
        parts.insert(0, "words")
    if added is not None:
        parts.append(f"{added} new photo{'s' * (added != 1)}, {product.photos} in all")
        parts[-1] += f", {product.read} with print" * (product.read > 0)
    return " and ".join(parts)


def _counted(recogniser: Recogniser) -> str:
    count = len(recogniser.tree)
    return f"{count} product{'s' * (count != 1)}"
