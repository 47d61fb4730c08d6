from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundle_parts import edit_index, refit, repack
from tiny_bundle import tiny_bundle

from shibuya_optics.bundle import LEARNED_WEIGHT, Bundle, Decision, read_bundle, write_bundle
from shibuya_optics.errors import BundleError, BundleNotFoundError, DamagedBundleError, NewerBundleError
from shibuya_optics.labels import LabelTree

HEADER_BYTES = 30
PARTS = ["bundle.json", "embedder.onnx", "catalogue.npz", "packs.json", "MODEL_CARD.md"]


def same(one: Bundle, other: Bundle) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Bundle)]
    return all(np.array_equal(a, b) and a.dtype == b.dtype if isinstance(a, np.ndarray) else a == b for a, b in pairs)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_bundle(tiny_bundle(), tmp_path / "tiny.optics")


def test_a_bundle_is_read_as_it_was_written(path: Path) -> None:
    assert same(read_bundle(path), tiny_bundle())


def test_a_bundle_without_products_is_read_as_it_was_written(tmp_path: Path) -> None:
    empty = tiny_bundle(())
    assert same(read_bundle(write_bundle(empty, tmp_path / "empty.optics")), empty)


def test_the_same_bundle_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = write_bundle(read_bundle(path), tmp_path / "again.optics")
    assert again.read_bytes() == path.read_bytes()


def test_the_zip_holds_the_parts_as_they_are(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == PARTS
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("MODEL_CARD.md").decode() == tiny_bundle().card
        assert archive.read("embedder.onnx") == tiny_bundle().embedder
        assert json.loads(archive.read("bundle.json"))["schema"] == 4


def test_prototypes_count_as_learned_where_no_weights_are_given() -> None:
    assert tiny_bundle().prototype_weights.tolist() == [LEARNED_WEIGHT] * 4


@pytest.mark.parametrize("name", PARTS)
def test_a_flipped_bit_in_a_part_is_found_and_the_part_named(path: Path, name: str) -> None:
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        content[archive.getinfo(name).header_offset + HEADER_BYTES + len(name) + 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedBundleError, match=f"its part {name} does not have the recorded hash"):
        read_bundle(path)


@pytest.mark.parametrize("name", PARTS[1:])
def test_another_part_than_the_recorded_one_is_found_and_named(path: Path, name: str) -> None:
    repack(path, lambda parts: parts.update({name: b"another"}))
    with pytest.raises(DamagedBundleError, match=f"its part {name} does not have the recorded hash"):
        read_bundle(path)


def test_an_edited_index_is_found(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        comment = archive.comment
    repack(path, lambda parts: edit_index(parts, licence="any"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = comment
    with pytest.raises(DamagedBundleError, match=r"bundle\.json does not have the recorded hash"):
        read_bundle(path)


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_part_is_named(path: Path, name: str) -> None:
    def drop(parts: dict[str, bytes]) -> None:
        del parts[name]

    repack(path, drop)
    with pytest.raises(DamagedBundleError, match=f"it lacks the part {name}"):
        read_bundle(path)


def test_a_part_that_the_index_leaves_out_is_named(path: Path) -> None:
    repack(path, lambda parts: edit_index(parts, parts={}))
    with pytest.raises(DamagedBundleError, match=r"lacks 'catalogue\.npz'"):
        read_bundle(path)


def test_a_newer_format_says_how_to_update(path: Path) -> None:
    repack(path, lambda parts: edit_index(parts, schema=5, parts=None))
    with pytest.raises(NewerBundleError, match=r"format 5, this one reads up to 4\): update with `pip install -U"):
        read_bundle(path)


def test_a_bundle_of_format_3_judges_learned_products_as_it_did(path: Path) -> None:
    since = {"typical_weight", "learned_midpoint", "learned_slope"}
    numbers = {name: number for name, number in tiny_bundle().decision.__dict__.items() if name not in since}
    repack(path, lambda parts: edit_index(parts, schema=3, decision=numbers))
    old = read_bundle(path)
    assert old.decision == Decision(**numbers)
    assert old.differences.shape == (2, 48, 0)
    repack(path, lambda parts: edit_index(parts, schema=4))
    with pytest.raises(DamagedBundleError, match="learned_slope"):
        read_bundle(path)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.optics"
    path.write_bytes(content)
    with pytest.raises(DamagedBundleError, match="no bundle, or is damaged"):
        read_bundle(path)


def test_a_truncated_bundle_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DamagedBundleError):
        read_bundle(path)


def test_a_bundle_packed_anew_with_compression_is_refused(path: Path) -> None:
    repack(path, lambda _: None, zipfile.ZIP_DEFLATED)
    with pytest.raises(DamagedBundleError, match="is compressed"):
        read_bundle(path)


def test_no_file_and_a_folder_are_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleNotFoundError, match="there is no bundle"):
        read_bundle(tmp_path / "none.optics")
    with pytest.raises(BundleNotFoundError, match="is a folder"):
        read_bundle(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"contract": {"size": 32}}, "input contract"),
        ({"labels": ["Blue", "Blue", "Red", "Green"]}, "stands twice"),
        ({"labels": ["Blue"]}, "prototypes are float32"),
        ({"labels": 5}, "not iterable"),
        ({"decision": {"scale": 1}}, "decision numbers"),
        ({"taught": ["Red"]}, "taught label"),
        ({"licence": None}, "licence"),
        ({"schema": None}, "names no format"),
        ({"parts": None}, "lists no parts"),
        ({"parts": {"embedder.onnx": 1}}, "recorded hash"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(path: Path, values: dict[str, Any], message: str) -> None:
    repack(path, lambda parts: edit_index(parts, **values))
    with pytest.raises(DamagedBundleError, match=message):
        read_bundle(path)


@pytest.mark.parametrize("index", [b"[]", b"{", b"\xff"])
def test_an_index_that_is_no_json_object_is_refused(path: Path, index: bytes) -> None:
    repack(path, lambda parts: parts.update({"bundle.json": index}))
    with pytest.raises(DamagedBundleError):
        read_bundle(path)


def test_a_pickle_in_the_catalogue_is_not_opened(path: Path) -> None:
    pickled = io.BytesIO()
    np.savez(pickled, prototypes=np.array([{}], dtype=object))
    repack(path, lambda parts: refit(parts, "catalogue.npz", pickled.getvalue()))
    with pytest.raises(DamagedBundleError, match="allow_pickle"):
        read_bundle(path)


def test_a_catalogue_that_is_no_npz_is_refused(path: Path) -> None:
    repack(path, lambda parts: refit(parts, "catalogue.npz", b"nothing"))
    with pytest.raises(DamagedBundleError):
        read_bundle(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prototypes": np.eye(3, 48, dtype=np.float32)}, "prototypes are float32"),
        ({"prototypes": np.eye(4, 48)}, "prototypes are float64"),
        ({"prototypes": np.full((4, 48), np.nan, np.float32)}, "prototypes are not all of length 1"),
        ({"prototype_weights": np.full(4, -1, np.float32)}, "not all 0 or above"),
        ({"prototype_weights": np.array([1, 1, 1, 0], np.float32)}, "prototypes are not all of length 1"),
        ({"prototype_weights": np.ones(3, np.float32)}, "prototype_weights are"),
        ({"exemplars": np.zeros((8, 48), np.float16)}, "exemplars are not all of length 1"),
        ({"exemplars": np.eye(8, 47, dtype=np.float16)}, "exemplars are"),
        ({"differences": np.ones((2, 47, 3), np.float16)}, "differences are"),
        ({"differences": np.ones((2, 48, 3))}, "differences are float64"),
        ({"differences": np.full((2, 48, 3), np.nan, np.float16)}, "differences are not all finite"),
        ({"exemplar_products": np.full(8, 4, np.int32)}, "does not hold"),
        ({"exemplar_products": np.full(8, -1, np.int32)}, "does not hold"),
        ({"exemplar_products": np.full((8, 1), 1, np.int32)}, "exemplar_products are"),
        ({"exemplar_products": np.array([0, 0, 1, 1, 2, 2, 2, 2], np.int32)}, "'Blue' has no exemplar"),
        ({"tree": LabelTree(("Blue",))}, "1 products need"),
        ({"taught": frozenset({"Yellow"})}, "taught label"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        replace(tiny_bundle(), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"scale": 0.0},
        {"temperature": -1.0},
        {"temperature": float("inf")},
        {"known_midpoint": 1.5},
        {"known_midpoint": float("nan")},
        {"known_slope": 0.0},
        {"kinds_midpoint": 0.1},
        {"kinds_slope": -0.1},
        {"typical_weight": -0.1},
        {"learned_midpoint": float("inf")},
        {"learned_slope": -0.1},
        {"scale": "20"},
    ],
)
def test_decision_numbers_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match=f"decision number {next(iter(values))}"):
        replace(tiny_bundle().decision, **values)


def test_a_decision_is_read_from_its_json() -> None:
    decision = Decision(16, 0.5, 0.4, 25, -0.6, 0.7, 0.001, -3.5, 0.9)
    stored = json.loads(json.dumps(decision.__dict__))
    assert Decision.from_json(stored) == decision
    with pytest.raises(BundleError, match=r"\['mood'\]"):
        Decision.from_json(stored | {"mood": 1})


def test_what_stood_there_stays_when_writing_fails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(BundleError, match="cannot be written \\(No space left on device\\)"):
        write_bundle(tiny_bundle(()), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be written"):
        write_bundle(tiny_bundle(), tmp_path / "none" / "tiny.optics")


def test_printing_a_bundle_does_not_print_its_arrays() -> None:
    assert len(repr(tiny_bundle())) < 1000
