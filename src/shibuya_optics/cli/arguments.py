"""Photos and bundles as they are written on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from shibuya_optics import __version__
from shibuya_optics.errors import PhotoError, PhotoNotFoundError, TooManyBytesError
from shibuya_optics.photo import MOST_BYTES, PhotoSource, find_photos
from shibuya_optics.records import SENSES, Sense

if TYPE_CHECKING:
    from shibuya_optics.recognise import Effort

Command = TypeVar("Command", bound=Callable[..., Any])
BUNDLE_VARIABLE = "OPTICS_BUNDLE"
STANDARD_INPUT = "-"
TIMEOUT_SECONDS = 20
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s)")
_UNITS = {"ms": 0.001, "s": 1.0}


def bundle_option(command: Command) -> Command:
    """Give a command the option `--bundle`, its parameter `bundle: str | None`."""
    return click.option(
        "--bundle",
        metavar="FILE",
        envvar=BUNDLE_VARIABLE,
        show_envvar=True,
        help="The bundle to work with, a file or a shipped name; the shipped pantry-mobile if left out.",
    )(command)


def effort_options(command: Command) -> Command:
    """Give a command the options `--senses` and `--within`, its parameters `senses` and `within`, for `read_effort`."""
    command = click.option(
        "--within", metavar="TIME", help="Time a photo may take, as in 300ms or 2s; reading stops there or is left out."
    )(command)
    return click.option(
        "--senses",
        metavar=",".join(SENSES),
        help="Exactly these; left out, it looks first, and reads and scans where that can help.",
    )(command)


def read_effort(senses: str | None, within: str | None) -> Effort:
    """What the two options ask for.

    Raises:
        UsageError: they are not of the accepted form.
        InputError: a sense is not known, or looking is not among them.
    """
    from shibuya_optics.recognise import AUTOMATIC, Effort

    seconds = AUTOMATIC.within if within is None else _seconds(within)
    if senses is None:
        return Effort(None, seconds)
    asked = {word.strip() for word in senses.split(",")}
    strange = sorted(asked - set(SENSES))
    if strange:
        raise click.UsageError(f"--senses {senses}: {strange[0]!r} is no sense; give some of {', '.join(SENSES)}.")
    return Effort(cast("tuple[Sense, ...]", tuple(sense for sense in SENSES if sense in asked)), seconds)


def _seconds(text: str) -> float:
    found = _TIME.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise click.UsageError(f"--within {text}: give a time above 0 with its unit, as in 300ms or 2s.")
    return float(found[1]) * _UNITS[found[2]]


@dataclass(frozen=True)
class NamedPhoto:
    """A photo of the command line: what it is called there, and where it is, or why it is not to be had."""

    name: str
    source: PhotoSource | PhotoError


def gather(words: Sequence[str]) -> list[NamedPhoto]:
    """The photos that words name: files, folders (the photos in them), `-` (standard input), web addresses.

    Raises:
        PhotoError: there is one word only, and no photo there. Among several, the error stands in its place.
    """
    photos: list[NamedPhoto] = []
    for word in words:
        if word == STANDARD_INPUT or _is_address(word):
            photos.append(NamedPhoto(word, word))
            continue
        try:
            photos += [NamedPhoto(str(path), path) for path in find_photos(word)]
        except PhotoError as error:
            if len(words) == 1:
                raise
            photos.append(NamedPhoto(word, error))
    return photos


def load(photo: NamedPhoto) -> PhotoSource | PhotoError:
    """The photo, fetched where it lies on the web; the error of one that is not to be had."""
    if not isinstance(photo.source, str) or not _is_address(photo.source):
        return photo.source
    try:
        return fetch(photo.source)
    except PhotoError as error:
        return error


def fetch(address: str) -> bytes:
    """What lies at a web address, within 20 seconds of silence and the limit of bytes for photos.

    Raises:
        PhotoNotFoundError: it cannot be fetched.
        TooManyBytesError: there is more than is read.
    """
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    try:
        request = Request(address, headers={"User-Agent": f"shibuya-optics/{__version__}"})  # noqa: S310 - http(s) only
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            content: bytes = answer.read(MOST_BYTES + 1)
            missing: int | None = answer.length
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error or type(error).__name__
        raise PhotoNotFoundError(
            f"{address} cannot be fetched ({reason}): check the address and the network."
        ) from error
    if len(content) > MOST_BYTES:
        raise TooManyBytesError(f"{address} has more than {MOST_BYTES // 10**6} MB, which is the most that is read.")
    if missing:
        raise PhotoNotFoundError(f"{address} broke off {missing} bytes before its end: try again.")
    return content


def _is_address(word: str) -> bool:
    return word.lower().startswith(("http://", "https://"))
