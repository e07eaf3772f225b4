"""Faults, put into the reference itself: what a port is likely to get wrong, and a bundle must bring to light."""

import types
from dataclasses import dataclass
from typing import Callable

import numpy as np

from oracle.paddle_model import load_paddle


@dataclass(frozen=True)
class Mutation:
    """A fault and how it is put into a built model."""

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
        Mutation("align_corners flipped", _flip_align_corners),
        Mutation("one bias left out (block2.0 conv_out)", _drop_bias),
        Mutation("padding shifted by one (patch_embed2)", _shift_padding),
        Mutation("layer scale left out (block1.0)", _drop_layer_scale),
        Mutation("layer norm epsilon 1e-5 → 1e-6", lambda model: _set_all(model, nn.LayerNorm, "_epsilon", 1e-6)),
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
    for layer in _layers(model, kind):
        assert hasattr(layer, attribute), f"{kind.__name__} keeps its setting in {attribute}"
        setattr(layer, attribute, value)


def _swap_strips(model):
    for name, layer in model.named_sublayers():
        if ".dwconvs." in name and hasattr(layer, "_kernel_size"):
            weight = layer.weight.numpy()
            del layer._parameters["weight"]
            layer.weight = load_paddle().create_parameter(list(np.swapaxes(weight, 2, 3).shape), "float32")
            layer.weight.set_value(np.ascontiguousarray(np.swapaxes(weight, 2, 3)))
            layer._updated_padding = list(reversed(layer._updated_padding))


def _drop_nmf_step(model):
    for layer in _nmf_layers(model):
        layer.eval_steps -= 1


def _flip_align_corners(model):
    model.align_corners = not model.align_corners
    model.decode_head.align_corners = not model.decode_head.align_corners


def _drop_bias(model):
    bias = model.backbone.block2[0].attn.spatial_gating_unit.conv_out.bias
    bias.set_value(load_paddle().zeros_like(bias))


def _shift_padding(model):
    model.backbone.patch_embed2.proj._updated_padding = [
        0,
        2,
        0,
        2,
    ]  # top, bottom, left, right; 1 everywhere in the reference


def _drop_layer_scale(model):
    scale = model.backbone.block1[0].layer_scale_1
    scale.set_value(load_paddle().ones_like(scale))


def _set_nmf_epsilon(model, epsilon):
    for layer in _nmf_layers(model):
        for method in (type(layer).local_step, type(layer).compute_coef):
            constants = tuple(epsilon if constant == 1e-6 else constant for constant in method.__code__.co_consts)
            assert constants != method.__code__.co_consts, "the reference writes its epsilon as 1e-6"
            changed = types.FunctionType(method.__code__.replace(co_consts=constants), method.__globals__)
            setattr(layer, method.__name__, types.MethodType(changed, layer))
