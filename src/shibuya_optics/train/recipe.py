"""The recipe: everything that decides how a network is trained, in one TOML file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shibuya_optics.augment import ViewOptions
from shibuya_optics.contract import InputContract
from shibuya_optics.errors import ContractError, RecipeError
from shibuya_optics.labels import nearest_of

Share = Annotated[float, Field(ge=0, le=1)]
Precision = Literal["auto", "32-true", "bf16-mixed"]


class Options(BaseModel):
    """Options refuse keys that they do not know, and do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProbeOptions(Options):
    """The linear probe: logistic regression on the frozen network's unit vectors.

    Attributes:
        c: inverse regularisation.
        views: random views of each photo that it learns from; 0 = the photo itself, as it would be identified.
    """

    c: float = Field(100.0, gt=0)
    views: int = Field(0, ge=0, le=1000)


class FinetuneOptions(Options):
    """The fine-tune of the whole network.

    Learning rates are AdamW's peaks, reached after `warmup_epochs` and lowered along a cosine to zero. Batch-norm is
    folded into the mobile networks, so backbone rates much above 1e-4 break them.

    Attributes:
        layer_decay: what the rate is multiplied by from each stage of the network to the one before it; 1 = one rate.
        frozen_stages: how many stages, from the input on, keep their starting weights, and cost no backward pass.
        sizes: side of the training views, px, for equal parts of the epochs in turn; none = the contract's size.
        repeats: how often an epoch shows each photo, every time in another view; for when photos are few.
        balance: 0 shows each photo equally often, 1 each product; between, products by their photos ** (1 - balance).
        label_smoothing: share of the truth that is spread over all products.
        margin: taken off the cosine to the true product in training, so that products move further apart.
        kind_weight: weight of the loss of kinds beside the loss of products.
        mixup, cutmix: alphas of the Beta distribution of the mixing weight; 0 = off; with both, one of them a batch.
        averaging: decay per step of the exponential moving average of the weights, which is kept; 0 keeps the last.
        start_share: share of the starting weights in what is kept at the end (WiSE-FT); 0 = none.
        members: how many trainings, which differ in the order of photos, views and mixing alone, have their weights averaged
            in the end (model soup); 1 = one training.
        generations: how often the network is trained from its starting weights; from the second time on it learns from the
            generation before, too (self-distillation). The last one is kept.
        teacher_share: share of the loss that is the distance from the generation before's answers; the rest is the truth's.
        patience: epochs without a lower validation loss after which training ends early; 0 = it does not.
        precision: `auto` is bf16 where the processor has it natively, else 32 bit.
    """

    epochs: int = Field(12, ge=0, le=1000)
    batch_size: int = Field(32, ge=1)
    backbone_rate: float = Field(1.2e-4, gt=0)
    head_rate: float = Field(1.2e-3, gt=0)
    layer_decay: float = Field(1.0, gt=0, le=1)
    frozen_stages: int = Field(0, ge=0)
    weight_decay: float = Field(0.05, ge=0)
    warmup_epochs: float = Field(1.0, ge=0)
    sizes: tuple[Annotated[int, Field(ge=32, le=1024, multiple_of=32)], ...] = ()
    repeats: int = Field(1, ge=1, le=1000)
    balance: Share = 0.0
    label_smoothing: Share = 0.1
    margin: float = Field(0.0, ge=0, lt=1)
    kind_weight: float = Field(0.0, ge=0)
    mixup: float = Field(0.1, ge=0)
    cutmix: float = Field(0.0, ge=0)
    averaging: float = Field(0.995, ge=0, lt=1)
    start_share: Share = 0.0
    members: int = Field(1, ge=1, le=20)
    generations: int = Field(1, ge=1, le=10)
    teacher_share: Share = 0.5
    patience: int = Field(0, ge=0)
    gradient_clip: float = Field(1.0, gt=0)
    precision: Precision = "auto"

    def size_in(self, epoch: int, contract: InputContract) -> int:
        """Side of the training views in an epoch, counted from 0, px."""
        if not self.sizes:
            return contract.size
        return self.sizes[min(epoch * len(self.sizes) // max(self.epochs, 1), len(self.sizes) - 1)]


class ReadOptions(Options):
    """Reading the print on the packs of products, for the bundle.

    Attributes:
        photos: in how many photos of each product print is read; 0 = in none.
        labels: the products that have print, labels, and kinds with all that stands below them; none = all.
    """

    photos: int = Field(0, ge=0, le=200)
    labels: tuple[str, ...] = ()


class BundleOptions(Options):
    """What is exported.

    Attributes:
        exemplars: how many photos of each product the bundle remembers.
        views: random views of each training photo that centre, prototypes and exemplars are taken from; 0 = the photo
            itself.
        refused: share of validation photos that the threshold of the known may take for strangers; the higher, the fewer
            strangers pass for products.
        out_of_fold: run folder of a cross-validation of the same products, whose predictions the temperature is measured on
            beside the validation photos; empty = those alone.
        licence: of the bundle.
    """

    exemplars: int = Field(12, ge=1, le=200)
    views: int = Field(0, ge=0, le=1000)
    refused: Share = 0.05
    out_of_fold: str = ""
    licence: str = "MIT"


class Recipe(Options):
    """A training run.

    Attributes:
        name: of the run, and of the bundle that it makes.
        dataset: path of a packed dataset; a relative one counts from the working directory.
        method: `finetune` trains the whole network; `frozen` takes a bundle's network as it is, and learns a head on its
            vectors by logistic regression (`[probe] c`): seconds, and no PyTorch.
        backbone: the network to start from, by name.
        seed: of everything that is random: order, views, mixing.
        leave_out: labels, and kinds with all that stands below them, whose photos are not used at all, so that they can
            be taught afterwards as products never seen.
        origins: where the photos that are trained on come from, `own`, `web` or `public:<set>`; none = anywhere.
        contract: how photos are shown to the network once it is trained.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    dataset: Path
    method: Literal["finetune", "frozen"] = "finetune"
    backbone: str = "mobilenet-edgetpu"
    seed: int = Field(1, ge=0)
    leave_out: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    contract: InputContract = InputContract()
    views: ViewOptions = ViewOptions()
    probe: ProbeOptions = ProbeOptions()
    finetune: FinetuneOptions = FinetuneOptions()
    bundle: BundleOptions = BundleOptions()
    read: ReadOptions = ReadOptions()

    def as_json(self) -> dict[str, Any]:
        """The recipe with every default written out, as a JSON object."""
        resolved: dict[str, Any] = self.model_dump(mode="json")
        return resolved

    def options(self) -> dict[str, Any]:
        """Every option by its dotted name, as `finetune.epochs`."""
        return dotted(self.as_json())

    def hash(self) -> str:
        """SHA-256, in hex, of the resolved recipe."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


def dotted(options: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """The options of a resolved recipe, a JSON object, by their dotted names."""
    flat: dict[str, Any] = {}
    for name, value in options.items():
        flat.update(dotted(value, f"{above}{name}.") if isinstance(value, Mapping) else {above + name: value})
    return flat


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises:
        RecipeError: no such file, no TOML, or an option that is not known or out of range; the message names it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"no recipe at {path}: give a TOML file, as in recipes/pantry-mobile.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RecipeError(f"recipe {path} cannot be read: {error}.") from error
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        raise RecipeError(f"recipe {path}: {_explain(error)}") from error
    except ContractError as error:
        raise RecipeError(f"recipe {path}: contract: {error}") from error


def _explain(error: ValidationError) -> str:
    """The first fault, with the option's full name, the value received and the nearest known name."""
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return f"option {place!r} is not known{nearest_of(place, _option_names(Recipe))}"
    more = error.error_count() - 1
    return f"option {place!r}: {fault['msg']}, received {fault['input']!r}{f' (and {more} more)' if more else ''}."


def _option_names(options: type[Any], above: str = "") -> list[str]:
    """The dotted names of all options of a record, pydantic's or a dataclass's."""
    declared = getattr(options, "model_fields", None) or getattr(options, "__dataclass_fields__", {})
    names: list[str] = []
    for name, field in declared.items():
        kind = getattr(field, "annotation", None) or type(getattr(field, "default", None))
        inner = kind if hasattr(kind, "model_fields") or hasattr(kind, "__dataclass_fields__") else None
        names += _option_names(inner, f"{above}{name}.") if inner else [above + name]
    return names
