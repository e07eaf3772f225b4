"""The network of a bundle as an ONNX file, by PaddleSeg and paddle2onnx.

    npx --no -- tipcheck weights segnext-t --out segnext-t.pdparams
    python3 docs/examples/paddle_export.py fixtures/golden/segnext-t segnext-t.pdparams paddle2onnx.onnx
    npx --no -- tipcheck judge paddle2onnx.onnx segnext-t

Needs paddle2onnx 2.1.0 with paddlepaddle 3.1.0, not 3.3.1 (docs/findings.md). docs/witnesses.md says what to install.
"""

import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from oracle.paddle_model import build_model, load_paddle

paddle = load_paddle()


def main(bundle, weights, file):
    with open(os.path.join(bundle, "case.json"), encoding="utf-8") as case:
        net = build_model(json.load(case)["model"], "float32")
    missing, unexpected = net.set_state_dict(paddle.load(weights))
    if missing or unexpected:
        raise SystemExit(f"{weights} is not this network's: missing {missing}, unexpected {unexpected}")
    size = np.load(os.path.join(bundle, "image.npy")).shape
    image = paddle.static.InputSpec(list(size), "float32", "x")
    paddle.onnx.export(net, file.removesuffix(".onnx"), input_spec=[image], opset_version=17)


main(*sys.argv[1:])
