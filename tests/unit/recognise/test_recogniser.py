from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tiny_bundle import COLOURS, PRODUCTS, SIZE, noisy_photo, plain_photo, tiny_bundle, tiny_embedder

from shibuya_optics import Recogniser
from shibuya_optics.bundle import read_bundle, write_bundle
from shibuya_optics.errors import (
    BundleError,
    BundleNotFoundError,
    DamagedBundleError,
    NotAPhotoError,
    PhotoNotFoundError,
    TeachError,
    UnknownLabelError,
)
from shibuya_optics.photo import PhotoSource
from shibuya_optics.records import Answer

YELLOW = (250, 250, 10)
ANSWERS = {"Dairy/Butter/Red", "Dairy/Butter/Crimson", "Dairy/Milk/Green", "Blue"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_bundle(tiny_bundle(), tmp_path / "tiny.optics")


@pytest.fixture
def recogniser(path: Path) -> Recogniser:
    return Recogniser.open(path)


def png(photo: NDArray[np.uint8]) -> bytes:
    content = io.BytesIO()
    Image.fromarray(photo).save(content, "PNG")
    return content.getvalue()


def yellows(count: int) -> list[NDArray[np.uint8]]:
    return [noisy_photo(YELLOW, seed) for seed in range(count)]


def said(answers: list[Answer]) -> list[tuple[object, ...]]:
    return [(answer.label, answer.known, round(answer.confidence, 4)) for answer in answers]


def test_every_known_colour_is_named(recogniser: Recogniser) -> None:
    for label, colour in COLOURS.items():
        answer = recogniser.identify(plain_photo(colour))
        assert (answer.label, answer.known) == (label, True)
        assert answer.seconds > 0


def test_a_stranger_is_not_known(recogniser: Recogniser) -> None:
    answer = recogniser.identify(plain_photo(YELLOW))
    assert (answer.label, answer.known) == (None, False)


def test_a_photo_may_come_in_any_form(recogniser: Recogniser, tmp_path: Path) -> None:
    photo = noisy_photo(COLOURS["Blue"], 1)
    file = tmp_path / "blue.png"
    file.write_bytes(png(photo))
    forms: list[PhotoSource] = [
        photo,
        Image.fromarray(photo),
        png(photo),
        bytearray(png(photo)),
        io.BytesIO(png(photo)),
        file,
        str(file),
    ]
    assert said(recogniser.identify_many(forms)) == said([recogniser.identify(photo)]) * len(forms)


def test_many_photos_are_answered_in_their_order_in_any_batch(recogniser: Recogniser) -> None:
    photos = [noisy_photo(colour, seed) for seed in range(3) for colour in COLOURS.values()]
    alone = said([recogniser.identify(photo) for photo in photos])
    assert {label for label, *_ in alone} == ANSWERS
    assert said(recogniser.identify_many(photos, batch=5)) == alone
    assert said(recogniser.identify_many(np.stack(photos))) == alone


def test_one_photo_given_as_many_is_one_photo(recogniser: Recogniser, tmp_path: Path) -> None:
    file = tmp_path / "blue.png"
    file.write_bytes(png(plain_photo(COLOURS["Blue"])))
    for one in (str(file), file, file.read_bytes(), io.BytesIO(file.read_bytes()), plain_photo(COLOURS["Blue"])):
        assert [answer.label for answer in recogniser.identify_many(one)] == ["Blue"]  # type: ignore[arg-type]


def test_each_takes_no_more_photos_than_a_batch_ahead(recogniser: Recogniser) -> None:
    taken = []

    def photos() -> Iterator[NDArray[np.uint8]]:
        for number in range(10):
            taken.append(number)
            yield plain_photo(COLOURS["Blue"])

    answers = recogniser.identify_each(photos(), batch=3)
    assert taken == []
    next(answers)
    assert taken == [0, 1, 2]
    assert len(list(answers)) == 9


def test_each_puts_an_error_in_the_place_of_its_photo(recogniser: Recogniser) -> None:
    given = PhotoNotFoundError("not fetched")
    blue = plain_photo(COLOURS["Blue"])
    answers = list(recogniser.identify_each([b"words", blue, given, blue], batch=3))
    assert isinstance(answers[0], NotAPhotoError)
    assert answers[2] is given
    assert [answers[i].label for i in (1, 3)] == ["Blue", "Blue"]  # type: ignore[union-attr]


def test_many_raise_the_error_of_a_photo(recogniser: Recogniser) -> None:
    with pytest.raises(NotAPhotoError):
        recogniser.identify_many([plain_photo(COLOURS["Blue"]), b"words"])


def test_seconds_share_the_time_of_a_batch(recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 13.0])
    monkeypatch.setattr("shibuya_optics.recognise.recogniser.perf_counter", lambda: next(times))
    answers = recogniser.identify_many([plain_photo(COLOURS["Blue"])] * 6)
    assert [answer.seconds for answer in answers] == [0.5] * 6


def test_a_taught_product_is_known_and_the_others_stay(recogniser: Recogniser) -> None:
    before = {label: recogniser.identify(plain_photo(colour)).label for label, colour in COLOURS.items()}
    product = recogniser.teach("Dairy/Cheese/Yellow", yellows(3))
    assert (product.label, product.photos, product.taught) == ("Dairy/Cheese/Yellow", 3, True)
    assert recogniser.identify(noisy_photo(YELLOW, 99)).label == "Dairy/Cheese/Yellow"
    assert {label: recogniser.identify(plain_photo(colour)).label for label, colour in COLOURS.items()} == before
    recogniser.forget("Dairy/Cheese/Yellow")
    assert not recogniser.identify(noisy_photo(YELLOW, 99)).known


def test_variants_are_rolled_up_unless_kept(recogniser: Recogniser) -> None:
    assert recogniser.teach("Dairy/Cheese/Yellow/Mild", yellows(1)).label == "Dairy/Cheese/Yellow"
    kept = recogniser.teach("Dairy/Cheese/Yellow/Mild", yellows(2), roll_up=False)
    assert (kept.label, kept.photos) == ("Dairy/Cheese/Yellow/Mild", 2)
    assert recogniser.tree.products == (*PRODUCTS, "Dairy/Cheese/Yellow", "Dairy/Cheese/Yellow/Mild")


def test_nothing_is_learnt_when_a_photo_cannot_be_read(recogniser: Recogniser) -> None:
    with pytest.raises(NotAPhotoError):
        recogniser.teach("Yellow", [*yellows(2), b"words"])
    with pytest.raises(TeachError):
        recogniser.teach("Yellow", [])
    assert recogniser.tree.products == PRODUCTS


def test_one_photo_taught_by_itself_is_one_photo(recogniser: Recogniser) -> None:
    assert recogniser.teach("Yellow", plain_photo(YELLOW)).photos == 1


def test_an_empty_recogniser_knows_nothing_until_it_is_taught(path: Path) -> None:
    recogniser = Recogniser.open(path, empty=True)
    answer = recogniser.identify(plain_photo(COLOURS["Blue"]))
    assert (answer.label, answer.known, answer.candidates, recogniser.products()) == (None, False, (), ())
    recogniser.teach("Yellow", yellows(2))
    answer = recogniser.identify(noisy_photo(YELLOW, 99))
    assert (answer.label, len(answer.candidates)) == ("Yellow", 1)


def test_what_was_taught_and_forgotten_is_saved(recogniser: Recogniser, tmp_path: Path) -> None:
    recogniser.teach("Yellow", yellows(3))
    recogniser.teach("Dairy/Butter/Red", [noisy_photo(COLOURS["Dairy/Butter/Red"], 5)])
    recogniser.forget("Blue")
    again = Recogniser.open(recogniser.save(tmp_path / "mine.optics"))
    assert again.products() == recogniser.products()
    photos = [noisy_photo(colour, 7) for colour in [*COLOURS.values(), YELLOW]]
    assert said(again.identify_many(photos)) == said(recogniser.identify_many(photos))
    # Taught in two sittings, with a file between them, is as good as taught in one.
    again.teach("Yellow", yellows(5))
    recogniser.teach("Yellow", yellows(5))
    np.testing.assert_allclose(again.bundle.prototypes, recogniser.bundle.prototypes, atol=1e-6)


def test_saving_leaves_the_network_and_its_account_alone(recogniser: Recogniser, path: Path, tmp_path: Path) -> None:
    recogniser.teach("Yellow", yellows(1))
    saved, before = read_bundle(recogniser.save(tmp_path / "mine.optics")), read_bundle(path)
    for name in ("name", "embedder", "contract", "decision", "licence", "lineage", "card", "created_at"):
        assert getattr(saved, name) == getattr(before, name)
    assert saved.taught == {"Yellow"}


def test_the_shipped_bundle_is_not_overwritten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shibuya_optics.bundle.shipped.SHIPPED_FOLDER", path.parent)
    before = path.read_bytes()
    with pytest.raises(BundleError, match="ships with the package"):
        Recogniser.open(path).save(path)
    assert path.read_bytes() == before


def test_forgetting_what_is_not_known_is_told(recogniser: Recogniser) -> None:
    with pytest.raises(UnknownLabelError, match="did you mean 'Blue'"):
        recogniser.forget("Bleu")


def test_scores_say_what_the_answers_rest_on(recogniser: Recogniser) -> None:
    photos = [noisy_photo(colour, seed) for seed in range(9) for colour in [*COLOURS.values(), YELLOW]]
    scores = recogniser.scores(iter(photos))
    assert scores.logits.shape == scores.confidences.shape == (45, 4)
    assert said(list(scores.answers)) == said(recogniser.identify_many(photos))
    known = scores.known >= 0
    assert known.reshape(9, 5).all(axis=0).tolist() == [True, True, True, True, False]
    assert np.array(PRODUCTS)[scores.confidences[0].argmax()] == "Dairy/Butter/Red"


def test_vectors_are_unit_rows(recogniser: Recogniser) -> None:
    vectors = recogniser.vectors(yellows(20))
    assert vectors.shape == (20, SIZE)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert recogniser.vectors([]).shape == (0, SIZE)


def test_a_network_that_cannot_be_run_is_told_with_the_file(tmp_path: Path) -> None:
    refused = write_bundle(replace(tiny_bundle(), embedder=b"none"), tmp_path / "refused.optics")
    with pytest.raises(DamagedBundleError, match=r"refused\.optics is damaged: ONNX Runtime .* refuses"):
        Recogniser.open(refused)


def test_a_network_that_does_not_fit_the_catalogue_is_told() -> None:
    narrow = replace(
        tiny_bundle(),
        prototypes=np.eye(4, dtype=np.float32),
        exemplars=np.eye(4, dtype=np.float16),
        exemplar_products=np.arange(4, dtype=np.int32),
    )
    with pytest.raises(DamagedBundleError, match="vectors of 48 numbers, its catalogue has 4"):
        Recogniser(narrow)


def test_no_such_bundle_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleNotFoundError, match="there is no bundle"):
        Recogniser.open(tmp_path / "none.optics")


def test_threads_may_be_set() -> None:
    answer = Recogniser(tiny_bundle(), threads=1).identify(plain_photo(COLOURS["Blue"]))
    assert answer.label == "Blue"


def test_the_network_may_give_vectors_of_any_length() -> None:
    loud = Recogniser(replace(tiny_bundle(), embedder=tiny_embedder(scale=1e4)))
    assert loud.identify(plain_photo(COLOURS["Blue"])).label == "Blue"
