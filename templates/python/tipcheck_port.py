"""Speaks tipcheck-port/1 (docs/port-protocol.md) for a port in Python. Needs NumPy. It is yours: change what you like.

Import it before anything else. From then on, whatever prints goes to stderr, libraries in C included: stdout belongs to
the answers.
"""

import contextlib
import copy
import json
import math
import os
import re
import sys
import traceback


def _take_streams():
    """The streams of the protocol. What is file descriptor 1 or 0 for everybody else is stderr, or empty."""
    sys.stdout.flush()
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return questions, answers


_questions, _answers = _take_streams()

import numpy as np  # noqa: E402


def serve(
    *, engine, version, build, forward, provider="none", gpu=False, inputs=False, train=None, step=None, read=None
):
    """Answers tipcheck's questions until it asks no more. Arrays are NumPy's, names and layouts Paddle's.

    engine, version, provider   what computes, for the report
    gpu                         whether there is a GPU, which is then used unless the CPU is asked for
    inputs                      whether `forward` reads other inputs than the image
    build(model, weights, device) -> net
        `model` is the `model:` section of the yml, `weights` name -> float32 array, `device` "cpu" or "gpu"
    forward(net, inputs, draws, probe) -> logits, or name -> output
        one forward in evaluation mode; `inputs["image"]` is float32 [b, 3, h, w]; `probe` is a Probes
    train(net, optimizer, lr_scheduler, loss, iters) -> training
        `net` was built for it alone, so that the loaded weights stay as they are; the others are sections of the yml
    step(training, inputs, label, draws, wanted) -> learning rate, loss, {name: gradient}
        forward, backward and update; `label` is int64 [b, h, w]; the loss and the gradients of the parameters `wanted`
        are those before the update, and the gradients those before clipping and decay
    read(training, names) -> {name: array}
    """
    trains = train is not None
    state = {}

    def build_net():
        return build(state["model"], dict(state["weights"]), state["device"])

    def hello(question):
        if question["device"] == "gpu" and not gpu:
            raise RuntimeError("no GPU is there for this port; --device cpu or auto is wanted")
        state["device"] = "gpu" if gpu and question["device"] != "cpu" else "cpu"
        can = ["infer", "replace", *(["train"] if trains else []), *(["inputs"] if inputs else [])]
        about = {"engine": engine, "version": str(version), "provider": provider}
        return {**about, "device": state["device"], "capabilities": can}

    def load(question):
        with np.load(question["weights"]) as weights:
            state.update(model=question["model"], weights={name: weights[name] for name in weights.files})
        state["net"] = build_net()
        return {}

    def infer(question):
        probe = Probes(question["probes"], _read_arrays(question["replace"]), question["folder"])
        given = _read_inputs(question)
        probe.grid = given["image"].shape[2:] if "image" in given else None
        outputs = forward(state["net"], given, _read_arrays(question["draws"]), probe)
        if outputs is not None:
            for name, value in (outputs if isinstance(outputs, dict) else {"logits": outputs}).items():
                probe(name, value)
        return {"probes": probe.paths}

    def start_training(question):
        sections = [question[key] for key in ("optimizer", "lr_scheduler", "loss", "iters")]
        state["training"] = train(build_net(), *sections)
        return {}

    def make_step(question):
        label, draws = np.load(question["label"]), _read_arrays(question["draws"])
        wanted = question["gradients"]
        rate, loss, gradients = step(state["training"], _read_inputs(question), label, draws, wanted)
        # JSON has no NaN.
        loss = float(loss) if loss is not None and math.isfinite(loss) else None
        return {"learning_rate": float(rate), "loss": loss, "gradients": _write(gradients, wanted, question["folder"])}

    def read_values(question):
        values = read(state["training"], question["names"])
        return {"values": _write(values, question["names"], question["folder"])}

    def end_train(_question):
        del state["training"]
        return {}

    def dispose(_question):
        for key in ("net", "weights", "model"):
            del state[key]
        return {}

    actions = {"hello": hello, "load": load, "infer": infer, "dispose": dispose}
    if trains:
        actions.update(train=start_training, step=make_step, read=read_values, end_train=end_train)
    for line in _questions:
        question = json.loads(line)
        if question["op"] == "close":
            return
        try:
            if question["op"] not in actions:
                raise ValueError(f"this port has no answer to {question['op']}")
            answer = {"ok": True, **actions[question["op"]](question)}
        except Exception as error:
            traceback.print_exc()
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        sys.stderr.flush()
        _answers.write(json.dumps(answer, allow_nan=False) + "\n")
        _answers.flush()


class Probes:
    """What one forward is asked to record and to replace. `x = probe("backbone.norm1", x)` does both, in that order."""

    def __init__(self, wanted, replace, folder):
        self.wanted, self.replace, self.folder = set(wanted), replace, folder
        self.paths, self.calls = {}, {}
        self.grid = None  # height and width of the latest map: those of the tokens that are made of it

    def __call__(self, name, value, layout=None):
        """`value`, or what is to be computed with in its place. Its type is NumPy's, PyTorch's or Paddle's.

        layout  "nhwc"; "raw": as it is. None: a map is NCHW, and [b, n, c] with n = h · w of the latest map is tokens.
        """
        self._count([name])
        return self._exchange([name], "", value, layout)

    @contextlib.contextmanager
    def hooks(self, net, rename=lambda name: name, raw=lambda name: False):
        """Within it, each module of a torch.nn.Module, or each layer of a paddle.nn.Layer, is recorded and replaced.

        rename(name)  Paddle's name of your module, which is the probe's; several where Paddle has several layers that
                      give its output, in their order; None for a module that is no probe
        raw(probe)    whether a probe keeps its layout
        """
        parts = [(_names_of(name, rename), part) for name, part in _named_parts(net).items() if name]
        asked = {re.sub(r"(#\d+)?(\[\d+\])?$", "", name) for name in [*self.wanted, *self.replace]}
        if not any(name in asked for names, _part in parts for name in names):
            parts = []  # what your users run
        handles = []
        for names, part in parts:
            register = part.register_forward_hook if _is_torch(net) else part.register_forward_post_hook
            handles.append(register(self._hook(names, "raw" if any(map(raw, names)) else None)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, names, layout):
        def hook(_part, _inputs, outputs):
            self._count(names)
            tensors = 0

            def visit(value):
                nonlocal tensors
                if _is_tensor(value):
                    place, tensors = f"[{tensors}]" if tensors else "", tensors + 1
                    return self._exchange(names, place, value, layout)
                if isinstance(value, dict):
                    made = copy.copy(value)
                    for key in value:
                        made[key] = visit(value[key])
                    return made
                if isinstance(value, (tuple, list)):
                    items = [visit(item) for item in value]
                    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
                return value

            return visit(outputs)

        return hook

    def _count(self, names):
        for name in names:
            self.calls[name] = self.calls.get(name, 0) + 1

    def _exchange(self, names, place, value, layout):
        shape = tuple(value.shape)
        if len(shape) == 4 and layout != "raw":
            self.grid = shape[1:3] if layout == "nhwc" else shape[2:]
        if layout is None and len(shape) == 3 and self.grid is not None and shape[1] == self.grid[0] * self.grid[1]:
            layout = "tokens"
        for name in names:
            alone, numbered = f"{name}{place}", f"{name}#{self.calls[name]}{place}"
            if self.calls[name] > 1 and (alone in self.wanted or alone in self.replace):
                raise ValueError(f"{name} runs more than once; {name}#1, {name}#2, … are its names")
            for asked in (alone, numbered):
                # Now: a network may change it in place later on.
                if asked in self.wanted:
                    array = _to_nchw(_to_numpy(value), layout, self.grid)
                    self.paths[asked] = _write_array(array, self.folder, len(self.paths))
                if asked in self.replace:
                    value = _like(_from_nchw(self.replace[asked], layout, shape), value)
        return value


def load_weights(net, weights, rename=lambda name: name, names="paddle"):
    """Puts the bundle's weights into a torch.nn.Module or a paddle.nn.Layer, all of them, and refuses any other name.

    rename  as of Probes.hooks, of the modules that hold parameters; the first of several names counts
    names   "torch" for a bundle whose names and layouts are PyTorch's
    Returns the network's Weights, for training.
    """
    found = Weights(net, weights, rename, names)
    for name, (tensor, _transposed) in found.tensors.items():
        value = _like(found.theirs(name), tensor)
        if hasattr(tensor, "set_value"):
            tensor.set_value(value)
        else:
            tensor.data.copy_(value)
    return found


class Weights:
    """Parameters and statistics of a network, by Paddle's names and in Paddle's layouts."""

    def __init__(self, net, weights, rename, names):
        torch, modules = _is_torch(net), _named_parts(net)
        own = net.state_dict(keep_vars=True) if torch else net.state_dict()
        self.tensors, self.weights = {}, weights
        for path, tensor in own.items():
            layer, _dot, leaf = path.rpartition(".")
            if torch and leaf == "num_batches_tracked":
                continue
            if torch and names == "paddle":
                leaf = {"running_mean": "_mean", "running_var": "_variance"}.get(leaf, leaf)
            renamed = (_names_of(layer, rename) or [layer])[0] if layer else ""
            name = f"{renamed}.{leaf}" if renamed else leaf
            linear = torch and names == "paddle" and leaf == "weight" and type(modules.get(layer)).__name__ == "Linear"
            if name in self.tensors:
                raise ValueError(f"two parameters are called {name}; rename gives each a name of its own")
            self.tensors[name] = (tensor, linear)
        for name in self.tensors:
            if name not in weights:
                raise ValueError(f"the network has {name}, and the bundle has no such weight")
            self.theirs(name)
        for name in weights:
            if name not in self.tensors:
                raise ValueError(f"the bundle has the weight {name}, and the network has no such parameter")

    def theirs(self, name):
        """A weight of the bundle in the network's own layout."""
        tensor, transposed = self.tensors[name]
        ours = self.weights[name].T if transposed else self.weights[name]
        wanted = tuple(tensor.shape)
        # [c, 1, 1] of Paddle's layer scales is [c] elsewhere.
        if [side for side in ours.shape if side != 1] != [side for side in wanted if side != 1]:
            raise ValueError(f"{name} is {list(ours.shape)}, and the network's is {list(wanted)}")
        return np.ascontiguousarray(ours.reshape(wanted))

    def values(self, names):
        return {name: self._ours(name, self.tensors[name][0]) for name in names if name in self.tensors}

    def gradients(self, names):
        """After backward and before the update. Zeros where the loss does not depend on a parameter."""
        found = {name: (self.tensors[name][0], self.tensors[name][0].grad) for name in names if name in self.tensors}
        return {name: self._ours(name, tensor * 0 if grad is None else grad) for name, (tensor, grad) in found.items()}

    def _ours(self, name, tensor):
        array = _to_numpy(tensor)
        return (array.T if self.tensors[name][1] else array).reshape(self.weights[name].shape)


def _named_parts(net):
    return dict(net.named_modules() if _is_torch(net) else net.named_sublayers())


def _is_torch(net):
    return "torch" in sys.modules and isinstance(net, sys.modules["torch"].nn.Module)


def _names_of(name, rename):
    given = rename(name)
    return [] if given is None else [given] if isinstance(given, str) else list(given)


def _is_tensor(value):
    return isinstance(value, np.ndarray) or (hasattr(value, "detach") and hasattr(value, "shape"))


def _to_numpy(value):
    """A copy, float32."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = (value.float() if hasattr(value, "float") else value.astype("float32")).numpy()
    return np.array(value, np.float32)


def _like(array, value):
    """The array as `value` is: its library, dtype and device."""
    array = np.ascontiguousarray(array)
    library = type(value).__module__.split(".")[0]
    if library == "torch":
        return sys.modules["torch"].from_numpy(array.copy()).to(value)
    if library == "paddle":
        return sys.modules["paddle"].to_tensor(array, dtype=value.dtype, place=value.place)
    return array.astype(value.dtype)


def _to_nchw(array, layout, grid):
    if layout == "nhwc":
        return array.transpose(0, 3, 1, 2)
    if layout == "tokens":
        return array.transpose(0, 2, 1).reshape(array.shape[0], array.shape[2], *grid)
    return array


def _from_nchw(array, layout, shape):
    if layout == "nhwc":
        return array.transpose(0, 2, 3, 1)
    if layout == "tokens":
        return array.reshape(shape[0], shape[2], shape[1]).transpose(0, 2, 1)
    return array.reshape(shape)


def _read_arrays(paths):
    return {name: np.load(path) for name, path in paths.items()}


def _read_inputs(question):
    """Those that the question names; programs that read the image alone are given it alone."""
    if "inputs" in question:
        return {name: np.load(given["file"]) for name, given in question["inputs"].items()}
    return _read_arrays({"image": question["image"]})


def _write(arrays, names, folder):
    asked = [name for name in names if name in arrays]
    return {name: _write_array(_to_numpy(arrays[name]), folder, at) for at, name in enumerate(asked)}


def _write_array(array, folder, number):
    path = os.path.join(folder, f"{number}.npy")
    np.save(path, np.asarray(array, order="C"))
    return path
