"""One training step of PaddleSeg's network, as core/train.py makes it, for oracle/bench_peers.py to time."""

import json

from oracle.errors import OracleError
from oracle.images import make_image, make_label
from oracle.paddle_losses import build_loss
from oracle.paddle_model import load_paddle
from oracle.paddle_training import build_optimizer
from oracle.train_case import TrainCase

# About as many as in Cityscapes.
IGNORED_SHARE = 0.1
SECTIONS = ("optimizer", "lr_scheduler", "loss", "iters")


def parse_sections(text):
    """Of a yml, as JSON."""
    sections = json.loads(text)
    if missing := [name for name in SECTIONS if name not in sections]:
        raise OracleError(f"Cannot train: the sections lack {missing[0]}; {', '.join(SECTIONS)} are wanted.")
    return sections


def prepare_training_step(model, sections, seed, batch, height, width, classes):
    """A function that makes one step on a batch in memory and has the loss: forward, loss, backward, update, schedule.
    It draws as Paddle does.
    """
    paddle = load_paddle()
    model.train()
    case = TrainCase(None, sections["optimizer"], sections["lr_scheduler"], sections["iters"], sections["loss"], [])
    optimizer, loss_of = build_optimizer(model, case), build_loss(sections["loss"])
    image = paddle.to_tensor(make_image("noise", seed, batch, height, width))
    label = paddle.to_tensor(make_label(seed, batch, height, width, classes, IGNORED_SHARE))

    def step():
        loss = loss_of(model(image), label)
        loss.backward()
        optimizer.step()
        optimizer._learning_rate.step()
        model.clear_gradients()
        return float(loss)

    return step
