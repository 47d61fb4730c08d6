"""A training step of our loop, beside a bare PyTorch loop and beside Keras' `fit` on PyTorch.

    python benchmarks/train_step.py --out bench/train_step.json

Ours is `shibuya_optics.train.loop.trainer.finetune`, Lightning with its callbacks: history, checkpoints, schedule. The bare loop
trains the same network (MobileNetV2, random weights) on the same batches in the same precision with the same optimiser,
schedule, clipping and loss, and does nothing else. Keras trains its own MobileNetV2 (random weights, its batch-norm not
folded, which is more work) with AdamW and clipping on the same batches, channels last as it wants them. Views, mixing and
averaging are off in all three.

The three run in one process, each in a thread of its own, and take turns step by step: whoever asks for its next batch waits
for its turn, so that a busy machine slows all three; ours and the bare loop follow Keras equally often. The time of a step is that from a batch given to
the next one asked for. The first steps are left out. Rates are those of the median step, in images a second; ratios are the
medians of those of all turns, above 1 where ours is faster.

Expected (2 cores, x86-64): at least 0.95 of the bare loop, and 2.5 times Keras or more.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from reporting import report
from shibuya_optics.train.backbones.mobile_networks import MobileNetV2
from shibuya_optics.train.data.photos import Loader
from shibuya_optics.train.loop.finetune import FineTune
from shibuya_optics.train.loop.head import CosineHead
from shibuya_optics.train.loop.rates import parameter_groups, rate_factor
from shibuya_optics.train.loop.trainer import finetune
from shibuya_optics.train.recipe import FinetuneOptions, Recipe

PRODUCTS, BATCH, SIZE = 81, 16, 224
LEFT_OUT = 3
# Ours and the bare loop follow Keras, which leaves the caches cold, equally often.
ORDER = ("ours", "bare", "keras_fit", "bare", "ours", "keras_fit")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
OPTIONS = FinetuneOptions(
    epochs=1, batch_size=BATCH, warmup_epochs=0.5, mixup=0, cutmix=0, averaging=0, precision="32-true"
)


class Turns:
    """Lets one of several threads work at a time, in an order that is repeated."""

    def __init__(self, order: tuple[str, ...]) -> None:
        self.order, self.changed = cycle(order), threading.Condition()
        self.present, self.current = set(order), next(self.order)
        self.all_here = threading.Barrier(len(self.present))

    def wait(self, name: str) -> None:
        """Give the turn away, and come back when it is this one's again; at once for who has left."""
        with self.changed:
            if name not in self.present:
                return
            if self.current == name:
                self._pass_on()
            self.changed.wait_for(lambda: self.current == name)

    def leave(self, name: str) -> None:
        """Take no more turns."""
        with self.changed:
            self.present.discard(name)
            if self.present and self.current == name:
                self._pass_on()

    def _pass_on(self) -> None:
        self.current = next(name for name in self.order if name in self.present)
        self.changed.notify_all()


class Batches(IterableDataset[tuple[Tensor, Tensor]]):
    """The same two batches, over and over, each when it is its turn; it notes how long each step took, in seconds."""

    def __init__(self, name: str, turns: Turns, steps: int, *, channels_last: bool = False) -> None:
        draw = torch.Generator().manual_seed(0)
        images = torch.rand((2, BATCH, 3, SIZE, SIZE), generator=draw) * 2 - 1
        self.images = images.permute(0, 1, 3, 4, 2).contiguous() if channels_last else images
        self.classes = torch.randint(PRODUCTS, (2, BATCH), generator=draw)
        self.name, self.turns, self.steps, self.seconds = name, turns, steps, list[float]()
        self.here = False

    def __len__(self) -> int:
        return LEFT_OUT + self.steps

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        # Keras begins once before, and once after, only to see what a batch looks like.
        if not self.here:
            self.here = True
            self.turns.all_here.wait()
        for step in range(len(self)):
            self.turns.wait(self.name)
            given = time.perf_counter()
            yield self.images[step % 2], self.classes[step % 2]
            if DEVICE == "cuda":
                torch.cuda.synchronize()
            self.seconds.append(time.perf_counter() - given)

    def counted(self) -> list[float]:
        """The seconds of the steps that count: not the first ones, nor the last, whose end is not always seen."""
        return self.seconds[LEFT_OUT : self.steps + LEFT_OUT - 1]


def fresh() -> tuple[MobileNetV2, CosineHead]:
    """The network and the head, both random."""
    torch.manual_seed(0)
    return MobileNetV2(), CosineHead(torch.randn(PRODUCTS, MobileNetV2.embedding_size), 20.0)


def ours(batches: Batches) -> None:
    """One epoch of our loop."""
    network, head = fresh()
    recipe = Recipe(name="step", dataset=Path("none.h5"), finetune=OPTIONS, seed=0)
    module = FineTune(network, head, recipe, kinds=tuple(range(PRODUCTS)), epoch_steps=len(batches))
    with tempfile.TemporaryDirectory() as folder:
        finetune(module, cast("Loader", DataLoader(batches, batch_size=None)), None, Path(folder))


def bare(batches: Batches) -> None:
    """The same epoch, written out."""
    network, head = (cast("nn.Module", module).to(DEVICE) for module in fresh())
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent from its stub
    optimiser = torch.optim.AdamW(parameter_groups(network, head, OPTIONS))
    steps = len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, steps, steps / 2))
    parameters = [*network.parameters(), *head.parameters()]
    for images, classes in DataLoader(batches, batch_size=None):
        shown = images.to(DEVICE).contiguous(memory_format=torch.channels_last)
        loss = functional.cross_entropy(
            head(network(shown)), classes.to(DEVICE), label_smoothing=OPTIONS.label_smoothing
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        nn.utils.clip_grad_norm_(parameters, OPTIONS.gradient_clip)
        optimiser.step()
        schedule.step()


def keras_fit() -> Callable[[Batches], None]:
    """One epoch of Keras' `fit`, on a model that is built and compiled already."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    model = keras.applications.MobileNetV2(input_shape=(SIZE, SIZE, 3), weights=None, classes=PRODUCTS)
    model.compile(
        optimizer=keras.optimizers.AdamW(OPTIONS.backbone_rate, weight_decay=OPTIONS.weight_decay, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(),
    )
    return lambda batches: model.fit(DataLoader(batches, batch_size=None), epochs=1, shuffle=False, verbose=0)


def measure(turns: int) -> dict[str, Any]:
    """All three, step by step in turns."""
    fit = keras_fit()
    names = ("ours", "bare", "keras_fit")
    order = Turns(ORDER)
    batches = {name: Batches(name, order, turns, channels_last=name == "keras_fit") for name in names}

    def run(name: str, way: Callable[[Batches], None]) -> None:
        try:
            way(batches[name])
        finally:
            # Whoever counts the batches does not ask for one after the last, so the batches cannot see the end.
            order.leave(name)

    ways = {"ours": ours, "bare": bare, "keras_fit": fit}
    # None has the main thread, whose memory is allocated in another way.
    with ThreadPoolExecutor() as threads:
        working = [threads.submit(run, name, way) for name, way in ways.items()]
    for each in working:
        each.result()
    seconds = {name: each.counted() for name, each in batches.items()}
    ratios = {
        f"ours_to_{other}": [theirs / own for own, theirs in zip(seconds["ours"], seconds[other], strict=True)]
        for other in names[1:]
    }
    return {
        "what": "a training step on batches that lie ready: forward, backward, clipping, AdamW",
        "device": DEVICE,
        "threads": torch.get_num_threads(),
        "batch": BATCH,
        "size": SIZE,
        "precision": OPTIONS.precision,
        "turns": turns,
        "images_a_second": {name: round(BATCH / statistics.median(each), 2) for name, each in seconds.items()},
        "ratio": {name: round(statistics.median(each), 3) for name, each in ratios.items()},
        "ratio_quartiles": {
            name: [round(quartile, 3) for quartile in statistics.quantiles(each)] for name, each in ratios.items()
        },
    }


if __name__ == "__main__":
    report(__doc__, 30, measure)
