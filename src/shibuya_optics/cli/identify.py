"""`optics identify`: names the product in each photo."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from shibuya_optics.cli.arguments import NamedPhoto, bundle_option, effort_options, gather, load, read_effort
from shibuya_optics.cli.output import examples, fail, json_option, progress, warn
from shibuya_optics.errors import ListingError, PhotoError
from shibuya_optics.labels import SEPARATOR
from shibuya_optics.records import Answer, Barcode, Candidate

WIDEST_NAME = 60
UNKNOWN = "I don't know this one"
UNSURE = "I'm not sure"
HEADINGS = ("photo", "answer", "confidence", "runners-up; what else decided")
SHOWN_RUNNERS_UP = 2
SHOWN_WORDS = 3
LEAST_SHOWN = 0.01


@click.command(
    epilog=examples(
        "optics identify kitchen.jpg",
        "optics identify shelf/ more/*.jpg --bundle my-pantry.optics",
        "optics identify shelf/ --json | head",
        "optics identify milk.jpg --senses look,read,scan",
        "optics identify shelf/ --within 300ms",
        "optics identify milk.jpg --coverage 0.95",
        "optics identify back-of-pack.jpg --senses look,scan --online",
        "curl -s https://example.org/tin.jpg | optics identify -",
        "optics identify https://example.org/tin.jpg",
    )
)
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...")
@bundle_option
@effort_options
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Show the answer set: the products that hold the true one in this share of photos, as in 0.95.",
)
@click.option("--online", is_flag=True, help="Ask Open Food Facts for the name of barcodes that were not taught.")
@json_option
@click.pass_context
def identify(
    context: click.Context,
    photos: tuple[str, ...],
    bundle: str | None,
    senses: str | None,
    within: str | None,
    coverage: float | None,
    online: bool,
    json_mode: bool,
) -> None:
    """Name the product in each PHOTO: a file, a folder, - for standard input, or a web address.

    It looks first, which takes milliseconds. Where the look leaves a doubt that print or a barcode can settle, it reads and
    scans, too, which takes some hundred more.

    Nothing is sent anywhere, but with --online: then barcodes, and nothing else.

    With --json the document is an array, one answer a line; a photo that cannot be read has an `error` there.
    The exit status is 2 when a photo cannot be read; the others are answered all the same.
    """
    from shibuya_optics.recognise import COVERAGE, Recogniser

    effort = read_effort(senses, within)
    named = gather(photos)
    recogniser = Recogniser.open(bundle, coverage=COVERAGE if coverage is None else coverage)
    if coverage is not None and recogniser.coverage_warning:
        warn(recogniser.coverage_warning)
    answers = _answered(named, recogniser.identify_each(map(load, named), effort))
    listings = Listings(recogniser.barcodes, online=online)
    if json_mode:
        failed = _print_json(named, answers, listings)
    else:
        labels = [product.label for product in recogniser.products()]
        if not sys.stdout.isatty():
            answers = progress(answers, "identify", len(named))
        failed = _print_table(named, answers, max(map(len, [*labels, UNKNOWN])), listings, sets=coverage is not None)
    if failed:
        context.exit(2)


def _answered(named: Sequence[NamedPhoto], answers: Iterable[Answer | PhotoError]) -> Iterator[Answer | PhotoError]:
    """The answers. An error names its photo; that of a photo asked for alone is raised, to be the command's own."""
    for photo, answer in zip(named, answers, strict=True):
        if not isinstance(answer, PhotoError):
            yield answer
            continue
        named_error = answer if photo.name in str(answer) else type(answer)(f"{photo.name}: {answer}")
        if len(named) == 1:
            raise named_error from answer
        yield named_error


class Listings:
    """What barcodes that were not taught are listed as: asked once each, and no more after the service has failed once."""

    def __init__(self, taught: Collection[str], *, online: bool) -> None:
        self._taught, self._online = taught, online
        self._known: dict[str, str | None] = {}

    def of(self, answer: Answer) -> dict[str, str]:
        """Names by GTIN, of the barcodes in a photo."""
        for code in answer.barcodes:
            if self._online and code.gtin and code.gtin not in self._taught and code.gtin not in self._known:
                self._ask(code.gtin)
        found = {code.gtin: self._known.get(code.gtin) for code in answer.barcodes if code.gtin}
        return {gtin: name for gtin, name in found.items() if name}

    def _ask(self, gtin: str) -> None:
        from shibuya_optics.collect.open_food_facts import listed

        try:
            self._known[gtin] = listed(gtin)
        except ListingError as error:
            self._online = False
            warn(str(error))


def _print_json(named: Sequence[NamedPhoto], answers: Iterable[Answer | PhotoError], listings: Listings) -> int:
    """Print an array, one element a line, each as soon as it is known; the number of failed photos comes back."""
    failed = 0
    opening = "["
    for photo, answer in zip(named, answers, strict=True):
        entry: dict[str, Any] = {"photo": photo.name}
        if isinstance(answer, PhotoError):
            failed += 1
            fail(answer.code, str(answer), json_mode=False)
            entry["error"] = {"code": answer.code, "message": str(answer)}
        else:
            entry.update(answer.as_json(), listings=listings.of(answer))
        click.echo(f"{opening}\n{json.dumps(entry, allow_nan=False)}", nl=False)
        opening = ","
    click.echo("\n]")
    return failed


def _print_table(
    named: Sequence[NamedPhoto],
    answers: Iterable[Answer | PhotoError],
    widest_answer: int,
    listings: Listings,
    *,
    sets: bool,
) -> int:
    """Print the answers in columns, each as soon as it is known; the number of failed photos comes back."""
    failed = 0
    names = [_shortened(click.format_filename(photo.name)) for photo in named]
    widths = (max(map(len, [*names, HEADINGS[0]])), widest_answer, len(HEADINGS[2]))
    heading: Sequence[str] | None = HEADINGS
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, PhotoError):
            failed += 1
            fail(answer.code, str(answer), json_mode=False)
            continue
        if heading:
            click.echo(_line(heading, widths))
            heading = None
        click.echo(_line((name, *_columns(answer, listings.of(answer), sets=sets)), widths))
    return failed


def _columns(answer: Answer, names: Mapping[str, str], *, sets: bool) -> tuple[str, str, str]:
    codes = [_code(code, names.get(code.gtin or "")) for code in answer.barcodes]
    if not answer.known:
        return UNKNOWN, "", ", ".join(codes)
    runners_up = [candidate for candidate in answer.candidates if candidate.label != answer.label]
    shown = [_runner_up(candidate) for candidate in runners_up if candidate.confidence >= LEAST_SHOWN]
    loud = [word.text for word in answer.words if word.speaks][:SHOWN_WORDS]
    read = [f"read {', '.join(loud)}"] if loud else []
    confidence = f"{answer.confidence:.0%}" if answer.label else ""
    last = [", ".join(shown[:SHOWN_RUNNERS_UP])] if shown else []
    members = [label.rpartition(SEPARATOR)[2] for label in answer.answer_set] if sets else []
    held = [f"one of {', '.join(members)}"] if members else []
    return answer.label or UNSURE, confidence, "; ".join(held + last + read + codes)


def _code(code: Barcode, name: str | None) -> str:
    return f"{code} ({name})" if name else str(code)


def _runner_up(candidate: Candidate) -> str:
    return f"{candidate.label.rpartition(SEPARATOR)[2]} {candidate.confidence:.0%}"


def _line(entries: Sequence[str], widths: Sequence[int]) -> str:
    photo, answer, confidence, runners_up = entries
    return f"{photo:<{widths[0]}}  {answer:<{widths[1]}}  {confidence:>{widths[2]}}  {runners_up}".rstrip()


def _shortened(name: str) -> str:
    return name if len(name) <= WIDEST_NAME else "…" + name[1 - WIDEST_NAME :]
