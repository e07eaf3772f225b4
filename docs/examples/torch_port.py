"""mmsegmentation's SegNeXt in PyTorch as a port, with what `tipcheck new-port python` writes. docs/witnesses.md
says what to install.

    npx --no -- tipcheck judge "exec:python3 docs/examples/torch_port.py" segnext-t
"""

import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "templates", "python"))

import tipcheck_port  # First: from here on, stdout belongs to the answers.

from unittest.mock import patch

import torch
from mmseg_segnext import SegNeXt

BASES = "decode_head.hamburger.ham.bases"


def rename(name):
    """Paddle's name of a module of mmsegmentation's (docs/convert.md), or several, or none."""
    if name.endswith((".ham_in", ".drop", ".drop_path")):
        return None  # what is around ham_in.conv; what does nothing in evaluation
    name = name.replace("ham_in.conv", "ham_in").replace("gating_unit.conv3", "gating_unit.conv_out")
    name = re.sub(r"^(decode_head\..*)\.conv$", r"\1._conv", name)
    name = re.sub(r"^(decode_head\..*)\.gn$", r"\1._group_norm", name)
    if strip := re.match(r"(.*gating_unit)\.conv(\d)_(\d)$", name):
        layer, at, step = strip[1], int(strip[2]), strip[3]
        both = f"{layer}.dwconvs.{at}"  # Paddle's layer around the two
        return [f"{both}.conv{at + 1}_{step}", *([both] if step == "2" else [])]
    if name.endswith(".activate"):
        return [name.replace("activate", part) for part in ("_act.act_func", "_act")]
    return name


def build(model, weights, device):
    net = SegNeXt(model).eval()
    tipcheck_port.load_weights(net, weights, rename)
    return net


def forward(net, inputs, draws, probe):
    with torch.no_grad(), patch("torch.rand", lambda _shape: torch.from_numpy(draws[BASES])), probe.hooks(net, rename):
        return net(torch.from_numpy(inputs["image"]))


tipcheck_port.serve(engine="PyTorch", version=torch.__version__, provider="eager", build=build, forward=forward)
