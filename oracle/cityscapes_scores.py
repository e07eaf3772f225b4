"""IoUs of predictions by cityscapesscripts, the evaluator of the makers of Cityscapes. Its verdicts are nobody's here.

    python -m oracle.cityscapes_scores <labels> <predictions>

Both are folders of PNGs with train ids as pixels (255: ignored), labels `NAME_gtFine_labelTrainIds.png` for predictions
`NAME_leftImg8bit.png`. Prints JSON: the IoU of each of the 19 classes, null for one that is absent, and their mean.
Needs oracle/requirements-scores.txt.
"""

import json
import math
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = 19


def main(arguments):
    labels, predictions = map(Path, arguments)
    with tempfile.TemporaryDirectory() as folder:
        pairs = [
            _as_label_ids(truth, predictions, Path(folder)) for truth in sorted(labels.rglob("*_labelTrainIds.png"))
        ]
        print(json.dumps(score(pairs)))
    return 0


def score(pairs):
    """[(prediction, ground truth)], files of label ids."""
    from cityscapesscripts.evaluation import evalPixelLevelSemanticLabeling as evaluator
    from cityscapesscripts.helpers.labels import trainId2label

    evaluator.args.evalInstLevelScore = False
    evaluator.args.JSONOutput = False
    evaluator.args.quiet = True
    found = evaluator.evaluateImgLists([one for one, _ in pairs], [other for _, other in pairs], evaluator.args)
    ious = [found["classScores"][trainId2label[train_id].name] for train_id in range(CLASSES)]
    mean = evaluator.getScoreAverage(found["classScores"], evaluator.args)
    return {"images": len(pairs), "classIou": [None if math.isnan(iou) else iou for iou in ious], "mean": mean}


def _as_label_ids(truth, predictions, folder):
    from cityscapesscripts.helpers.labels import trainId2label

    ids = np.zeros(256, np.uint8)  # 0 is "unlabeled", which is ignored
    for train_id in range(CLASSES):
        ids[train_id] = trainId2label[train_id].id
    name = truth.name.removesuffix("_gtFine_labelTrainIds.png")
    found = []
    for source, kind in ((predictions / f"{name}_leftImg8bit.png", "prediction"), (truth, "gtFine_labelIds")):
        target = folder / f"{name}_{kind}.png"
        Image.fromarray(ids[np.asarray(Image.open(source))]).save(target)
        found.append(str(target))
    return tuple(found)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
