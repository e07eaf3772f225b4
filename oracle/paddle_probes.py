"""The named outputs of PaddleSeg's sublayers, recorded and replaced by hooks.

A probe carries its sublayer's name; `logits`, the model's full-resolution output, comes last. A sublayer that is called
more than once in a forward pass has no one output and is never a probe.
"""

from collections import Counter

from oracle.errors import OracleError
from oracle.paddle_model import load_paddle
from oracle.probes import LOGITS


def find_probe_names(model, image):
    """The names of all probes, in the order in which the reference finishes them."""
    finished = []
    _forward(model, image, lambda name, _values: finished.append(name))
    calls = Counter(finished)
    return [name for name in finished if calls[name] == 1]


def record_probes(model, image, names, replacements=None):
    """Runs the model; name → recorded NCHW values, each as it was before it was replaced by `replacements[name]`."""
    values, replacements = {}, {} if replacements is None else replacements
    wanted, dtype = set(names), next(iter(model.parameters())).dtype

    def observe(name, tensor_nchw):
        if name not in wanted:
            return None
        if tensor_nchw.dtype != dtype:
            raise OracleError(f"Cannot record {name}: the model runs in {dtype}; the probe is {tensor_nchw.dtype}.")
        # `numpy()` copies, and must do so now: a model may change an output in place afterwards. (`attn += sum(attns)`
        # in mscan.py would change conv0's, but paddlepaddle 3.3.1 has no `__iadd__` and makes a new tensor.)
        values[name] = tensor_nchw.numpy()
        return replacements.get(name)

    _forward(model, image, observe)
    return {name: values[name] for name in names}


def _forward(model, image, observe):
    """One forward pass; `observe(name, tensor)` sees each finished output as NCHW and may return NCHW values to put in
    its place.
    """
    paddle = load_paddle()
    dtype = next(iter(model.parameters())).dtype
    grid = {}  # height and width of the tokens that are on their way

    def hook_for(name):
        def hook(_layer, _inputs, outputs):
            first = _first_tensor(outputs)
            if first is None:
                return None
            if _is_embedding(outputs, first):
                grid["size"] = [int(side) for side in outputs[1:]]
            replacement = observe(name, _to_nchw(first, grid))
            if replacement is None:
                return None
            return _with_first(outputs, _from_nchw(paddle.to_tensor(replacement, dtype=dtype), first))

        return hook

    hooks = [layer.register_forward_post_hook(hook_for(name)) for name, layer in model.named_sublayers()]
    try:
        with paddle.no_grad():
            outputs = model(paddle.to_tensor(image, dtype=dtype))
        observe(LOGITS, _first_tensor(outputs))
    finally:
        for hook in hooks:
            hook.remove()


def _first_tensor(outputs):
    first = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
    return first if hasattr(first, "ndim") else None


def _is_embedding(outputs, first):
    """A map or its tokens, then height and width. VAN's come as int, MSCAN's may be tensors."""
    if not isinstance(outputs, tuple) or len(outputs) != 3:
        return False
    return first.ndim == 3 or all(isinstance(side, int) for side in outputs[1:])


def _with_first(outputs, first):
    if isinstance(outputs, (tuple, list)):
        return type(outputs)([first, *outputs[1:]])
    return first


def _to_nchw(tensor, grid):
    if tensor.ndim != 3:
        return tensor
    batch, count, channels = tensor.shape  # tokens [b, n, c]
    height, width = grid["size"]
    assert count == height * width, "tokens belong to the latest patch embedding"
    return tensor.transpose([0, 2, 1]).reshape([batch, channels, height, width])


def _from_nchw(values, like):
    if like.ndim != 3:
        return values
    batch, count, channels = like.shape
    return values.reshape([batch, channels, count]).transpose([0, 2, 1])
