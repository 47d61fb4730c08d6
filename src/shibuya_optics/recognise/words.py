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
        self._products = len(tree)
        packs = [printed.get(label, Printed()) for label in tree.products]
        self._legible = np.array([pack.legible for pack in packs], np.bool_)
        profiles = list(map(profile_of, tree.products, packs))
        postings: dict[str, list[tuple[int, float]]] = {}
        for product, profile in enumerate(profiles):
            for term, weight in profile.items():
                postings.setdefault(term, []).append((product, weight))
        self._rarity = {term: rarity(len(found), len(tree)) for term, found in postings.items()}
        self._unseen = rarity(0, len(tree))
        lengths = np.zeros(len(tree))
        for term, found in postings.items():
            for product, weight in found:
                lengths[product] += (weight * self._rarity[term]) ** 2
        lengths = np.sqrt(lengths)
        self._postings = {
            term: (
                np.array([product for product, _ in found]),
                np.array([weight * self._rarity[term] / lengths[product] for product, weight in found]),
            )
            for term, found in postings.items()
        }

    def evidence(self, read: Sequence[Lines]) -> Evidence:
        """What the lines read in each photo say."""
        match, amount = np.zeros((len(read), self._products), np.float32), np.zeros(len(read), np.float32)
        for row, lines in enumerate(read):
            match[row], amount[row] = self._compared(terms_of(lines))
        return Evidence(match, amount, self._legible)

    def speaking_for(self, product: int, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words with how much each speaks for a product: its match, as if nothing else had been read, times its weight.

        The loudest come first.
        """
        said = []
        for word in words:
            weight = weight_of(word)
            match, _ = self._compared(terms_of([(word.text, weight)]))
            said.append(replace(word, says=round(float(match[product]) * weight, 4)))
        return tuple(sorted(said, key=lambda word: word.says, reverse=True))

    def _compared(self, terms: Terms) -> tuple[NDArray[np.float64], float]:
        """The match with each product, `(products,)`, and the amount."""
        letters, numbers = np.zeros(self._products), np.zeros(self._products)
        squares = {True: 0.0, False: 0.0}
        for term, weight in terms.items():
            is_number = term[0].isdigit()
            heavy = weight * self._rarity.get(term, self._unseen)
            squares[is_number] += heavy**2
            products, weights = self._postings.get(term, _NOWHERE)
            (numbers if is_number else letters)[products] += heavy * weights
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
