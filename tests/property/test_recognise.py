from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tiny_bundle import COSTS, DECISION, by_look

from shibuya_optics.bundle import Lines, Printed
from shibuya_optics.labels import LabelTree
from shibuya_optics.recognise.answer.deciding import decide
from shibuya_optics.recognise.catalogue.catalogue import Catalogue, cosines
from shibuya_optics.recognise.catalogue.lexicon import Lexicon
from shibuya_optics.recognise.catalogue.teaching import forget, teach
from shibuya_optics.recognise.catalogue.telling import tell
from shibuya_optics.recognise.known.nearness import familiarity, nearness
from shibuya_optics.recognise.known.shortlist import Likeness
from shibuya_optics.recognise.softmax import confidences

ROUNDING = 1e-6
NEW = "Shelf/Tin/New"
Vectors = NDArray[np.float32]


def unit_rows(rows: NDArray[np.float64]) -> Vectors:
    scaled: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Products in few dimensions, so that they crowd; some learned, some taught."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, learned = draw(st.integers(3, 6)), draw(st.integers(0, 5))
    products = tuple(f"Shelf/{'Tin' if i % 2 else 'Jar'}/P{i}" for i in range(learned))
    counts = random.integers(1, 5, learned)
    catalogue = Catalogue(
        tree=LabelTree(products),
        prototypes=unit_rows(random.normal(size=(learned, size))),
        prototype_weights=np.full(learned, 10, np.float32),
        exemplars=unit_rows(random.normal(size=(int(counts.sum()), size))).astype(np.float16),
        exemplar_products=np.repeat(np.arange(learned), counts).astype(np.int32),
        taught=frozenset(),
        held_out=np.empty((0, size), np.float16),
        held_out_products=np.empty(0, np.int32),
    )
    for number in range(draw(st.integers(0, 2))):
        catalogue = teach(catalogue, f"Shelf/Box/T{number}", unit_rows(random.normal(size=(3, size))))
    return catalogue


def vectors_for(catalogue: Catalogue, seed: int, count: int) -> Vectors:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, catalogue.prototypes.shape[1])))


seeds = st.integers(0, 2**32 - 1)
counts = st.integers(1, 6)


@given(catalogue=catalogues(), seed=seeds, count=counts)
def test_old_products_keep_their_answers_except_where_the_new_one_is_nearer(
    catalogue: Catalogue, seed: int, count: int
) -> None:
    taught = teach(catalogue, NEW, vectors_for(catalogue, seed, count))
    looks = vectors_for(catalogue, seed + 1, 20)
    before, after = cosines(catalogue, looks), cosines(taught, looks)
    np.testing.assert_array_equal(after[:, :-1], before)
    nearest_old = before.max(axis=1, initial=-2)
    familiar = familiarity(taught, looks)
    for row, answer in enumerate(decide(*by_look(after, familiar), COSTS, taught.tree)):
        if after[row, -1] > nearest_old[row]:
            assert answer.candidates[0].label == NEW
        else:
            assert answer.candidates[0].label == catalogue.tree.products[before[row].argmax()]


@given(catalogue=catalogues(), seed=seeds, count=counts, midpoint=st.floats(0, 0.8))
def test_teaching_changes_what_is_said_of_old_products_only_where_the_new_one_is_nearer(
    catalogue: Catalogue, seed: int, count: int, midpoint: float
) -> None:
    taught = teach(catalogue, NEW, vectors_for(catalogue, seed, count))
    photos = vectors_for(catalogue, seed + 1, 20)
    old, new = (Likeness(known, midpoint).handicaps for known in (catalogue, taught))
    # Cosines, logits and so the order of the old products: to the last bit.
    before, after = (by_look(cosines(known, photos), np.ones(20, np.float32))[0] for known in (catalogue, taught))
    np.testing.assert_array_equal(after[:, :-1], before)
    # Handicaps: only of taught products one of whose photos lies nearer to the new product than to any other.
    for product, label in enumerate(catalogue.tree.products):
        own = unit_rows(catalogue.exemplars[catalogue.exemplar_products == product].astype(np.float64))
        near = np.delete(nearness(taught, own), product, axis=1)
        nearer = (near[:, -1] > near[:, :-1].max(axis=1, initial=-2) - ROUNDING).any()
        if label not in catalogue.taught or (not nearer and len(catalogue.tree) > 1):
            assert abs(new[product] - old[product]) <= 10 * ROUNDING
    # Familiarity, with the handicaps as they were: only where the new product is the nearest.
    same = np.append(old, new[-1])
    mine = nearness(taught, photos)[:, -1] - new[-1]
    was, now = familiarity(catalogue, photos, old), familiarity(taught, photos, same)
    elsewhere = mine < was - ROUNDING
    np.testing.assert_allclose(now[elsewhere], was[elsewhere], atol=ROUNDING)
    np.testing.assert_allclose(now[~elsewhere], mine[~elsewhere], atol=10 * ROUNDING)


@given(catalogue=catalogues(), seed=seeds, count=counts)
def test_forgetting_a_taught_product_undoes_it_exactly(catalogue: Catalogue, seed: int, count: int) -> None:
    again = forget(teach(catalogue, NEW, vectors_for(catalogue, seed, count)), NEW)
    for field in fields(Catalogue):
        one, other = getattr(again, field.name), getattr(catalogue, field.name)
        np.testing.assert_array_equal(one, other)
        assert not isinstance(one, np.ndarray) or one.dtype == other.dtype


@given(catalogue=catalogues(), seed=seeds, count=st.integers(2, 8), data=st.data())
def test_the_order_and_the_sittings_of_teaching_do_not_matter(
    catalogue: Catalogue, seed: int, count: int, data: st.DataObject
) -> None:
    label = data.draw(st.sampled_from([NEW, *catalogue.tree.products]))
    photos = vectors_for(catalogue, seed, count)
    order = data.draw(st.permutations(range(count)))
    cut = data.draw(st.integers(1, count - 1))
    at_once = teach(catalogue, label, photos)
    in_two = teach(teach(catalogue, label, photos[order[:cut]]), label, photos[order[cut:]])
    np.testing.assert_allclose(in_two.prototype_weights, at_once.prototype_weights, rtol=1e-4, atol=1e-5)
    # Where photos cancel each other out, the direction of what is left is as uncertain as it is short.
    error = 1e-5 / at_once.prototype_weights.min()
    np.testing.assert_allclose(in_two.prototypes, at_once.prototypes, atol=float(error))
    looks = vectors_for(catalogue, seed + 1, 5)
    np.testing.assert_allclose(familiarity(in_two, looks), familiarity(at_once, looks), atol=1e-5)


@given(catalogue=catalogues(), seed=seeds, count=counts)
def test_photos_seen_before_teach_nothing(catalogue: Catalogue, seed: int, count: int) -> None:
    photos = vectors_for(catalogue, seed, count)
    taught = teach(catalogue, NEW, photos)
    assert teach(taught, NEW, photos[::-1]) is taught


@given(catalogue=catalogues(), seed=seeds)
def test_a_taught_photo_is_familiar_at_once(catalogue: Catalogue, seed: int) -> None:
    (photo,) = photos = vectors_for(catalogue, seed, 1)
    taught = teach(catalogue, NEW, photos)
    assert familiarity(taught, photos)[0] > 1 - 1e-3
    assert cosines(taught, photo[None])[0, -1] > 1 - ROUNDING


@given(catalogue=catalogues(), seed=seeds, warmth=st.floats(0.05, 20), midpoint=st.floats(-1, 1))
def test_confidences_are_probabilities_and_answers_claim_no_more(
    catalogue: Catalogue, seed: int, warmth: float, midpoint: float
) -> None:
    decision = replace(DECISION, temperature=warmth, known_midpoint=midpoint)
    looks = vectors_for(catalogue, seed, 8)
    similar, familiar = cosines(catalogue, looks), familiarity(catalogue, looks)
    scored = confidences(*by_look(similar, familiar, decision))
    assert (scored >= 0).all()
    assert (scored.sum(axis=1) <= 1 + 1e-5).all()
    for row, answer in enumerate(decide(*by_look(similar, familiar, decision), COSTS, catalogue.tree)):
        assert answer.known == bool(len(catalogue.tree) and familiar[row] >= midpoint)
        assert (answer.label is None) == (answer.level == "none") == (answer.confidence == 0)
        listed = [candidate.confidence for candidate in answer.candidates]
        assert listed == sorted(listed, reverse=True)
        if answer.label:
            below = [
                i for i, label in enumerate(catalogue.tree.products) if (label + "/").startswith(answer.label + "/")
            ]
            own, stranger = scored[row, below].sum(), 1 - scored[row].sum()
            kin = COSTS.kinship * stranger * own / scored[row].sum() if answer.level == "kind" else 0
            np.testing.assert_allclose(answer.confidence, own + kin, atol=1e-5)


@given(catalogue=catalogues(), seed=seeds, data=st.data())
def test_a_permutation_of_photos_permutes_the_answers(catalogue: Catalogue, seed: int, data: st.DataObject) -> None:
    looks = vectors_for(catalogue, seed, 6)
    order = data.draw(st.permutations(range(6)))
    straight = decide(*by_look(cosines(catalogue, looks), np.ones(6, np.float32)), COSTS, catalogue.tree)
    permuted = decide(*by_look(cosines(catalogue, looks[order]), np.ones(6, np.float32)), COSTS, catalogue.tree)
    assert permuted == [straight[i] for i in order]


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40)
lines = st.lists(st.tuples(texts, st.floats(0, 1)), max_size=6).map(tuple)


@given(told=st.lists(lines, min_size=1, max_size=6), read=st.lists(lines, min_size=1, max_size=4))
def test_print_of_any_kind_matches_from_nothing_to_wholly(told: list[Lines], read: list[Lines]) -> None:
    tree = LabelTree(tuple(f"Kind/P{i}" for i in range(len(told))))
    printed = {
        label: Printed(read=(known,)) for label, known in zip(tree.products, told, strict=True) if _printable(known)
    }
    evidence = Lexicon(tree, printed).evidence(read)
    assert evidence.match.shape == (len(read), len(told))
    assert (evidence.match >= 0).all()
    assert (evidence.match <= 1).all()
    assert np.isfinite(evidence.amount).all()
    assert (evidence.match[evidence.amount == 0] == 0).all()


def _printable(known: Lines) -> bool:
    return all(text and text.isprintable() for text, _ in known)


@given(catalogue=catalogues(), seed=seeds, read=st.lists(lines.filter(_printable), min_size=3, max_size=3))
def test_forgetting_undoes_what_was_read_and_told(catalogue: Catalogue, seed: int, read: list[Lines]) -> None:
    taught = teach(tell(catalogue, NEW, ["some words"], ["5740900836006"]), NEW, vectors_for(catalogue, seed, 3), read)
    assert set(taught.printed) == {*catalogue.printed, NEW}
    left = forget(taught, NEW)
    assert left.printed == catalogue.printed
    assert left.tree == catalogue.tree
    np.testing.assert_array_equal(left.prototypes, catalogue.prototypes)


@given(
    logits=st.lists(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 0.7]), min_size=9, max_size=9), min_size=1, max_size=4)
)
def test_candidates_are_the_first_of_the_highest(logits: list[list[float]]) -> None:
    tree = LabelTree(tuple(f"P{i}" for i in range(9)))
    given_logits = np.array(logits, np.float32)
    order = np.argsort(-given_logits, axis=1, kind="stable")[:, :5]
    answers = decide(given_logits, np.ones(len(logits), np.float32), COSTS, tree)
    for best_first, answer in zip(order.tolist(), answers, strict=True):
        assert [candidate.label for candidate in answer.candidates] == [f"P{i}" for i in best_first]
