"""Values of PaddleSeg's schedules, optimisers and losses on a few numbers: `python -m oracle.training_values FILE`.

What stands in training/paddle-values.json, which the tests of training/ compare with. Float64, but for the learning
rate as the optimiser takes it and for ClipGradByNorm, which Paddle has in float32 alone. Where PaddleSeg multiplies
integers with floats, which Paddle 3 refuses, the integers become floats; cross entropy gets a copy of the labels, since
DiceLoss overwrites them.
"""

import copy
import json
import sys
import types
import warnings

import numpy as np

from oracle.paddle_model import load_paddle, load_paddleseg, versions

GROUPS = [{"name": "head", "lr_mult": 10.0}, {"name": "norm", "weight_decay_mult": 0.0}]
POLYNOMIAL = {"type": "PolynomialDecay", "learning_rate": 0.01}
SCHEDULES = [
    POLYNOMIAL,
    POLYNOMIAL | {"power": 0.9, "end_lr": 0.0},
    {
        "type": "PolynomialDecay",
        "learning_rate": 6e-5,
        "power": 1.0,
        "end_lr": 0.0,
        "warmup_iters": 3,
        "warmup_start_lr": 1e-6,
    },
    POLYNOMIAL | {"power": 2.0, "end_lr": 0.001, "decay_steps": 3, "cycle": True},
    {"type": "StepDecay", "learning_rate": 0.5, "step_size": 3},
    {
        "type": "StepDecay",
        "learning_rate": 0.5,
        "step_size": 2,
        "gamma": 0.3,
        "warmup_iters": 4,
        "warmup_start_lr": 0.1,
    },
    {"type": "PiecewiseDecay", "boundaries": [2, 5], "values": [0.3, 0.2, 0.05]},
    {"type": "MultiStepDecay", "learning_rate": 0.5, "milestones": [2, 5], "gamma": 0.2},
    {"type": "ExponentialDecay", "learning_rate": 0.5, "gamma": 0.9},
    {"type": "CosineAnnealingDecay", "learning_rate": 0.5, "T_max": 4, "eta_min": 0.01},
    {"type": "CosineAnnealingDecay", "learning_rate": 0.5, "T_max": 5, "warmup_iters": 2, "warmup_start_lr": 0.1},
]
OPTIMIZERS = [
    {"type": "AdamW"},
    {"type": "AdamW", "weight_decay": 0.05, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6, "custom_cfg": GROUPS},
    {"type": "Adam", "weight_decay": 0.05, "custom_cfg": GROUPS},
    {"type": "adam"},
    {"type": "SGD", "weight_decay": 4e-5},
    {"type": "SGD", "momentum": 0.9, "weight_decay": 0.05, "custom_cfg": GROUPS},
    {"type": "Momentum", "momentum": 0.8, "use_nesterov": True, "weight_decay": 0.01},
    {"type": "SGD", "grad_clip_cfg": {"name": "ClipGradByGlobalNorm", "clip_norm": 1.0}},
    {
        "type": "SGD",
        "weight_decay": 0.05,
        "grad_clip_cfg": {"name": "ClipGradByGlobalNorm", "clip_norm": 1.0},
        "custom_cfg": GROUPS,
    },
    {"type": "SGD", "grad_clip_cfg": {"name": "ClipGradByNorm", "clip_norm": 0.8}},
    {"type": "SGD", "grad_clip_cfg": {"name": "ClipGradByValue", "max": 0.5}},
    {"type": "SGD", "grad_clip_cfg": {"name": "ClipGradByValue", "max": 0.5, "min": -0.1}},
]
PARAMETERS = {"backbone.weight": [0.5, -0.25, 1.5], "norm.weight": [-1.0, 2.0], "head.weight": [0.75, 0.125]}
GRADIENTS = [
    {"backbone.weight": [0.3, -0.7, 1e-3], "norm.weight": [2.0, -0.05], "head.weight": [0.6, 1.25]},
    {"backbone.weight": [-0.2, 0.4, 2e-3], "norm.weight": [1.0, 0.5], "head.weight": [-3.0, 0.1]},
    {"backbone.weight": [0.05, 0.9, -1e-3], "norm.weight": [-1.5, 0.25], "head.weight": [0.2, -0.4]},
]
WEIGHT = [0.5, 1.25, 2.0]
CROSS_ENTROPY, DICE = {"type": "CrossEntropyLoss"}, {"type": "DiceLoss"}
OHEM = {"type": "OhemCrossEntropyLoss"}
LOSSES = [
    CROSS_ENTROPY,
    CROSS_ENTROPY | {"avg_non_ignore": False},
    CROSS_ENTROPY | {"weight": WEIGHT},
    CROSS_ENTROPY | {"top_k_percent_pixels": 0.3},
    CROSS_ENTROPY | {"weight": WEIGHT, "top_k_percent_pixels": 0.3},
    DICE,
    DICE | {"weight": WEIGHT, "smooth": 0.1},
    OHEM | {"min_kept": 5, "thresh": 0.01},
    OHEM | {"min_kept": 5, "thresh": 0.6},
    OHEM,
    OHEM | {"min_kept": 0},
    {"type": "MixedLoss", "losses": [CROSS_ENTROPY, DICE], "coef": [0.8, 0.2]},
    {"type": "MixedLoss", "losses": [DICE, CROSS_ENTROPY], "coef": [0.5, 1.5]},
]


def main(path):
    paddle = load_paddle()
    load_paddleseg()
    from paddleseg.utils import logger

    logger.log_level = 0
    paddle.set_default_dtype("float64")
    values = {
        "made_by": versions(),
        "schedules": [_schedule(section) for section in SCHEDULES],
        "parameters": PARAMETERS,
    }
    values |= {"gradients": GRADIENTS, "optimizers": [_optimizer(paddle, section) for section in OPTIMIZERS]}
    values |= _losses(paddle)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(values, file)


def _build(optimizer, schedule, iters, model=None):
    from paddleseg.cvlibs.builder import SegBuilder

    sections = {"optimizer_cfg": copy.deepcopy(optimizer), "lr_scheduler_cfg": copy.deepcopy(schedule), "iters": iters}
    builder = SegBuilder(types.SimpleNamespace(**sections))
    builder.__dict__["model"] = model
    return builder


def _schedule(section, iters=8):
    schedule = _build({"type": "SGD"}, section, iters).lr_scheduler
    rates = []
    for _ in range(iters + 2):
        rates.append(schedule())
        schedule.step()
    return {"section": section, "iters": iters, "rates": rates}


def _optimizer(paddle, section):
    clip = paddle.nn.clip.clip_by_norm
    paddle.nn.clip.clip_by_norm = lambda x, max_norm, name=None: clip(x.astype("float32"), max_norm).astype("float64")
    model = _model(paddle)
    optimizer = _build(section, POLYNOMIAL | {"end_lr": 0.0}, 4, model).optimizer
    for gradients in GRADIENTS:
        for name, parameter in model.named_parameters():
            (parameter * paddle.to_tensor(np.array(gradients[name]))).sum().backward()
        optimizer.step()
        optimizer._learning_rate.step()
        model.clear_gradients()
    paddle.nn.clip.clip_by_norm = clip
    return {
        "section": section,
        "parameters": {name: parameter.numpy().tolist() for name, parameter in model.named_parameters()},
    }


def _model(paddle):
    model = paddle.nn.Layer()
    for name, values in PARAMETERS.items():
        layer = paddle.nn.Layer()
        start = paddle.nn.initializer.Assign(np.array(values))
        layer.weight = layer.create_parameter([len(values)], default_initializer=start)
        model.add_sublayer(name.removesuffix(".weight"), layer)
    return model


def _losses(paddle):
    random = np.random.default_rng(5)
    logits = np.round(random.normal(size=(2, 3, 2, 5)) * 2, 3)
    label = random.integers(0, 3, size=(2, 2, 5))
    label[0, 0, 1] = label[1, 1, 3] = label[1, 0, 0] = 255
    _allow_integers(paddle)
    found = []
    for section in LOSSES:
        x, y = paddle.to_tensor(logits, stop_gradient=False), paddle.to_tensor(label.astype("int64"))
        terms = _loss(section)(x, y)
        total = sum(terms) if isinstance(terms, list) else terms
        total.backward()
        found.append({"section": section, "value": float(total), "gradient": x.grad.numpy().ravel().tolist()})
    return {
        "logits": logits.ravel().tolist(),
        "label": label.ravel().tolist(),
        "shape": list(logits.shape),
        "losses": found,
    }


def _loss(section):
    from paddleseg.models import losses

    options = {key: value for key, value in section.items() if key != "type"}
    if section["type"] == "MixedLoss":
        return losses.MixedLoss([_loss(inner) for inner in options["losses"]], options["coef"])
    loss = getattr(losses, section["type"])(**options)
    if section["type"] != "CrossEntropyLoss":
        return loss
    if loss.weight is not None:
        loss.weight = loss.weight.astype("float64")
    return lambda logits, label: loss(logits, label.clone())


def _allow_integers(paddle):
    cast, ones_like, one_hot = paddle.cast, paddle.ones_like, paddle.nn.functional.one_hot
    paddle.cast = lambda x, dtype: cast(x, "float64" if dtype in ("float32", "float64") else dtype)
    paddle.ones_like = lambda x: cast(ones_like(x), "float64")
    paddle.nn.functional.one_hot = lambda x, classes: cast(one_hot(cast(x, "int64"), classes), "float64")
    for name in ("__mul__", "__rmul__", "__add__", "__radd__"):
        setattr(paddle.Tensor, name, _promoting(paddle, getattr(paddle.Tensor, name)))


def _promoting(paddle, operator):
    def promoted(a, b):
        if isinstance(b, paddle.Tensor) and {a.dtype, b.dtype} == {paddle.int64, paddle.float64}:
            a, b = a.astype("float64"), b.astype("float64")
        return operator(a, b)

    return promoted


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
