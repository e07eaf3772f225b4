"""Faults, put into the reference itself: what a port is likely to get wrong, and a bundle must bring to light."""

import builtins
import sys
import types
from dataclasses import dataclass
from functools import partial
from typing import Callable

import numpy as np

from oracle.paddle_model import load_paddle


@dataclass(frozen=True)
class Mutation:
    """A fault and how it is put into a built model; `apply` gives False where the model has no such part."""

    name: str
    apply: Callable


def list_mutations():
    """The mutations that a bundle must show, then those that only a stressed one can."""
    nn = load_paddle().nn
    return [
        Mutation("batch norm epsilon 1e-5 → 1e-6", lambda model: _set_all(model, nn.BatchNorm2D, "_epsilon", 1e-6)),
        Mutation("GELU erf → tanh", lambda model: _set_all(model, nn.GELU, "_approximate", True)),
        Mutation("strips 1×k ↔ k×1", _swap_strips),
        Mutation("NMF steps one fewer", _drop_nmf_step),
        Mutation("VQ or CD: a step fewer", _set_clusters("eval_steps", lambda steps: steps - 1)),
        Mutation("VQ or CD: INV_T → 1", _set_clusters("inv_t", lambda _value: 1)),
        Mutation("CD: BETA doubled", _set_clusters("beta", lambda beta: 2 * beta)),
        Mutation("VQ or CD: a ReLU in front", _rectify),
        Mutation("align_corners flipped", _flip_align_corners),
        Mutation("one bias left out (block2.0 conv_out)", _drop_bias("block2.0.attn.spatial_gating_unit.conv_out")),
        Mutation("one bias left out (head)", _drop_bias("head")),
        Mutation("one bias left out (block2.0 conv1)", _drop_bias("block2.0.attn.spatial_gating_unit.conv1")),
        Mutation("gaps in the large kernel 3 → 1", _close_gaps),
        Mutation("gate added to the map, not multiplied", _add_gates),
        Mutation("padding shifted by one (patch_embed2)", _shift_padding("patch_embed2.proj")),
        Mutation("padding shifted by one (nets.1.1.0)", _shift_padding("nets.1.1.0._conv")),
        Mutation("layer scale left out (block1.0)", _drop_layer_scale),
        Mutation("sizes of branches rounded to the nearest", _round_branches),
        Mutation("branches meet in their first alone", _meet_in_first),
        Mutation("layer norm epsilon 1e-5 → 1e-6", _move_layer_norms(1e-5, 1e-6)),
        Mutation("layer norm epsilon 1e-6 → 1e-5", _move_layer_norms(1e-6, 1e-5)),
        Mutation("group norm epsilon 1e-5 → 1e-6", lambda model: _set_all(model, nn.GroupNorm, "_epsilon", 1e-6)),
        Mutation("NMF epsilon 1e-6 → 0", lambda model: _set_nmf_epsilon(model, 0.0)),
        Mutation("NMF epsilon 1e-6 → 1e-7", lambda model: _set_nmf_epsilon(model, 1e-7)),
    ]


def _layers(model, kind):
    return [layer for layer in model.sublayers() if isinstance(layer, kind)]


def _nmf_layers(model):
    from paddleseg.models.layers import NMF2D

    return _layers(model, NMF2D)


def _set_all(model, kind, attribute, value):
    layers = _layers(model, kind)
    for layer in layers:
        assert hasattr(layer, attribute), f"{kind.__name__} keeps its setting in {attribute}"
        setattr(layer, attribute, value)
    return layers != []


def _swap_strips(model):
    strips = [
        layer for name, layer in model.named_sublayers() if ".dwconvs." in name and hasattr(layer, "_kernel_size")
    ]
    for layer in strips:
        weight = layer.weight.numpy()
        del layer._parameters["weight"]
        layer.weight = load_paddle().create_parameter(list(np.swapaxes(weight, 2, 3).shape), "float32")
        layer.weight.set_value(np.ascontiguousarray(np.swapaxes(weight, 2, 3)))
        layer._updated_padding = list(reversed(layer._updated_padding))
    return strips != []


def _drop_nmf_step(model):
    layers = _nmf_layers(model)
    for layer in layers:
        layer.eval_steps -= 1
    return layers != []


def clusters(model):
    return [layer for layer in model.sublayers() if type(layer).__name__ in ("VQ2D", "CD2D")]


def _set_clusters(attribute, change):
    def apply(model):
        layers = [layer for layer in clusters(model) if hasattr(layer, attribute)]
        for layer in layers:
            setattr(layer, attribute, change(getattr(layer, attribute)))
        return layers != []

    return apply


def _rectify(model):
    """The class's own forward, which is NMF's."""
    if not clusters(model):
        return False
    del model.decode_head.hamburger.forward
    return True


def _flip_align_corners(model):
    if _is_lpsnet(model):
        return _in_forward(model, "_interpolate", lambda original: partial(original, align_corners=False))
    if not hasattr(model, "align_corners"):
        return False
    model.align_corners = not model.align_corners
    model.decode_head.align_corners = not model.decode_head.align_corners
    return True


def _drop_bias(name):
    def apply(model):
        bias = getattr(_find_layer(model, name), "bias", None)
        if bias is not None:
            bias.set_value(load_paddle().zeros_like(bias))
        return bias is not None

    return apply


def _find_layer(model, name):
    """The sublayer of this name, of the model or of its backbone; None: there is none."""
    layers = dict(model.named_sublayers())
    return layers.get(name, layers.get(f"backbone.{name}"))


def _close_gaps(model):
    layers = [layer for layer in _layers(model, load_paddle().nn.Conv2D) if layer._dilation == [3, 3]]
    for layer in layers:
        layer._dilation = [1, 1]
        layer._updated_padding = [3, 3, 3, 3]
    return layers != []


def _add_gates(model):
    """x + conv1(…) in place of x · conv1(…)."""
    gates = [layer for layer in model.sublayers() if type(layer).__name__ == "LKA"]
    for gate in gates:
        gate.forward = lambda x, gate=gate: x + gate.conv1(gate.conv_spatial(gate.conv0(x)))
    return gates != []


def _move_layer_norms(before, after):
    def apply(model):
        layers = [layer for layer in _layers(model, load_paddle().nn.LayerNorm) if layer._epsilon == before]
        for layer in layers:
            layer._epsilon = after
        return layers != []

    return apply


def _shift_padding(name):
    def apply(model):
        layer = _find_layer(model, name)
        if layer is not None:
            layer._updated_padding = [0, 2, 0, 2]  # top, bottom, left, right; 1 everywhere in the reference
        return layer is not None

    return apply


def _drop_layer_scale(model):
    block = _find_layer(model, "block1.0")
    if block is None:
        return False
    scale = block.layer_scale_1
    scale.set_value(load_paddle().ones_like(scale))
    return True


def _round_branches(model):
    """round(r * h) in place of int(r * h)."""
    return _is_lpsnet(model) and _in_forward(model, "int", lambda _original: lambda size: round(float(size)))


def _meet_in_first(model):
    """The other branches go on by themselves."""

    def in_first(original):
        return lambda features: [original(features)[0], *features[1:]]

    return _is_lpsnet(model) and _in_forward(model, "_multipath_interaction", in_first)


def _is_lpsnet(model):
    return type(model).__name__ == "LPSNet"


def _in_forward(model, name, change):
    """While `model` runs, `name` in the module of its class is `change` of what it is."""
    module, forward = sys.modules[type(model).__module__], model.forward

    def run(*arguments):
        had, original = name in vars(module), getattr(module, name, getattr(builtins, name, None))
        setattr(module, name, change(original))
        try:
            return forward(*arguments)
        finally:
            if had:
                setattr(module, name, original)
            else:
                delattr(module, name)

    model.forward = run
    return True


def _set_nmf_epsilon(model, epsilon):
    layers = _nmf_layers(model)
    for layer in layers:
        for method in (type(layer).local_step, type(layer).compute_coef):
            constants = tuple(epsilon if constant == 1e-6 else constant for constant in method.__code__.co_consts)
            assert constants != method.__code__.co_consts, "the reference writes its epsilon as 1e-6"
            changed = types.FunctionType(method.__code__.replace(co_consts=constants), method.__globals__)
            setattr(layer, method.__name__, types.MethodType(changed, layer))
    return layers != []
