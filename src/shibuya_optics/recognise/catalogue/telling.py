"""Teaching without a photo: a person tells what is printed on a product's packs, and its barcodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shibuya_optics.errors import TeachError
from shibuya_optics.labels import parse_label
from shibuya_optics.recognise.catalogue.catalogue import Catalogue
from shibuya_optics.senses import parse_gtin

LONGEST_TOLD = 200


def tell(catalogue: Catalogue, label: str, words: Sequence[str], barcodes: Sequence[str]) -> Catalogue:
    """The catalogue with what a person says is on a product's packs; the product is added where it is not there.

    Args:
        catalogue: what is known.
        label: of the product.
        words: lines, as in "lurpak slightly salted".
        barcodes: EAN-8, UPC-A, EAN-13 or GTIN-14.

    Raises:
        LabelError: the label is not well formed.
        TeachError: nothing is told, a line has no letters or is too long, or a barcode is none or another product's.
    """
    label = parse_label(label)
    lines, codes = [_told(line) for line in words], [_gtin(code, label, catalogue) for code in barcodes]
    if not lines and not codes:
        raise TeachError(f"nothing to teach {label} from: give photos, words or a barcode.")
    grown = catalogue.with_product(label)
    pack = grown.pack(label)
    told, known = (tuple(dict.fromkeys(both)) for both in ((*pack.told, *lines), (*pack.barcodes, *codes)))
    return grown.with_pack(label, replace(pack, told=told, barcodes=known))


def _told(line: str) -> str:
    one_line = " ".join(line.split())
    if not any(map(str.isalpha, one_line)) or not one_line.isprintable() or len(one_line) > LONGEST_TOLD:
        raise TeachError(
            f"words {one_line[:40]!r}: give what is printed on the pack, with letters, at most {LONGEST_TOLD} characters."
        )
    return one_line


def _gtin(barcode: str, label: str, catalogue: Catalogue) -> str:
    code = parse_gtin(barcode)
    if code is None:
        raise TeachError(
            f"barcode {barcode[:40]!r} is none: give the 8, 12, 13 or 14 digits under the bars; the last one checks the others."
        )
    owner = catalogue.by_barcode.get(code)
    if owner is not None and catalogue.tree.products[owner] != label:
        raise TeachError(
            f"barcode {barcode} is that of {catalogue.tree.products[owner]}: forget that one first, or check the number."
        )
    return code
