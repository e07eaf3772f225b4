"""Faults of training, one each: what a port is likely to get wrong and no forward pass shows."""

import copy
import types
from dataclasses import dataclass, replace
from typing import Callable

import numpy as np

from oracle.paddle_model import load_paddle
from oracle.paddle_mutations import Mutation, clusters, list_mutations
from oracle.train_case import Step

# A wrong bias before a batch norm, or another layer's epsilon, is the business of bundles of phase "infer"; these show
# in both.
SHARED = (
    "batch norm epsilon",
    "GELU",
    "strips",
    "gaps in the large kernel",
    "align_corners",
    "layer norm epsilon",
    "group norm epsilon",
    "NMF epsilon 1e-6 → 0",
    "VQ or CD: INV_T",
    "VQ or CD: a ReLU",
    "CD: BETA",
)


@dataclass(frozen=True)
class TrainMutation:
    """A fault and how a case is changed to have it; None where the case has no such thing."""

    name: str
    change: Callable


def list_train_mutations():
    """Faults of training, then those of the network that training shows too."""
    own = [
        _in_model("running variance unbiased", _unbias_variance),
        _in_model("running statistics' momentum 0.9 → 0.99", _slow_statistics),
        _where_drawn(
            "drop_path",
            _in_model("drop path not scaled", lambda model: _unscale(model, "DropPath", lambda layer: layer.drop_prob)),
        ),
        _where_drawn(
            "dropout",
            _in_model("dropout not scaled", lambda model: _unscale(model, "Dropout2D", lambda layer: layer.p)),
        ),
        _in_model("NMF steps of evaluation", _evaluation_steps),
        _in_model("VQ or CD: a gradient through all steps", _follow_steps),
        TrainMutation("one flag for both calls of a drop path", _share_flags),
        TrainMutation("ignored pixels counted in the mean", _count_ignored),
        TrainMutation("custom_cfg: no lr_mult", lambda case: _without_group_key(case, "lr_mult")),
        TrainMutation("custom_cfg: no weight_decay_mult", lambda case: _without_group_key(case, "weight_decay_mult")),
        TrainMutation("no weight decay", lambda case: _with_optimizer(case, weight_decay=0.0)),
        TrainMutation(
            "AdamW → Adam (coupled decay)",
            lambda case: _with_optimizer(case, type="Adam") if case.optimizer["type"] == "AdamW" else None,
        ),
        TrainMutation(
            "Adam's epsilon 1e-8 → 1e-7",
            lambda case: _with_optimizer(case, epsilon=1e-7) if case.optimizer["type"].startswith("Adam") else None,
        ),
        TrainMutation(
            "momentum 0.9 → 0.8",
            lambda case: _with_optimizer(case, momentum=0.8) if "momentum" in case.optimizer else None,
        ),
        TrainMutation("warm-up a step shorter", _shorten_warmup),
    ]
    return own + [
        _in_model(mutation.name, mutation.apply) for mutation in list_mutations() if mutation.name.startswith(SHARED)
    ]


def _in_model(name, apply):
    """`apply` gives False where the model has no such part."""

    def change(case):
        if apply(case.start.built("float32")) is False:
            return None
        return replace(case, start=_Mutated(case.start, Mutation(name, apply)))

    return TrainMutation(name, change)


def _where_drawn(leaf, mutation):
    """The mutation, for cases whose sublayers `leaf` draw at all."""
    return TrainMutation(
        mutation.name,
        lambda case: mutation.change(case) if any(name.endswith(f".{leaf}") for name in case.steps[0].draws) else None,
    )


class _Mutated:
    """A case's start whose models are built with a fault."""

    def __init__(self, start, mutation):
        self.start, self.mutation = start, mutation
        self.reference, self.parameters = start.reference, start.parameters

    def built(self, dtype):
        model = self.start.built(dtype)
        self.mutation.apply(model)
        return model


def _layers(model, kind):
    return [layer for layer in model.sublayers() if type(layer).__name__ == kind]


def _unbias_variance(model):
    for layer in _layers(model, "BatchNorm2D"):
        before = {}

        def remember(inner, inputs, before=before):
            x = inputs[0]
            count = x.size // x.shape[1]
            before["value"] = 0.9 * inner._variance.numpy() + 0.1 * x.numpy().var(axis=(0, 2, 3)) * count / (count - 1)

        def correct(inner, _inputs, _output, before=before):
            inner._variance.set_value(load_paddle().to_tensor(before["value"], dtype=inner._variance.dtype))

        layer.register_forward_pre_hook(remember)
        layer.register_forward_post_hook(correct)


def _slow_statistics(model):
    for layer in _layers(model, "BatchNorm2D"):
        layer._momentum = 0.99


def _unscale(model, kind, rate_of):
    for layer in _layers(model, kind):
        layer.register_forward_post_hook(lambda inner, _inputs, output: output * (1.0 - float(rate_of(inner))))


def _follow_steps(model):
    from paddleseg.models.layers.nmf_2d import _MatrixDecomposition2DBase

    for layer in (layers := clusters(model)):
        layer.local_inference = types.MethodType(_MatrixDecomposition2DBase.local_inference, layer)
    return layers != []


def _evaluation_steps(model):
    for layer in _layers(model, "NMF2D"):
        layer.train_steps = layer.eval_steps


def _share_flags(case):
    steps = [
        Step(
            step.image,
            step.label,
            {
                name: np.repeat(values[:1], len(values), axis=0) if name.endswith("drop_path") else values
                for name, values in step.draws.items()
            },
        )
        for step in case.steps
    ]
    alike = all(
        np.array_equal(made.draws[name], kept.draws[name])
        for made, kept in zip(steps, case.steps)
        for name in kept.draws
    )
    return None if alike else replace(case, steps=steps)


def _count_ignored(case):
    loss = copy.deepcopy(case.loss)
    inner = [
        entry
        for outer in loss["types"]
        for entry in outer.get("losses", [outer])
        if entry["type"] == "CrossEntropyLoss" and "weight" not in entry
    ]
    for entry in inner:
        entry["avg_non_ignore"] = False
    return replace(case, loss=loss) if inner else None


def _without_group_key(case, key):
    groups = case.optimizer.get("custom_cfg", [])
    if not any(key in group for group in groups):
        return None
    return _with_optimizer(
        case, custom_cfg=[{name: value for name, value in group.items() if name != key} for group in groups]
    )


def _with_optimizer(case, **changed):
    return replace(case, optimizer={**case.optimizer, **changed})


def _shorten_warmup(case):
    warmup = case.lr_scheduler.get("warmup_iters", 0)
    return replace(case, lr_scheduler={**case.lr_scheduler, "warmup_iters": warmup - 1}) if warmup > 1 else None
