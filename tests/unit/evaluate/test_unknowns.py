from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from shibuya_optics.errors import InputError
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr, shared_histogram


@pytest.mark.parametrize("decimals", [8, 1])
def test_auroc_is_what_scikit_learn_integrates(decimals: int) -> None:
    rng = np.random.default_rng(0)
    known, strangers = rng.normal(1, 1, 300).round(decimals), rng.normal(0, 1, 200).round(decimals)
    truth = np.repeat([1, 0], [300, 200])
    assert auroc(known, strangers) == pytest.approx(roc_auc_score(truth, np.concatenate([known, strangers])))


def test_auroc_runs_from_backwards_over_chance_to_perfect() -> None:
    assert auroc([2, 3], [0, 1]) == 1
    assert auroc([1, 1], [1, 1]) == 0.5
    assert auroc([0, 1], [2, 3]) == 0


@pytest.mark.parametrize("tpr", [0.07, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("decimals", [8, 1])
def test_fpr_is_read_off_the_roc_curve(tpr: float, decimals: int) -> None:
    rng = np.random.default_rng(1)
    known, strangers = rng.normal(1, 1, 100).round(decimals), rng.normal(0, 1, 80).round(decimals)
    truth = np.repeat([1, 0], [100, 80])
    fprs, tprs, _ = roc_curve(truth, np.concatenate([known, strangers]), drop_intermediate=False)
    assert fpr_at_tpr(known, strangers, tpr) == pytest.approx(fprs[np.argmax(tprs >= tpr - 1e-12)])


@pytest.mark.parametrize(("known", "strangers"), [([], [1.0]), ([1.0], []), ([np.nan], [1.0]), ([[1.0]], [1.0])])
def test_scores_that_are_none_are_refused(known: list[float], strangers: list[float]) -> None:
    with pytest.raises(InputError, match="one number a photo"):
        auroc(known, strangers)
    with pytest.raises(InputError, match="one number a photo"):
        fpr_at_tpr(known, strangers)


def test_a_true_positive_rate_outside_its_range_is_refused() -> None:
    with pytest.raises(InputError, match="true positive rate of 0"):
        fpr_at_tpr([1.0], [0.0], 0)


def test_histograms_share_their_bins_and_hold_every_photo() -> None:
    found = shared_histogram([1.0, 2.0, 4.0, 4.0], [0.0, 0.5], bins=4)
    assert list(found.edges) == [0, 1, 2, 3, 4]
    assert list(found.known) == [0, 0.25, 0.25, 0.5]
    assert list(found.strangers) == [1, 0, 0, 0]
    with pytest.raises(InputError, match="finite numbers"):
        shared_histogram([np.inf], [0.0])
