"""The port of first-layer.mjs as a program in another language: it speaks tipcheck-port/1 on stdin and stdout. Needs NumPy.

    npx --no -- tipcheck judge "exec:python3 docs/examples/first_layer.py" segnext-t --only backbone.patch_embed1.proj.0
"""

import json
import os
import sys

import numpy as np

LAYER = "backbone.patch_embed1.proj.0"
state = {}


def hello(_question):
    return {"engine": "NumPy", "version": np.__version__, "device": "cpu", "provider": "none", "capabilities": ["infer"]}


def load(question):
    if question["model"]["type"] != "SegNeXt":
        raise ValueError(f"the model is {question['model']['type']}; this port knows SegNeXt")
    with np.load(question["weights"]) as weights:
        state["weight"], state["bias"] = weights[f"{LAYER}.weight"], weights[f"{LAYER}.bias"]
    return {}


def infer(question):
    if LAYER not in question["probes"]:
        return {"probes": {}}
    path = os.path.join(question["folder"], "probe-0.npy")
    np.save(path, convolve(np.load(question["image"])))
    return {"probes": {LAYER: path}}


def dispose(_question):
    state.clear()
    return {}


def convolve(image):
    """3 x 3, stride 2, padding 1; image [b, c, h, w]."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))
    summed = np.einsum("bchwyx,ocyx->bohw", windows[:, :, ::2, ::2], state["weight"], optimize=True)
    return (summed + state["bias"][:, None, None]).astype(np.float32)


# Whatever a library prints must not get between the answers.
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    question = json.loads(line)
    if question["op"] == "close":
        break
    try:
        answer = {"ok": True, **globals()[question["op"]](question)}
    except Exception as error:
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=answers, flush=True)
