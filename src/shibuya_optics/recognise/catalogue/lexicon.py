"""The words on the packs: how well what was read in a photo matches what is known to be printed on each product.

Lines are compared by the trigrams of their letters, so that a misread letter spoils three of them and not the word; rare
trigrams count more (TF-IDF, Salton and Buckley 1988, cosine). Numbers are compared as a whole, and count for no more than
the letters do: "3 %" alone says nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shibuya_optics.bundle import Line, Lines, Printed
from shibuya_optics.labels import SEPARATOR, LabelTree
from shibuya_optics.records import Word
from shibuya_optics.senses import prominence

Floats = NDArray[np.float32]
Terms = dict[str, float]
GRAM = 3
TALL = 0.06
"""A line of this height, as a share of the photo's, or taller, counts fully."""
LONGEST_NUMBER = 4
"""Longer numbers are dates, prices and codes, which differ from pack to pack."""
_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th"})
_NAME_PARTS = re.compile(r"[-_/\s]+")


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the print in `n` photos says.

    Attributes:
        match: how well it matches each product's packs, 0 to 1, float32 `(n, products)`.
        amount: how much was read, and how surely, float32 `(n,)`; 0 where nothing was.
        legible: whether more than its name is known of a product's print, bool `(products,)`: whether a poor match says
            anything.
    """

    match: Floats
    amount: Floats
    legible: NDArray[np.bool_]


class _Shelves(NamedTuple):
    """Profiles by their terms: of each term the places of the profiles that have it, and its weight in them."""

    profiles: int
    postings: Mapping[str, tuple[NDArray[np.intp], NDArray[np.float64]]]


def lines_of(words: Iterable[Word]) -> Lines:
    """Lines and their weights, 0 to 1: surely read, tall and central ones count more."""
    return tuple((word.text, round(weight, 3)) for word in words if (weight := weight_of(word)) > 0)


def weight_of(word: Word) -> float:
    """How much a line counts, 0 to 1."""
    height, away = prominence(word.box)
    return word.confidence * (1 - away) * min(1.0, math.sqrt(height / TALL))


def normalised(text: str) -> list[str]:
    """Words and numbers of a line, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_LETTERS)
    return _WORD.findall(plain)


def terms_of(lines: Iterable[Line]) -> Terms:
    """Trigrams of words, of whole lines without their spaces (print is read with spaces lost or added), and numbers.

    A term that occurs in several lines has the weight of the heaviest.
    """
    terms: Terms = {}
    for text, weight in lines:
        parts = normalised(text)
        words = [part for part in parts if not part[0].isdigit()]
        numbers = [part for part in parts if part[0].isdigit() and len(part) <= LONGEST_NUMBER]
        for whole in (*words, "".join(words)):
            bounded = f" {whole} "
            for start in range(len(bounded) - GRAM + 1 if whole else 0):
                gram = bounded[start : start + GRAM]
                terms[gram] = max(terms.get(gram, 0.0), weight)
        for number in numbers:
            terms[number] = max(terms.get(number, 0.0), weight)
    return terms


class Lexicon:
    """What is printed on the packs of a catalogue, ready for comparison.

    Args:
        tree: the products.
        printed: of each label of the tree that has any.
    """

    def __init__(self, tree: LabelTree, printed: Mapping[str, Printed]) -> None:
        self._labels = tree.products
        self._packs = [printed.get(label, Printed()) for label in tree.products]
        self._legible = np.array([pack.legible for pack in self._packs], np.bool_)
        profiles = list(map(profile_of, tree.products, self._packs))
        counts: dict[str, int] = {}
        for profile in profiles:
            for term in profile:
                counts[term] = counts.get(term, 0) + 1
        self._rarity = {term: rarity(count, len(tree)) for term, count in counts.items()}
        self._unseen = rarity(0, len(tree))
        self._shelves = self._shelved(profiles)

    def evidence(self, read: Sequence[Lines]) -> Evidence:
        """What the lines read in each photo say."""
        match, amount = np.zeros((len(read), len(self._packs)), np.float32), np.zeros(len(read), np.float32)
        for row, lines in enumerate(read):
            match[row], amount[row] = self._compared(terms_of(lines), self._shelves)
        return Evidence(match, amount, self._legible)

    def set_aside(self, product: int, photo: int) -> tuple[float, float, float]:
        """What one of a product's own readings says, by what the product's others taught.

        Args:
            product: class id.
            photo: which of its readings, counted from 0.

        Returns:
            How much was read, how well it matches the product, and the best match with another product, 0 to 1.
        """
        pack = self._packs[product]
        terms = terms_of(pack.read[photo])
        less = replace(pack, read=pack.read[:photo] + pack.read[photo + 1 :])
        own, amount = self._compared(terms, self._shelved([profile_of(self._labels[product], less)]))
        match, _ = self._compared(terms, self._shelves)
        return amount, float(own[0]), float(np.delete(match, product).max(initial=0))

    def speaking_for(self, product: int, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words with how much each speaks for a product: its match, as if nothing else had been read, times its weight.

        The loudest come first.
        """
        said = []
        for word in words:
            weight = weight_of(word)
            match, _ = self._compared(terms_of([(word.text, weight)]), self._shelves)
            said.append(replace(word, says=round(float(match[product]) * weight, 4)))
        return tuple(sorted(said, key=lambda word: word.says, reverse=True))

    def _shelved(self, profiles: Sequence[Terms]) -> _Shelves:
        """Profiles, each brought to length 1, by their terms."""
        postings: dict[str, list[tuple[int, float]]] = {}
        lengths = np.zeros(len(profiles))
        for place, profile in enumerate(profiles):
            for term, weight in profile.items():
                heavy = weight * self._rarity.get(term, self._unseen)
                postings.setdefault(term, []).append((place, heavy))
                lengths[place] += heavy**2
        lengths = np.sqrt(lengths)
        places = {term: np.array([place for place, _ in found]) for term, found in postings.items()}
        return _Shelves(
            len(profiles),
            {
                term: (places[term], np.array([heavy for _, heavy in found]) / lengths[places[term]])
                for term, found in postings.items()
            },
        )

    def _compared(self, terms: Terms, shelves: _Shelves) -> tuple[NDArray[np.float64], float]:
        """The match with each profile, `(profiles,)`, and the amount."""
        letters, numbers = np.zeros(shelves.profiles), np.zeros(shelves.profiles)
        squares = {True: 0.0, False: 0.0}
        for term, weight in terms.items():
            is_number = term[0].isdigit()
            heavy = weight * self._rarity.get(term, self._unseen)
            squares[is_number] += heavy**2
            places, weights = shelves.postings.get(term, _NOWHERE)
            (numbers if is_number else letters)[places] += heavy * weights
        length = math.sqrt(squares[False] + min(squares[True], squares[False]))
        match = (letters + np.minimum(numbers, letters)) / (length or 1.0)
        return np.minimum(match, 1), length


_NOWHERE = (np.empty(0, np.intp), np.empty(0))


def rarity(products: int, of: int) -> float:
    """What a term counts that is printed on so many of the products: from 1 where it is on none to about 0 where it is on all.

    It is the logarithm of inverse frequency, as a share of its largest value, so that what was read counts alike in small
    and large catalogues.
    """
    return math.log((1 + of) / (0.5 + products)) / math.log((1 + of) / 0.5)


def name_words(label: str) -> list[str]:
    """The words of a product's name: `Arla`, `Standard`, `Milk` of `Dairy/Milk/Arla-Standard-Milk`."""
    return [word for word in _NAME_PARTS.split(label.rpartition(SEPARATOR)[2]) if word]


def profile_of(label: str, printed: Printed) -> Terms:
    """Mean weight of each term over the photos in which print was read; told lines, and the product's name, count as one."""
    name = " ".join(name_words(label))
    sources = [terms_of(lines) for lines in printed.read]
    sources += [terms_of([(line, 1.0)]) for line in (*printed.told, name)]
    profile: Terms = {}
    for terms in sources:
        for term, weight in terms.items():
            profile[term] = profile.get(term, 0.0) + weight / len(sources)
    return profile
