"""Modules of PyTorch or Paddle (first argument): a map, its tokens with a Linear, two tensors of one module."""

import tipcheck_port

import importlib
import sys

library = importlib.import_module(sys.argv[1])
is_torch = sys.argv[1] == "torch"
Base = library.nn.Module if is_torch else library.nn.Layer


def swap(x):
    return x.permute(0, 2, 1) if is_torch else x.transpose([0, 2, 1])


class Double(Base):
    def forward(self, x):
        return x * 2


class Tokens(Base):
    def forward(self, x):
        return swap(x.reshape([1, 3, 4])), 2, 2


class Pair(Base):
    def forward(self, x):
        return x + 1, x * x


class Network(Base):
    def __init__(self):
        super().__init__()
        self.twofold, self.tokens, self.fc, self.pair = Double(), Tokens(), library.nn.Linear(3, 3), Pair()

    def forward(self, x):
        x = self.twofold(self.twofold(x))
        tokens, height, width = self.tokens(x)
        one, other = self.pair(self.fc(tokens))
        return swap(one * other).reshape([1, 3, height, width])


def build(model, weights, device):
    net = Network()
    net.found = tipcheck_port.load_weights(net, weights)
    net.eval()
    return net


def forward(net, inputs, draws, probe):
    with library.no_grad(), probe.hooks(net, lambda name: ("fc", "fc.same") if name == "fc" else name):
        return net(library.to_tensor(inputs["image"]) if not is_torch else library.from_numpy(inputs["image"]))


def train(net, optimizer, lr_scheduler, loss, iters):
    return net


def step(net, inputs, label, draws, wanted):
    row = (library.tensor if is_torch else library.to_tensor)([1.0, 2.0, 3.0])
    net.fc(swap(library.ones([1, 3, 4])) * row).sum().backward()
    return 0.00006, 1.25, net.found.gradients(wanted)


def read(net, names):
    return net.found.values(names)


tipcheck_port.serve(
    engine=sys.argv[1],
    version=library.__version__,
    build=build,
    forward=forward,
    train=train,
    step=step,
    read=read,
)
