from __future__ import annotations

import re
from inspect import cleandoc

import pytest

from shibuya_optics import errors
from shibuya_optics.errors import InputError, MissingExtraError, OpticsError


def family(parent: type[OpticsError]) -> list[type[OpticsError]]:
    """A class and all that descend from it in `errors`, depth first, in the order of their definition."""
    children = [child for child in parent.__subclasses__() if child.__module__ == errors.__name__]
    return [parent, *(one for child in children for one in family(child))]


FAMILY = family(OpticsError)
DRAWING = cleandoc(errors.__doc__ or "")


def test_the_tree_that_is_drawn_is_the_tree_that_is() -> None:
    drawn = re.findall(r"^((?:[| ] {3})*)(?:\+-- )?(\w+Error)\b", DRAWING, re.MULTILINE)
    depths = {name: len(indent) // 4 + (name != "OpticsError") for indent, name in drawn}
    assert depths == {one.__name__: sum(issubclass(above, OpticsError) for above in one.__mro__) - 1 for one in FAMILY}
    assert [name for _, name in drawn] == [one.__name__ for one in FAMILY]


def test_every_error_of_the_module_belongs_to_the_tree() -> None:
    defined = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)}
    assert defined == set(FAMILY)


def test_codes_are_distinct_and_plain() -> None:
    codes = [one.code for one in FAMILY]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("one", FAMILY)
def test_every_error_says_what_it_is_for(one: type[OpticsError]) -> None:
    assert one.__doc__
    assert one.__doc__.endswith(".")
    assert "code" in vars(one), "a child with its parent's code could not be told from it"


def test_a_missing_part_names_the_line_that_installs_it() -> None:
    error = MissingExtraError("train", "`optics train`")
    assert str(error) == '`optics train` needs an optional part: run `pip install "shibuya-optics[train]"`.'
    assert error.extra == "train"
    assert not isinstance(error, InputError)
