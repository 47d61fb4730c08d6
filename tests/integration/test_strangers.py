"""The protocol of near strangers, from a recipe to its numbers, on photos of plain colours."""

from __future__ import annotations

import colorsys
import hashlib
import json
from pathlib import Path

import pytest
from tiny_bundle import noisy_photo, tiny_bundle

from shibuya_optics.bundle import read_bundle, write_bundle
from shibuya_optics.cli.main import run
from shibuya_optics.dataset.write import Row, write_pantry
from shibuya_optics.evaluate.left_out import judge_left_out
from shibuya_optics.files import write_json
from shibuya_optics.labels import LabelTree
from shibuya_optics.photo import encode_jpeg
from shibuya_optics.records import Split
from shibuya_optics.train.recipe import Recipe
from shibuya_optics.train.runs.run_folder import finish_run, open_run
from shibuya_optics.train.strangers import finished_draws

pytestmark = pytest.mark.train
HUES = 12
SPLITS: tuple[tuple[Split, int], ...] = (("train", 6), ("validation", 4), ("test", 3))


def colour(number: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number / HUES, 0.9, 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)


def label(number: int) -> str:
    return f"{'Packages' if number % 2 else 'Fruit'}/Kind{number // 2}/Hue{number}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recipe, its dataset of twelve colours, the bundle whose network it takes, and photos of no product."""
    folder = tmp_path_factory.mktemp("shop")
    rows = []
    for number in range(HUES):
        for split, count in SPLITS:
            for take in range(count):
                seed = 100 * number + 10 * len(split) + take
                jpeg = encode_jpeg(noisy_photo(colour(number), seed, noise=60))
                sha256 = hashlib.sha256(jpeg).hexdigest()
                rows.append(
                    Row(
                        jpeg=jpeg,
                        label=label(number),
                        split=split,
                        origin="own",
                        group=None,
                        sha256=sha256,
                        width=40,
                        height=40,
                    )
                )
    write_pantry(folder / "pantry.h5", rows, LabelTree.of(label(number) for number in range(HUES)))
    write_bundle(tiny_bundle(), folder / "tiny.optics")
    (folder / "hues.toml").write_text(
        f'name = "hues"\nmethod = "frozen"\nbackbone = "{folder / "tiny.optics"}"\ndataset = "-"\n'
    )
    (folder / "far").mkdir()
    for take in range(4):
        (folder / "far" / f"{take}.jpg").write_bytes(encode_jpeg(noisy_photo((120, 120, 120), take, noise=120)))
    return folder


def test_a_protocol_of_an_older_version_says_where_its_numbers_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = Recipe.model_validate({"name": "hues", "dataset": "-", "method": "frozen"})
    old = open_run(tmp_path, recipe, "abc", verb="strangers")
    write_json(old / "metrics.json", {"draws": [], "mean": {"taught": {"products": 5}}})
    finish_run(old)
    assert run(["evaluate", str(old), str(tmp_path / "pantry.h5"), "--strangers", "protocol"]) == 2
    assert "was judged by an older version" in capsys.readouterr().err


def asked(shop: Path, *more: str) -> list[str]:
    return ["evaluate", *more[:1], str(shop / "pantry.h5"), "--strangers", "protocol", *more[1:], "--json"]


def test_products_are_left_out_and_told_apart(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--unknown", str(shop / "far"), "--runs", str(shop / "runs"), "--draws", "2")
    assert run(asked(shop, str(shop / "hues.toml"), *options)) == 0
    document = json.loads(capsys.readouterr().out)
    first, second = document["draws"]
    assert first["left_out"] != second["left_out"]
    for draw in (first, second):
        assert len(draw["left_out"]) == 2
        assert draw["photos"] == {"known": 30, "near": 6, "far": 4}
        bundle = read_bundle(Path(document["run"]) / f"draw-{draw['draw']}" / f"hues-{draw['draw']}.optics")
        assert not set(draw["left_out"]) & set(bundle.tree.products)
        assert len(bundle.tree) == 10
        assert len(bundle.held_out) == 40
        assert draw["taught"]["products"] == 2
    for draw, found in zip((first, second), finished_draws(Path(document["run"])), strict=True):
        assert set(found.photos.near.labels) == set(found.photos.lessons.labels) == set(draw["left_out"])
        assert set(found.photos.known.labels) == set(found.bundle.tree.products)
    average = document["mean"]
    name = "typical-kind.v1"
    assert average["near"][name]["auroc"] == pytest.approx(
        (first["near"][name]["auroc"] + second["near"][name]["auroc"]) / 2
    )
    assert average["far"][name]["auroc"] > 0.9
    assert average["accuracy"] > 0.9
    assert average["taught"]["accuracy"] > 0.5
    assert {sets["asked"] for sets in average["answer_sets"]} == {0.9, 0.95}
    again = shop / "runs" / Path(document["run"]).name
    assert run(["evaluate", str(again), str(shop / "pantry.h5"), "--strangers", "protocol"]) == 0
    text = capsys.readouterr().out
    assert "2 draws" in text
    assert "max-softmax.v1" in text


def test_a_stopped_protocol_goes_on_with_the_draws_that_it_has(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = judge_left_out
    trained: list[str] = []

    def killed(*given: object) -> dict[str, object]:
        trained.append("x")
        if len(trained) == 2:
            raise KeyboardInterrupt
        return judged(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("shibuya_optics.train.strangers.judge_left_out", killed)
    options = ("--runs", str(shop / "stopped"), "--draws", "2", "--unknown", str(shop / "far"))
    assert run(asked(shop, str(shop / "hues.toml"), *options)) != 0
    (folder,) = (shop / "stopped").iterdir()
    assert not (folder / "finished").exists()
    before = (folder / "draw-0" / "hues-0.optics").stat().st_mtime_ns
    monkeypatch.setattr("shibuya_optics.train.strangers.judge_left_out", judged)
    capsys.readouterr()
    assert run(asked(shop, str(shop / "hues.toml"), *options)) == 0
    assert json.loads(capsys.readouterr().out)["run"] == str(folder)
    assert (folder / "draw-0" / "hues-0.optics").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("pantry-mobile",), "in the place of 'pantry-mobile' give a recipe"),
        (("hues.toml", "--few-shot", "1"), "--few-shot cannot be asked for together with --strangers"),
        (("hues.toml", "--draws", "0"), "0 draws"),
        (("far",), "is no run folder"),
    ],
)
def test_wrong_input_is_one_line(
    shop: Path, wrong: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(shop / wrong[0]) if (shop / wrong[0]).exists() else wrong[0]
    assert run(["evaluate", source, str(shop / "pantry.h5"), "--strangers", "protocol", *wrong[1:]]) == 2
    assert message in capsys.readouterr().err
