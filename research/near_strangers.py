"""Packaged products that were not taught, told from those that were: with reading and without, on the test photos.

    python research/near_strangers.py runs/<the run>/held-out.optics work/pantry.h5 --readings work/readings.jsonl

Four protocols: eight of the 31 packaged products, drawn with a seed of their own, are left out; the others are taught from k train
photos each to a network that learned none of them. AUROC and FPR at 95 % TPR of the recogniser's own score of being known.
Writes docs/research/near-strangers.json.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import mean

from fusion import RESULTS, Draw, asked_for, world
from shibuya_optics.evaluate.unknowns import auroc, fpr_at_tpr
from shibuya_optics.files import write_json

PROTOCOLS, LEFT_OUT, KS = 4, 8, (5, 20)


def main() -> None:
    """Measure, print, write."""
    recogniser, (train, test) = asked_for(__doc__, ("train", "test"))
    both = recogniser.bundle.fusion
    senses = {"look": replace(both, reading=0.0, known_look=1.0, known_reading=0.0), "look and read": both}
    rows = []
    for k in KS:
        worlds = [
            world(train, test, Draw(k, (23, protocol), left_out=LEFT_OUT), recogniser.bundle)
            for protocol in range(PROTOCOLS)
        ]
        for name, fusion in senses.items():
            sides = [(known[w.truth >= 0], known[w.truth < 0]) for w in worlds for known in (w.scored(fusion)[1],)]
            near = [auroc(*pair) for pair in sides]
            row = {"k": k, "senses": name, "auroc": mean(near), "each": near}
            rows.append(row | {"fpr95": mean(fpr_at_tpr(*pair) for pair in sides)})
            print(rows[-1])
    write_json(RESULTS / "near-strangers.json", {"protocols": PROTOCOLS, "left_out": LEFT_OUT, "rows": rows})


if __name__ == "__main__":
    main()
