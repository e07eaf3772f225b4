"""OpenVINO as an engine of tipcheck (docs/engines.md). Its argument is a device, and after a comma a precision."""

import json
import os
import sys

import numpy as np
import openvino as ov

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What a library prints goes to stderr.
device, _, asked = (sys.argv[1] if len(sys.argv) > 1 else "CPU").partition(",")
core = ov.Core()
compiled = ports = None


def load(question):
    global compiled, ports
    model = core.read_model(question["file"])
    model.reshape({array["name"]: array["shape"] for array in question["inputs"]})
    # The default is bf16 where the processor has it. "default" leaves it so.
    precision = asked or question["precision"]
    config = {} if precision == "default" else {"INFERENCE_PRECISION_HINT": precision}
    if question["threads"]:
        config["INFERENCE_NUM_THREADS"] = question["threads"]
    compiled = core.compile_model(model, device, config)
    given = {name: port for port in compiled.outputs for name in port.names}
    lost = [output["name"] for output in question["outputs"] if output["name"] not in given]
    ports = [(output["name"], given[output["name"]]) for output in question["outputs"] if output["name"] in given]
    used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    if asked not in ("", "default", used):
        raise ValueError(f"{asked} was asked for, and {device} computes in {used} here")
    report = {"engine": "OpenVINO", "version": ov.get_version().split("-")[0], "provider": device}
    return {**report, "device": "gpu" if "GPU" in device else "cpu", "precision": used, "notGiven": lost}


def run(question):
    data = np.memmap(question["data"], np.uint8, "r")
    feeds = {}
    for array in question["index"]:
        dtype = np.dtype(array["dtype"])
        end = array["offset"] + dtype.itemsize * int(np.prod(array["shape"]))
        feeds[array["name"]] = data[array["offset"] : end].view(dtype).reshape(array["shape"])
    values = compiled(feeds)
    index = []
    with open(question["answer"], "wb") as file:
        for name, port in ports:
            array = values[port]
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
