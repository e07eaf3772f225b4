"""ONNX Runtime as an engine of tipcheck (docs/engines.md). Its argument is an execution provider."""

import json
import os
import sys

import numpy as np
import onnxruntime as ort

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What a library prints goes to stderr.
provider = sys.argv[1] if len(sys.argv) > 1 else "CPUExecutionProvider"
session = outputs = None


def load(question):
    global session, outputs
    options = ort.SessionOptions()
    options.intra_op_num_threads = question["threads"] or 0
    session = ort.InferenceSession(question["file"], options, providers=[provider])
    used = session.get_providers()
    if used[0] != provider:
        there = ort.get_available_providers()
        raise ValueError(f"{provider} was asked for, and it runs in {used[0]}; there are {there}")
    outputs = [output["name"] for output in question["outputs"]]
    device = "cpu" if provider == "CPUExecutionProvider" else "gpu"
    report = {"engine": "onnxruntime", "version": ort.__version__, "provider": provider, "device": device}
    return {**report, "precision": "f32" if device == "cpu" else "unknown", "notGiven": []}


def run(question):
    data = np.memmap(question["data"], np.uint8, "r")
    feeds = {}
    for array in question["index"]:
        dtype = np.dtype(array["dtype"])
        end = array["offset"] + dtype.itemsize * int(np.prod(array["shape"]))
        feeds[array["name"]] = data[array["offset"] : end].view(dtype).reshape(array["shape"])
    index = []
    with open(question["answer"], "wb") as file:
        for name, array in zip(outputs, session.run(outputs, feeds)):
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
