"""Photos and bundles as they are written on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from shibuya_optics import __version__
from shibuya_optics.errors import PhotoError, PhotoNotFoundError, TooManyBytesError
from shibuya_optics.photo import MOST_BYTES, PhotoSource, find_photos

Command = TypeVar("Command", bound=Callable[..., Any])
BUNDLE_VARIABLE = "OPTICS_BUNDLE"
STANDARD_INPUT = "-"
TIMEOUT_SECONDS = 20


def bundle_option(command: Command) -> Command:
    """Give a command the option `--bundle`, its parameter `bundle: str | None`."""
    return click.option(
        "--bundle",
        metavar="FILE",
        envvar=BUNDLE_VARIABLE,
        show_envvar=True,
        help="The bundle to work with, a file or a shipped name; the shipped pantry-mobile if left out.",
    )(command)


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
