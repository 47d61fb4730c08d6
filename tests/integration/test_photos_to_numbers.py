"""The whole way of a photo: library, dataset file, teaching, bundle, numbers; on rendered photos and a tiny network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tiny_bundle import tiny_bundle

from shibuya_optics import Recogniser
from shibuya_optics.bundle import write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.collect.library import PhotoLibrary
from shibuya_optics.contract import Pixels
from shibuya_optics.demo import Product
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.records import Photo, Split

Photograph = Callable[[Product, int], Pixels]
SEEDS: dict[Split, range] = {"train": range(4), "test": range(4, 7)}


def fill(root: Path, products: Sequence[Product], photograph: Photograph) -> None:
    library = PhotoLibrary(root)
    for split, seeds in SEEDS.items():
        for product in products:
            for seed in seeds:
                data = encode_jpeg(photograph(product, seed))
                photo = Photo(
                    sha256=hashlib.sha256(data).hexdigest(),
                    label=product.label,
                    origin="own",
                    width=320,
                    height=240,
                    collected_at="2026-01-02T03:04:05+00:00",
                    split=split,
                )
                library.add(data, photo)


def test_photos_become_a_dataset_a_bundle_and_its_numbers(
    tmp_path: Path,
    pantry: tuple[Product, ...],
    photograph: Photograph,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = pantry[4:8]
    fill(tmp_path / "library", known, photograph)
    assert run(["pack", str(tmp_path / "library")]) == 0

    write_bundle(tiny_bundle(), tmp_path / "tiny.optics")
    recogniser = Recogniser.open(tmp_path / "tiny.optics", empty=True)
    for product in known:
        recogniser.teach(product.label, [photograph(product, seed) for seed in SEEDS["train"]], read=False)
    recogniser.save(tmp_path / "taught.optics")
    capsys.readouterr()

    words = ["evaluate", str(tmp_path / "taught.optics"), str(tmp_path / "library" / "pantry.h5"), "--json"]
    assert run(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["photos"] == 12
    assert document["labels_not_in_bundle"] == []
    # Sixteen averaged colours are little to go by, and chance is one in four.
    assert document["accuracy"] >= 0.5
    assert document["accuracy_kind"] >= 0.5

    by_hand = [recogniser.identify(photograph(product, seed)) for product in known for seed in SEEDS["test"]]
    right = [
        answer.candidates[0].label == product.label
        for answer, product in zip(by_hand, (product for product in known for _ in SEEDS["test"]), strict=True)
    ]
    assert document["accuracy"] == pytest.approx(sum(right) / 12, abs=1 / 12)
