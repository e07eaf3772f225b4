"""Training the reference on a data set: PaddleSeg's network, data set, transforms, sampler, optimiser, schedule and
evaluation, from one of its ymls.

Only the loss is the oracle's own (oracle/paddle_losses.py says why). Needs oracle/requirements-data.txt beside
oracle/requirements.txt.
"""

import json
import random
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from oracle import GENERATOR
from oracle.errors import OracleError
from oracle.paddle_losses import build_loss
from oracle.paddle_model import load_paddle, load_paddleseg, require_opencv, versions


def train_on_data(config_path, seed, iters, evaluate_every, out, save, report=print):
    """Trains from random weights and writes losses, learning rates and evaluations to `out` (JSON), the weights to
    `save` (paddle.save).

    `iters` is the yml's where None. Seeds: Paddle, NumPy and Python's random, as tools/train.py --seed; images are read
    in this process.
    """
    require_opencv("train on a data set")
    paddle = load_paddle()
    load_paddleseg()
    from paddleseg.core.val import evaluate
    from paddleseg.cvlibs import Config
    from paddleseg.cvlibs.builder import SegBuilder
    from paddleseg.utils import logger

    logger.log_level = 0
    config = Config(str(config_path), iters=iters)
    paddle.seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    builder = SegBuilder(config)
    model, train, val = builder.model, builder.train_dataset, builder.val_dataset
    if len(train) < config.batch_size:
        raise OracleError(
            f"Cannot train on {config_path}: its data set has {len(train)} images; a batch of {config.batch_size} is "
            "wanted."
        )
    optimizer, loss_of = builder.optimizer, build_loss(config.dic["loss"])
    sampler = paddle.io.DistributedBatchSampler(train, batch_size=config.batch_size, shuffle=True, drop_last=True)
    loader = paddle.io.DataLoader(train, batch_sampler=sampler, num_workers=0, return_list=True)
    curve = {
        "config": Path(config_path).name,
        "seed": seed,
        "iters": config.iters,
        "batch_size": config.batch_size,
        "lr": [],
        "loss": [],
        "evaluations": [],
        "made_by": {"generator": GENERATOR, **versions()},
    }
    started = time.monotonic()
    for iteration, batch in zip(range(1, config.iters + 1), _forever(loader)):
        model.train()
        curve["lr"].append(float(optimizer.get_lr()))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="When training, we now always track")
            loss = loss_of(model(batch["img"]), batch["label"].astype("int64"))
        curve["loss"].append(float(loss))
        loss.backward()
        optimizer.step()
        optimizer._learning_rate.step()
        model.clear_gradients()
        if iteration % evaluate_every == 0 or iteration == config.iters:
            with areas_counted():
                miou, acc, class_iou, _, kappa = evaluate(
                    model, val, num_workers=0, print_detail=False, **config.test_config
                )[:5]
            curve["evaluations"].append(
                {
                    "iter": iteration,
                    "mIoU": float(miou),
                    "Acc": float(acc),
                    "Kappa": float(kappa),
                    "class_iou": [float(value) for value in class_iou],
                }
            )
            report(
                f"seed {seed}, iteration {iteration}: loss {curve['loss'][-1]:.4f}, mIoU {miou:.4f}, "
                f"{time.monotonic() - started:.0f} s",
                flush=True,
            )
    if save is not None:
        paddle.save(model.state_dict(), str(save))
    Path(out).write_text(json.dumps(curve), encoding="utf-8")
    return curve


@contextmanager
def areas_counted():
    """PaddleSeg joins sums that are one-element vectors in old Paddles and scalars in 3.3.1, which refuses to: the same
    counts, made with NumPy.
    """
    from paddleseg.utils import metrics

    before = metrics.calculate_area

    def calculate_area(pred, label, num_classes, ignore_index=255, use_multilabel=False):
        pred, label = pred.numpy().ravel(), label.numpy().ravel()
        pred, label = pred[label != ignore_index], label[label != ignore_index]
        counts = (
            np.bincount(values, minlength=num_classes)[:num_classes] for values in (pred[pred == label], pred, label)
        )
        return tuple(load_paddle().to_tensor(count.astype("int64")) for count in counts)

    metrics.calculate_area = calculate_area
    try:
        yield
    finally:
        metrics.calculate_area = before


def _forever(loader):
    while True:
        yield from loader
