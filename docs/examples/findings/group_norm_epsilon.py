"""paddle2onnx and the epsilon of a group norm. Needs paddle2onnx and paddlepaddle, as docs/witnesses.md says."""

import onnx
import paddle


class OneNorm(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.norm = paddle.nn.GroupNorm(8, 32, epsilon=0.25)

    def forward(self, x):
        return self.norm(x)


net = OneNorm()
net.eval()
paddle.onnx.export(net, "norm", input_spec=[paddle.static.InputSpec([1, 32, 8, 8], "float32", "x")], opset_version=17)
for node in onnx.load("norm.onnx").graph.node:
    for attribute in node.attribute:
        if attribute.name == "epsilon":
            print(f"paddlepaddle {paddle.__version__}: epsilon of {node.op_type} is {attribute.f}; 0.25 is wanted")
