"""PaddleSeg's own training as a port: it speaks tipcheck-port/1 on stdin and stdout. Needs paddlepaddle and paddleseg.

    npx --no -- tipcheck judge "exec:python3 docs/examples/paddle_train.py" segnext-t-train

A program of yours has its own network, loss and optimiser where this one asks PaddleSeg, through the folder `oracle`, for them.
"""

import json
import math
import os
import sys
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from oracle.draws import recorded_draws
from oracle.paddle_draws import draws_from
from oracle.paddle_losses import build_loss
from oracle.paddle_model import build_model, load_paddle
from oracle.paddle_training import build_optimizer

paddle = load_paddle()
loaded, training = SimpleNamespace(), SimpleNamespace()


def hello(question):
    if question["device"] == "gpu":
        raise ValueError("this port trains on the CPU")
    return {"engine": "PaddlePaddle", "version": paddle.__version__, "device": "cpu", "provider": "eager", "capabilities": ["train"]}


def load(question):
    loaded.section = question["model"]
    with np.load(question["weights"]) as weights:
        loaded.weights = {name: weights[name] for name in weights.files}
    return {}


def train(question):
    training.model = build_model(loaded.section, "float32")
    training.model.set_state_dict({name: paddle.to_tensor(value) for name, value in loaded.weights.items()})
    training.model.train()
    training.optimizer = build_optimizer(training.model, SimpleNamespace(**question))
    training.loss = build_loss(question["loss"])
    return {}


def step(question):
    draws = recorded_draws({name: np.load(path) for name, path in question["draws"].items()})
    with draws_from(training.model, draws):
        outputs = training.model(paddle.to_tensor(np.load(question["image"])))
        loss = training.loss(outputs, paddle.to_tensor(np.load(question["label"])))
    loss.backward()
    parameters = dict(training.model.named_parameters())
    wanted = {name: parameters[name] for name in question["gradients"]}
    zero = {name: np.zeros(parameter.shape, np.float32) for name, parameter in wanted.items() if parameter.grad is None}
    gradients = {name: zero[name] if name in zero else parameter.grad.numpy() for name, parameter in wanted.items()}
    learning_rate, value = float(training.optimizer.get_lr()), float(loss)
    training.optimizer.step()
    training.optimizer._learning_rate.step()
    training.model.clear_gradients()
    # JSON has no NaN.
    return {"learning_rate": learning_rate, "loss": value if math.isfinite(value) else None, "gradients": write(gradients, question)}


def read(question):
    state = training.model.state_dict()
    return {"values": write({name: state[name].numpy() for name in question["names"]}, question)}


def end_train(_question):
    training.__dict__.clear()
    return {}


def dispose(_question):
    loaded.__dict__.clear()
    return {}


def write(arrays, question):
    paths = {name: os.path.join(question["folder"], f"{index}.npy") for index, name in enumerate(arrays)}
    for name, path in paths.items():
        np.save(path, arrays[name])
    return paths


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
