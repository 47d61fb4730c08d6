"""Runs a fine-tune: checkpoints, resume, averaging, early stop; Lightning does the mechanics."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, WeightAveraging
from lightning.pytorch.loggers import Logger
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

from shibuya_optics.errors import RunError
from shibuya_optics.train.data.photos import Loader
from shibuya_optics.train.loop.finetune import FineTune
from shibuya_optics.train.loop.history import History
from shibuya_optics.train.recipe import FinetuneOptions, Precision

State = Mapping[str, Tensor]


def finetune(
    module: FineTune,
    training: Loader,
    validation: Loader | None,
    run: Path,
    *,
    loggers: Sequence[Logger] = (),
    progress: bool = False,
) -> None:
    """Fine-tune in place; what the options ask to be kept is what is left in the module.

    A checkpoint is written after each epoch to `run/checkpoints`, and taken up if there is one. Views, order and
    mixing depend on the seed and the epoch alone, so an interrupted run ends as an uninterrupted one.

    Raises:
        RunError: the loss is not a number any more: a learning rate was too high.
    """
    start = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    # Advice of the frameworks to their programmers is no news to the person who trains a pantry.
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fit(module, training, validation, run, loggers=loggers, progress=progress)
    if not all(bool(torch.isfinite(parameter).all()) for parameter in module.parameters()):
        raise RunError(f"training in {run} diverged (weights are not finite): lower finetune.backbone_rate.")
    if module.options.start_share:
        module.load_state_dict(mixed_weights(start, module.state_dict(), module.options.start_share))


def mixed_weights(start: State, end: State, start_share: float) -> dict[str, Tensor]:
    """Weights on the straight line from `start` to `end`, `start_share` (0 to 1) of the way back from the end.

    Source: Wortsman et al., "Robust fine-tuning of zero-shot models", 2022 (arXiv 2109.01903), WiSE-FT.
    """
    return {name: start_share * start[name].to(end[name]) + (1 - start_share) * end[name] for name in end}


def mean_weights(states: Sequence[State]) -> dict[str, Tensor]:
    """The mean of the weights of trainings that began alike, one or more: one network, which tends to what they say together.

    What is no weight, as a counter, is taken from the first. Source: Wortsman et al., "Model soups", 2022 (arXiv 2203.05482).
    """
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0) if first.is_floating_point() else first
        for name, first in states[0].items()
    }


def _fit(
    module: FineTune,
    training: Loader,
    validation: Loader | None,
    run: Path,
    *,
    loggers: Sequence[Logger],
    progress: bool,
) -> None:
    last = run / "checkpoints" / "last.ckpt"
    trainer = Trainer(
        accelerator="auto",
        devices=1,
        precision=resolve_precision(module.options.precision),
        max_epochs=module.options.epochs,
        gradient_clip_val=module.options.gradient_clip,
        callbacks=_callbacks(module.options, run),
        logger=list(loggers) or False,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=run,
    )
    module.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this form
    trainer.fit(module, training, validation, ckpt_path=last if last.exists() else None, weights_only=False)
    if last.exists():
        # The checkpoint holds what is kept, the averaged weights; a run that only had its export left has them from here.
        module.load_state_dict(torch.load(last, map_location="cpu", weights_only=False)["state_dict"])


def _callbacks(options: FinetuneOptions, run: Path) -> list[Callback]:
    callbacks: list[Callback] = []
    if options.averaging:
        average = get_ema_multi_avg_fn(options.averaging)  # type: ignore[no-untyped-call]
        callbacks.append(WeightAveraging(multi_avg_fn=average))
    if options.patience:
        callbacks.append(EarlyStopping("validation_loss", patience=options.patience))
    return [
        *callbacks,
        ModelCheckpoint(dirpath=run / "checkpoints", filename="last", save_top_k=1, enable_version_counter=False),
        History(run / "history.csv"),
    ]


def resolve_precision(precision: Precision) -> Literal["32-true", "bf16-mixed"]:
    """`auto` becomes bf16 where the GPU or the processor computes it natively, else 32 bit."""
    if precision != "auto":
        return precision
    native = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else _cpu_has_bf16()
    return "bf16-mixed" if native else "32-true"


def _cpu_has_bf16() -> bool:
    """Whether the processor multiplies bf16 numbers itself; emulated, bf16 is slower than 32 bit."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))
