"""The command `optics`: finds the verb, runs it, and turns whatever goes wrong into one line and an exit status.

Exit status: 0 done, 1 a bug in this package, 2 what was given cannot be used, 130 stopped by Ctrl-C,
141 the reader of the output went away.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, cast

import click

from shibuya_optics import __version__
from shibuya_optics.cli.output import fail
from shibuya_optics.errors import OpticsError

COLLECT_RARELY = 50_000
DONE, BUG, BAD_INPUT, STOPPED, READER_GONE = 0, 1, 2, 130, 141


class Verb(NamedTuple):
    """Where a verb's command lives, `module:attribute` below `shibuya_optics.cli`, and its line in `optics --help`."""

    home: str
    summary: str


VERBS = {
    "demo": Verb("demo:demo", "Render a small pantry, teach it, and identify unseen photos and strangers."),
    "identify": Verb("identify:identify", "Name the product in each photo, or say that it is not known."),
    "explain": Verb("explain:explain", "Show on a photo what was read in it, and what decided."),
    "teach": Verb("teach:teach", "Teach a product from a handful of photos."),
    "forget": Verb("teach:forget", "Forget a product."),
    "products": Verb("teach:products", "List the products that a bundle knows."),
    "public": Verb("dataset:public", "Bring a public set of photos into a photo library."),
    "pack": Verb("dataset:pack", "Pack a photo library into one dataset file."),
    "verify": Verb("verify:verify", "Check that a dataset file is what was packed, or that a run comes out again."),
    "augment": Verb("augment:augment", "Draw a contact sheet of the views that training would see of a photo."),
    "train": Verb("train:train", "Train a network on a dataset by a recipe, and export a bundle."),
    "crossval": Verb("train:crossval", "Hold out each fold of a dataset in turn, and judge on it."),
    "evaluate": Verb("evaluate:evaluate", "Measure a bundle on the photos of a dataset."),
    "compare": Verb("compare:compare", "Tell whether one run is better than another, and by how much."),
    "completion": Verb("completion:completion", "Print the completion script for a shell."),
}


class VerbGroup(click.Group):
    """A group of commands that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs, in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of a verb; None when there is no such verb."""
        if cmd_name not in VERBS:
            return None
        module, _, attribute = VERBS[cmd_name].home.partition(":")
        return cast("click.Command", getattr(import_module(f"shibuya_optics.cli.{module}"), attribute))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments start with.

        Raises:
            UsageError: there is no such verb; the message names the nearest ones.
        """
        if args[0] not in VERBS and not args[0].startswith("-"):
            from shibuya_optics.labels import nearest_of

            raise click.UsageError(f"no verb {args[0]!r}{nearest_of(args[0], list(VERBS))}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the table of verbs from their static summaries, so that `--help` imports none of them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items()])


@click.group(
    cls=VerbGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every verb takes --json (one JSON document on stdout) and --help (with examples).",
)
@click.version_option(__version__, prog_name="optics", message="%(prog)s %(version)s")
@click.pass_context
def optics(context: click.Context) -> None:
    """Teach it your pantry from a handful of photos; it names the product in any new photo, or says it does not know."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def start() -> int:
    """What `optics` calls: `run`, with the garbage collector kept from slowing the start and the end of the process.

    Starting makes many objects and no garbage; and what is left at the end goes with the process, unsearched. That is a
    tenth of the time that `optics identify photo.jpg` takes.
    """
    gc.set_threshold(COLLECT_RARELY)
    status = run()
    gc.freeze()
    return status


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status comes back.

    Args:
        arguments: what follows `optics`; the process's own where None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    json_mode = "--json" in words[: words.index("--") if "--" in words else None]
    try:
        return _status(words, json_mode=json_mode)
    except BrokenPipeError:
        # The interpreter flushes stdout once more when it ends: let that go nowhere instead of into a second error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE


def _status(words: list[str], *, json_mode: bool) -> int:
    try:
        returned = optics.main(args=words, prog_name="optics", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as ended:
        # So click itself ends the answer to a shell's completion, or, with 1, what a reader that went away cut short.
        return READER_GONE if ended.code else DONE
    except click.Abort:
        click.echo("optics: stopped.", err=True)
        return STOPPED
    except (OpticsError, click.ClickException, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        fail(*_input_problem(error), json_mode=json_mode)
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets one line, whatever broke
        if os.environ.get("OPTICS_DEBUG"):
            import traceback

            traceback.print_exc()
        name = type(error).__name__
        fail("bug", f"{name}: {error} (a bug: please report it, with what OPTICS_DEBUG=1 prints)", json_mode=json_mode)
        return BUG
    return returned if isinstance(returned, int) else DONE


def _input_problem(error: OpticsError | click.ClickException | OSError) -> tuple[str, str]:
    """The code and the message, one line, of a problem with what was given."""
    if isinstance(error, OpticsError):
        return error.code, str(error)
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "optics"
        return "usage", f"{error.format_message()} See `{command} --help`."
    if isinstance(error, click.ClickException):
        return "usage", error.format_message()
    return "file", f"{error.filename or 'a file'}: {error.strerror or error}."
