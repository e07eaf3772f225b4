"""A port that tipcheck judges. Fill in build and forward; tipcheck_port.py answers the questions.

    npx tipcheck judge "exec:python3 port.py" <bundle>
"""

import tipcheck_port  # First: from here on, stdout belongs to the answers.

import numpy as np


def build(model, weights, device):
    """Your network with these weights: name -> float32 array, with Paddle's names and layouts.

    PyTorch or Paddle, `import torch` above:
        net = MyNetwork(num_classes=model["num_classes"])
        net.found = tipcheck_port.load_weights(net, weights, rename)
        return net.eval()
    """
    return weights


def rename(name):
    """Paddle's name of a module of yours."""
    return name


def forward(net, inputs, draws, probe):
    """One forward of inputs["image"], float32 [b, 3, h, w]. `draws` stand in place of random numbers of your own.

    PyTorch:
        with torch.no_grad(), probe.hooks(net, rename):
            return net(torch.from_numpy(inputs["image"]))
    By hand, for each layer:
        x = probe("backbone.patch_embed1.proj.0", convolve(x, net["backbone.patch_embed1.proj.0.weight"]))
    """
    return None


# Training, for train bundles. A port that does not train leaves out train, step and read below.


def train(net, optimizer, lr_scheduler, loss, iters):
    """What the steps go on with. PyTorch: net.train(), and an optimizer made of these sections of the yml."""
    return net


def step(training, inputs, label, draws, wanted):
    """Forward, backward, update. PyTorch, between loss.backward() and optimizer.step():
        gradients = net.found.gradients(wanted)
    """
    return 0.0, None, {}


def read(training, names):
    """Parameters and statistics as they are now. PyTorch: net.found.values(names)"""
    return {}


if __name__ == "__main__":
    tipcheck_port.serve(
        engine="NumPy",
        version=np.__version__,
        build=build,
        forward=forward,
        train=train,
        step=step,
        read=read,
    )
