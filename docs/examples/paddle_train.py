"""PaddleSeg itself as a port, with what `tipcheck new-port python` writes. Needs paddlepaddle and paddleseg.

    npx --no -- tipcheck judge "exec:python3 docs/examples/paddle_train.py" segnext-t segnext-t-train

A program of yours has its own network, loss and optimiser where this one asks PaddleSeg for them, through `oracle`.
"""

import os
import sys
from types import SimpleNamespace

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path[:0] = [ROOT, os.path.join(ROOT, "templates", "python")]

import tipcheck_port  # First: from here on, stdout belongs to the answers.

from oracle.draws import recorded_draws
from oracle.paddle_draws import draws_from
from oracle.paddle_losses import build_loss
from oracle.paddle_model import build_model, load_paddle
from oracle.paddle_training import build_optimizer

paddle = load_paddle()


def build(model, weights, device):
    net = build_model(model, "float32")
    net.found = tipcheck_port.load_weights(net, weights)
    net.eval()
    return net


def forward(net, inputs, draws, probe):
    with paddle.no_grad(), draws_from(net, recorded_draws(draws)), probe.hooks(net):
        return net(paddle.to_tensor(inputs["image"]))[0]


def train(net, optimizer, lr_scheduler, loss, iters):
    net.train()
    sections = SimpleNamespace(optimizer=optimizer, lr_scheduler=lr_scheduler, loss=loss, iters=iters)
    return SimpleNamespace(net=net, optimizer=build_optimizer(net, sections), loss=build_loss(loss))


def step(training, inputs, label, draws, wanted):
    net, optimizer = training.net, training.optimizer
    with draws_from(net, recorded_draws(draws)):
        loss = training.loss(net(paddle.to_tensor(inputs["image"])), paddle.to_tensor(label))
    loss.backward()
    gradients, learning_rate = net.found.gradients(wanted), optimizer.get_lr()
    optimizer.step()
    optimizer._learning_rate.step()
    net.clear_gradients()
    return learning_rate, float(loss), gradients


def read(training, names):
    return training.net.found.values(names)


tipcheck_port.serve(
    engine="PaddlePaddle",
    version=paddle.__version__,
    provider="eager",
    build=build,
    forward=forward,
    train=train,
    step=step,
    read=read,
)
