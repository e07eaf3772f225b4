"""Two operators of ONNX in MNN, beside their definitions. Needs MNN 3.6.1, onnx and NumPy."""

import math

import _tools  # MNN's converter
import numpy as np
import onnx
from MNN import expr, nn, version
from onnx import TensorProto, helper


def compute(node, opset, x, initializers=()):
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("x", x.shape), ("y", None))
    ]
    graph = helper.make_graph([node], "one", tensors[:1], tensors[1:], list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    onnx.save(model, "one.onnx")
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", "one.onnx", "--MNNModel", "one.mnn"])
    module = nn.load_module_from_file("one.mnn", ["x"], ["y"], precision_mode=expr.PrecisionMode.High)
    [y] = module.forward([expr.const(x, list(x.shape), expr.NCHW)])
    return np.array(expr.convert(y, expr.NCHW).read())


x = np.linspace(-4, 4, 64, dtype=np.float32).reshape(1, 4, 4, 4)

gelu = np.array([v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x.ravel().tolist()])
found = compute(helper.make_node("Gelu", ["x"], ["y"], approximate="none"), 20, x)
print(f"MNN {version()}: Gelu differs from its definition by {abs(found.ravel() - gelu).max():.1e}")

axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
found = compute(helper.make_node("ReduceL2", ["x", "axes"], ["y"], keepdims=1), 18, x, [axes])
print(f"MNN {version()}: ReduceL2 over axis 1 is {list(found.shape)}; [1, 1, 4, 4] is wanted")
