"""`optics completion`: what a shell needs to complete verbs and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from shibuya_optics.cli.output import emit, examples, json_option

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        'eval "$(optics completion bash)"',
        "optics completion zsh > ~/.zfunc/_optics",
        "optics completion fish > ~/.config/fish/completions/optics.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
@click.pass_context
def completion(context: click.Context, shell: str, json_mode: bool) -> None:
    """Print the completion script for a shell, to be read by it at its start."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell!r}: give one of {', '.join(SHELLS)}.", context)
    script = kind(context.find_root().command, {}, "optics", "_OPTICS_COMPLETE").source()
    emit({"shell": shell, "script": script}, json_mode, script)
