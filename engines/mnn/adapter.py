"""MNN as an engine of tipcheck (docs/engines.md), on the CPU. Each graph is converted to MNN's own format first."""

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What a library prints goes to stderr, from its import on.

import _tools  # noqa: E402  Not MNN.tools, whose import installs packages.
import MNN  # noqa: E402
import numpy as np  # noqa: E402
from MNN import expr, nn  # noqa: E402

module = outputs = None


def load(question):
    global module, outputs
    if question["device"] == "gpu":
        raise ValueError("this adapter runs MNN on the CPU; --device cpu or auto is wanted")
    converted = question["file"] + ".mnn"
    args = ["--framework", "ONNX", "--modelFile", question["file"], "--MNNModel", converted, "--bizCode", "tipcheck"]
    _tools.mnnconvert(["mnnconvert", *args])
    given = expr.load_as_dict(converted)
    inputs = [array["name"] for array in question["inputs"]]
    outputs = [array["name"] for array in question["outputs"] if array["name"] in given]
    lost = [array["name"] for array in question["outputs"] if array["name"] not in given]
    threads = {"numThread": question["threads"]} if question["threads"] else {}
    runtime = nn.create_runtime_manager(({"backend": 0, "precision": "high", **threads},))
    module = nn.load_module_from_file(converted, inputs, outputs, runtime_manager=runtime)
    return {"engine": "MNN", "version": MNN.version(), "provider": "CPU", "precision": "f32", "notGiven": lost}


def run(question):
    data = np.memmap(question["data"], np.uint8, "r")
    feeds = []
    for array in question["index"]:
        dtype = np.dtype(array["dtype"])
        end = array["offset"] + dtype.itemsize * int(np.prod(array["shape"]))
        value = data[array["offset"] : end].view(dtype).reshape(array["shape"])
        is_float = dtype.kind == "f"
        value = value.astype(np.float32 if is_float else np.int32)
        feeds.append(expr.const(value, array["shape"], expr.NCHW, expr.float if is_float else expr.int))
    index = []
    with open(question["answer"], "wb") as file:
        for name, value in zip(outputs, module.forward(feeds)):
            # Within MNN channels lie in blocks of four.
            array = np.array(expr.convert(value, expr.NCHW).read())
            index.append({"name": name, "dtype": array.dtype.str[1:], "shape": array.shape, "offset": file.tell()})
            file.write(array.tobytes())
    return {"index": index}


for line in sys.stdin:
    question = json.loads(line)
    if question["op"] == "close":
        break
    try:
        answer = {"ok": True, **{"load": load, "run": run}[question["op"]](question)}
    except Exception as error:
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=answers, flush=True)
