from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from tiny_bundle import COLOURS, PRODUCTS, noisy_photo, plain_photo, tiny_bundle

from shibuya_optics.bundle import read_bundle, write_bundle
from shibuya_optics.cli.main import run

YELLOW = (250, 250, 10)
LABEL = "Dairy/Cheese/Yellow"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    monkeypatch.setattr("shibuya_optics.bundle.shipped.SHIPPED_FOLDER", folder)
    return write_bundle(tiny_bundle(), folder / "pantry-mobile.optics")


@pytest.fixture
def kitchen(tmp_path: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with photos of a yellow cheese, and a package with a shipped bundle."""
    folder = tmp_path / "kitchen"
    folder.mkdir()
    for seed in range(4):
        Image.fromarray(noisy_photo(YELLOW, seed)).save(folder / f"{seed}.png")
    monkeypatch.chdir(folder)
    return folder


def labels(path: Path | str) -> tuple[str, ...]:
    return read_bundle(path).tree.products


def test_a_file_that_is_not_there_yet_begins_as_the_shipped_bundle(
    kitchen: Path, shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shipped.read_bytes()
    assert run(["teach", LABEL, "0.png", "1.png", "--bundle", "mine.optics"]) == 0
    assert capsys.readouterr().out == (f"Learnt {LABEL} from 2 new photos, 2 in all. mine.optics knows 5 products.\n")
    assert labels("mine.optics") == (*PRODUCTS, LABEL)
    assert shipped.read_bytes() == before
    assert run(["identify", "3.png", "--bundle", "mine.optics"]) == 0
    assert LABEL in capsys.readouterr().out


def test_teaching_again_adds_to_the_file(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["teach", LABEL, "0.png", "1.png", "--bundle", "mine.optics"])
    capsys.readouterr()
    assert run(["teach", LABEL, ".", "--bundle", "mine.optics", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.pop("seconds") > 0
    assert document == {
        "label": LABEL,
        "kind": "Dairy/Cheese",
        "photos": 4,
        "taught": True,
        "read": 0,
        "words": [],
        "barcodes": [],
        "remarks": [],
        "added": 2,
        "products": 5,
        "bundle": "mine.optics",
    }


def test_empty_begins_without_the_shipped_products(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["teach", LABEL, "0.png", "--bundle", "mine.optics", "--empty"]) == 0
    assert labels("mine.optics") == (LABEL,)
    assert "from 1 new photo, 1 in all. mine.optics knows 1 product." in capsys.readouterr().out
    assert run(["teach", "Other", "0.png", "--bundle", "mine.optics", "--empty"]) == 2
    assert "exists, and --empty begins a new bundle" in capsys.readouterr().err
    assert labels("mine.optics") == (LABEL,)


def test_variants_are_rolled_up_unless_kept(kitchen: Path) -> None:
    run(["teach", f"{LABEL}/Mild", "0.png", "--bundle", "mine.optics"])
    run(["teach", f"{LABEL}/Mild", "1.png", "--bundle", "mine.optics", "--keep-variants"])
    assert labels("mine.optics")[-2:] == (LABEL, f"{LABEL}/Mild")


@pytest.mark.parametrize("words", [[], ["--bundle", "pantry-mobile"]])
@pytest.mark.parametrize("verb", [["teach", LABEL, "0.png"], ["forget", "Blue"]])
def test_the_shipped_bundle_is_never_changed(
    kitchen: Path, shipped: Path, capsys: pytest.CaptureFixture[str], verb: list[str], words: list[str]
) -> None:
    before = shipped.read_bytes()
    assert run([*verb, *words]) == 2
    assert "name a file of your own, as in --bundle my-pantry.optics" in capsys.readouterr().err
    assert run([*verb, "--bundle", str(shipped)]) == 2
    assert run([*verb, "--out", str(shipped.with_name("other.optics"))]) == 2
    assert shipped.read_bytes() == before
    assert list(shipped.parent.iterdir()) == [shipped]


@pytest.mark.parametrize("words", [[], ["--bundle", "pantry-mobile"]])
def test_out_leaves_the_bundle_as_it_is(kitchen: Path, words: list[str]) -> None:
    assert run(["teach", LABEL, "0.png", *words, "--out", "mine.optics"]) == 0
    assert run(["teach", "Other", "1.png", "--bundle", "mine.optics", "--out", "more.optics"]) == 0
    assert labels("mine.optics") == (*PRODUCTS, LABEL)
    assert labels("more.optics") == (*PRODUCTS, LABEL, "Other")


def test_out_overwrites_nothing(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["teach", LABEL, "0.png", "--out", "mine.optics"])
    assert run(["teach", "Other", "1.png", "--out", "mine.optics"]) == 2
    assert "mine.optics exists: to change it give --bundle mine.optics" in capsys.readouterr().err
    assert labels("mine.optics") == (*PRODUCTS, LABEL)


def test_out_needs_a_bundle_that_is_there(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["teach", LABEL, "0.png", "--bundle", "none.optics", "--out", "mine.optics"]) == 2
    assert "there is no bundle 'none.optics'" in capsys.readouterr().err


def test_a_mistyped_name_makes_no_file(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["teach", LABEL, "0.png", "--bundle", "pantry-mobil"]) == 2
    assert "a new bundle's name ends in .optics: name it pantry-mobil.optics" in capsys.readouterr().err
    assert not Path("pantry-mobil").exists()


@pytest.mark.parametrize("bad", ["words.txt", "none.png", "."])
def test_nothing_is_written_when_a_photo_cannot_be_read(
    kitchen: Path, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    Path("words.txt").write_text("words")
    Path("zero.jpg").touch()
    assert run(["teach", LABEL, "0.png", bad, "--bundle", "mine.optics"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not Path("mine.optics").exists()


def test_a_label_that_is_none_is_told(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["teach", "Dairy//Yellow", "0.png", "--bundle", "mine.optics"]) == 2
    assert "has an empty name" in capsys.readouterr().err


def test_a_product_is_forgotten(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["teach", LABEL, "0.png", "--bundle", "mine.optics"])
    capsys.readouterr()
    assert run(["forget", "Blue", "--bundle", "mine.optics"]) == 0
    assert capsys.readouterr().out == "Forgot Blue. mine.optics knows 4 products.\n"
    assert run(["forget", LABEL, "--bundle", "mine.optics", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"label": LABEL, "products": 3, "bundle": "mine.optics"}
    assert labels("mine.optics") == PRODUCTS[:3]
    assert run(["forget", "Dairy/Milk/Gren", "--bundle", "mine.optics"]) == 2
    assert "did you mean 'Dairy/Milk/Green'?" in capsys.readouterr().err


def test_forgetting_may_write_a_new_file(kitchen: Path, shipped: Path) -> None:
    assert run(["forget", "Blue", "--out", "mine.optics"]) == 0
    assert (labels("mine.optics"), labels(shipped)) == (PRODUCTS[:3], PRODUCTS)


def test_forgetting_in_a_file_that_is_not_there_makes_none(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forget", "Blue", "--bundle", "mine.optics"]) == 2
    assert "there is no bundle 'mine.optics'" in capsys.readouterr().err
    assert not Path("mine.optics").exists()


def test_the_products_are_listed(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["teach", LABEL, ".", "--bundle", "mine.optics"])
    capsys.readouterr()
    assert run(["products", "--bundle", "mine.optics"]) == 0
    heading, first, *_, last = capsys.readouterr().out.splitlines()
    assert heading.split() == ["product", "photos", "read", "told", "how"]
    assert (first.split(), last.split()) == (["Blue", "2", "0", "learned"], ["Dairy/Milk/Green", "2", "0", "learned"])
    assert run(["products", "--bundle", "mine.optics", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [product["label"] for product in listed] == sorted([*PRODUCTS, LABEL])
    nothing_printed = {"read": 0, "words": [], "barcodes": []}
    assert listed[3] == {"label": LABEL, "kind": "Dairy/Cheese", "photos": 4, "taught": True, **nothing_printed}


def test_no_products_are_listed_as_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = str(write_bundle(tiny_bundle(()), tmp_path / "empty.optics"))
    assert run(["products", "--bundle", empty]) == 0
    assert "knows no products yet" in capsys.readouterr().out
    assert run(["products", "--bundle", empty, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_learned_product_is_strengthened(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(plain_photo(COLOURS["Blue"])).save("blue.png")
    Image.fromarray(noisy_photo(COLOURS["Blue"], 1)).save("other.png")
    assert run(["teach", "Blue", "blue.png", "other.png", "--bundle", "mine.optics", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    # The plain one is among the exemplars already.
    assert (document["added"], document["photos"], document["taught"]) == (1, 3, False)


CODE = "5740900836006"


def test_words_and_a_barcode_teach_without_a_photo(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--words", "yellow cheese", "--words", "mild", "--barcode", CODE]
    assert run(["teach", LABEL, *words, "--bundle", "mine.optics"]) == 0
    assert capsys.readouterr().out == f"Learnt {LABEL} from words and 1 barcode. mine.optics knows 5 products.\n"
    assert run(["products", "--bundle", "mine.optics", "--json"]) == 0
    (cheese,) = (product for product in json.loads(capsys.readouterr().out) if product["label"] == LABEL)
    assert (cheese["photos"], cheese["words"], cheese["barcodes"]) == (0, ["yellow cheese", "mild"], ["0" + CODE])
    assert run(["products", "--bundle", "mine.optics"]) == 0
    assert "yellow cheese, mild, 05740900836006" in capsys.readouterr().out
    assert run(["forget", LABEL, "--bundle", "mine.optics"]) == 0
    assert read_bundle("mine.optics").printed == {}


def test_photos_and_words_are_taught_together(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["teach", LABEL, "0.png", "--words", "mild", "--bundle", "mine.optics"]) == 0
    assert "from words and 1 new photo, 1 in all" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing to teach from: give photos, --words or a --barcode"),
        (["--words", "12 %"], "with letters"),
        (["--barcode", "5740900836000"], "the last one checks the others"),
    ],
)
def test_what_teaches_nothing_is_told_and_nothing_is_written(
    kitchen: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run(["teach", LABEL, *words, "--bundle", "mine.optics"]) == 2
    assert message in capsys.readouterr().err
    assert not Path("mine.optics").exists()


def test_remarks_are_told_and_change_nothing(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(noisy_photo(COLOURS["Blue"], 1)).save("odd.png")
    photos = ["0.png", "1.png", "odd.png", "2.png", "3.png"]
    assert run(["teach", LABEL, *photos, "--bundle", "mine.optics"]) == 0
    _, remark = capsys.readouterr().out.splitlines()
    assert remark == "Look again: photo 3 looks more like Blue (odd.png)."
    assert run(["teach", LABEL, *photos, "--bundle", "json.optics", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["remarks"]
    text = "photo 3 looks more like Blue"
    assert told == {"about": "nearer", "photo": 3, "given": True, "product": "Blue", "text": text}
    assert labels("json.optics") == labels("mine.optics") == (*PRODUCTS, LABEL)
