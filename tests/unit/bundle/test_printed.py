from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundle_parts import edit_index, refit, repack
from tiny_bundle import SIZE, tiny_bundle

from shibuya_optics.bundle import Bundle, Fusion, Printed, read_bundle, write_bundle
from shibuya_optics.errors import BundleError, DamagedBundleError
from shibuya_optics.labels import LabelTree

PRINTED = {
    "Blue": Printed(read=((("BLÅ", 0.9), ("100 g", 0.25)), (("BLA", 0.5),)), told=("so blue",)),
    "Dairy/Butter/Red": Printed(barcodes=("05740900836006",)),
}


def reading_bundle() -> Bundle:
    return replace(tiny_bundle(), printed=PRINTED, fusion=Fusion(reading=3.0))


def with_words_alone() -> Bundle:
    """The tiny bundle with a fifth product that nobody has seen."""
    tiny = tiny_bundle()
    return replace(
        tiny,
        tree=LabelTree((*tiny.tree.products, "Tea")),
        prototypes=np.vstack([tiny.prototypes, np.zeros((1, SIZE), np.float32)]),
        prototype_weights=np.append(tiny.prototype_weights, np.float32(0)),
        printed={"Tea": Printed(told=("green tea",))},
        taught=frozenset({"Tea"}),
    )


def test_print_and_fusion_are_read_as_they_were_written(tmp_path: Path) -> None:
    again = read_bundle(write_bundle(reading_bundle(), tmp_path / "tiny.optics"))
    assert (again.printed, again.fusion) == (PRINTED, Fusion(reading=3.0))


def test_print_is_plain_json(tmp_path: Path) -> None:
    path = write_bundle(reading_bundle(), tmp_path / "tiny.optics")
    with zipfile.ZipFile(path) as archive:
        stored = json.loads(archive.read("packs.json"))
    assert list(stored) == ["Blue", "Dairy/Butter/Red"]
    assert stored["Blue"] == {
        "read": [[["BLÅ", 0.9], ["100 g", 0.25]], [["BLA", 0.5]]],
        "told": ["so blue"],
        "barcodes": [],
    }


def test_a_bundle_of_the_first_format_is_read_and_has_no_print(tmp_path: Path) -> None:
    path = write_bundle(reading_bundle(), tmp_path / "old.optics")

    def as_format_1(parts: dict[str, bytes]) -> None:
        del parts["packs.json"]
        hashes = json.loads(parts["bundle.json"])["parts"]
        edit_index(parts, schema=1, fusion=None, parts={name: h for name, h in hashes.items() if name != "packs.json"})

    repack(path, as_format_1)
    old = read_bundle(path)
    assert (old.printed, old.fusion, old.tree) == ({}, Fusion(), tiny_bundle().tree)


def test_a_product_may_be_known_by_its_print_alone(tmp_path: Path) -> None:
    again = read_bundle(write_bundle(with_words_alone(), tmp_path / "tiny.optics"))
    assert again.tree.products[-1] == "Tea"
    assert not again.prototypes[-1].any()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"printed": {}}, "of product 'Tea' neither a look nor print is known"),
        ({"printed": {"Tea": Printed()}}, "of product 'Tea' neither"),
        ({"printed": {"Tea": Printed(told=("tea",)), "Coffee": Printed(told=("coffee",))}}, "not in the label tree"),
        ({"exemplar_products": np.array([0, 0, 1, 1, 2, 2, 4, 3], np.int32)}, "'Tea' has exemplars, and no look"),
    ],
)
def test_print_that_does_not_fit_the_products_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        replace(with_words_alone(), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"read": ((("two\nlines", 0.5),),)},
        {"read": ((("", 0.5),),)},
        {"read": ((("a", 1.5),),)},
        {"read": ((("a", float("nan")),),)},
        {"told": ("\x1b[31m",)},
        {"barcodes": ("5740900836006",)},
        {"barcodes": ("0574090083600x",)},
    ],
)
def test_what_is_no_print_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BundleError):
        Printed(**values)


@pytest.mark.parametrize(
    "text", [b"[]", b"{", b'{"Blue": {}}', b'{"Blue": {"read": [[["a", 2]]], "told": [], "barcodes": []}}']
)
def test_a_damaged_account_of_print_is_told(tmp_path: Path, text: bytes) -> None:
    path = write_bundle(reading_bundle(), tmp_path / "tiny.optics")
    repack(path, lambda parts: refit(parts, "packs.json", text))
    with pytest.raises(DamagedBundleError):
        read_bundle(path)


@pytest.mark.parametrize("values", [{"reading": -1.0}, {"most": 0.0}, {"known_match": 1.5}, {"sure": float("nan")}])
def test_fusion_numbers_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match=f"fusion number {next(iter(values))}"):
        Fusion(**values)


def test_fusion_is_read_from_its_json() -> None:
    assert Fusion.from_json(asdict(Fusion(most=2.0))) == Fusion(most=2.0)
    with pytest.raises(BundleError, match=r"\['mood'\]"):
        Fusion.from_json({**asdict(Fusion()), "mood": 1})
