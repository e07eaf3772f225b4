"""mmsegmentation's SegNeXt as an ONNX file, by either exporter of torch with its defaults. docs/witnesses.md says
what to install.

    npx --no -- tipcheck weights segnext-t --out segnext-t.pdparams
    npx --no -- tipcheck convert segnext-t.pdparams --to mmseg --out mmseg.safetensors \\
        --config configs/segnext/segnext_mscan_t_cityscapes_1024x1024_160k.yml
    python3 docs/examples/torch_export.py fixtures/golden/segnext-t mmseg.safetensors dynamo.onnx
    python3 docs/examples/torch_export.py fixtures/golden/segnext-t mmseg.safetensors torchscript.onnx --torchscript
"""

import json
import os
import sys

import numpy as np
import torch
from mmseg_segnext import SegNeXt
from safetensors.torch import load_file


def main(bundle, weights, file, exporter="--dynamo"):
    with open(os.path.join(bundle, "case.json"), encoding="utf-8") as case:
        net = SegNeXt(json.load(case)["model"]).eval()
    net.load_state_dict(load_file(weights))
    image = torch.from_numpy(np.load(os.path.join(bundle, "image.npy")))
    torch.onnx.export(net, (image,), file, dynamo=exporter != "--torchscript")


main(*sys.argv[1:])
