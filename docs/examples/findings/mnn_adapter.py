"""MNN as an engine of tipcheck (docs/engines.md). Needs MNN 3.6.1 and NumPy."""

import json
import os
import sys
import tempfile

import numpy as np

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What a library prints goes to stderr.

import _tools  # noqa: E402  MNN's converter, without the script that reports home.
import MNN  # noqa: E402
from MNN import expr, nn  # noqa: E402

folder = tempfile.TemporaryDirectory()
module = inputs = outputs = None


def load(question):
    global module, inputs, outputs
    converted = os.path.join(folder.name, "model.mnn")
    inputs = [array["name"] for array in question["inputs"]]
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", question["file"], "--MNNModel", converted])
    known = expr.load_as_dict(converted)
    outputs = [array for array in question["outputs"] if array["name"] in known]
    lost = [array["name"] for array in question["outputs"] if array["name"] not in known]
    names = [array["name"] for array in outputs]
    module = nn.load_module_from_file(converted, inputs, names, precision_mode=expr.PrecisionMode.High)
    report = {"engine": "MNN", "version": MNN.version(), "provider": "CPU", "device": "cpu"}
    return {**report, "precision": "f32", "notGiven": lost}


def run(question):
    data = np.memmap(question["data"], np.uint8, "r")
    feeds = {}
    for array in question["index"]:
        dtype = np.dtype(array["dtype"])
        end = array["offset"] + dtype.itemsize * int(np.prod(array["shape"]))
        values = np.array(data[array["offset"] : end].view(dtype).reshape(array["shape"]))
        feeds[array["name"]] = expr.const(values, list(values.shape), expr.NCHW)
    found = module.forward([feeds[name] for name in inputs])
    index = []
    with open(question["answer"], "wb") as file:
        for output, value in zip(outputs, found):
            # Maps lie in blocks of four channels.
            array = np.array(expr.convert(value, expr.NCHW).read(), np.float32).reshape(output["shape"])
            index.append({"name": output["name"], "dtype": "f4", "shape": array.shape, "offset": file.tell()})
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
