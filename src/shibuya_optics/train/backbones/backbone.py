"""What is known of a network before it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from shibuya_optics.contract import InputContract


@dataclass(frozen=True)
class Backbone:
    """A network by name.

    What `build` makes maps `float32 (batch, 3, size, size)` to `(batch, embedding_size)`. It says `embedding_size`, an int,
    and gives by `stages()` its parts from the input to the output, which together hold all its parameters. One whose
    exported graph takes no other height and width than it was exported with says so by `free_size = False`; one that has
    to change before it is exported does so in `before_export()`.

    Attributes:
        name: as recipes call it.
        build: makes the network, untrained unless `fill` says otherwise.
        contract: the one that its starting weights were trained under.
        licence, origin: of its starting weights.
        fill: puts the starting weights into what `build` made, and gives what their lineage says beyond name, origin and
            licence: at least `sha256`. None: they are `<name>/weights.npz` in the folder of starting weights.
    """

    name: str
    build: Callable[[], nn.Module]
    contract: InputContract
    licence: str
    origin: str
    fill: Callable[[nn.Module], Mapping[str, Any]] | None = None
