"""Times forward passes of SegNeXt in PyTorch, of whatever Python has it, beside the ports of `tipcheck gpu-proof`.

    python3 oracle/bench_torch.py --model JSON --size 512x1024 --batches 1,8 --device cpu|cuda

The model is the section `model:` of a yml, as JSON. Weights are drawn, since they change no time. A line of JSON for
each batch: {"batch": 1, "ms": 9.1, "scores_ms": 6.2, "peak_rss_mb": 900.1, "card_mb": 310.5}. `scores_ms` is a forward
to the class scores, before they are resized to the picture, and leaves them where they are; `ms` is one to the logits,
in the processor's memory. `card_mb` is what PyTorch held of the card at its peak; null on the CPU. TF32 is off. The
first line tells versions. Needs PyTorch alone.
"""

import argparse
import json
import os
import resource
import statistics
import time

os.environ["NVIDIA_TF32_OVERRIDE"] = "0"  # Read when a library is loaded.

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

SIZES = {
    "MSCAN_T": ((32, 64, 160, 256), (3, 3, 5, 2)),
    "MSCAN_S": ((64, 128, 320, 512), (2, 2, 4, 2)),
    "MSCAN_B": ((64, 128, 320, 512), (3, 3, 12, 3)),
    "MSCAN_L": ((64, 128, 320, 512), (3, 5, 27, 3)),
}
MLP_RATIOS = (8, 8, 4, 4)
STRIPS = (7, 11, 21)
ROUNDS = 5


def depthwise(channels, height, width):
    return nn.Conv2d(channels, channels, (height, width), padding=(height // 2, width // 2), groups=channels)


class Gate(nn.Module):
    """Strips of three sizes, added up, times the input."""

    def __init__(self, channels):
        super().__init__()
        self.conv0 = depthwise(channels, 5, 5)
        self.dwconvs = nn.ModuleList(
            nn.ModuleDict({f"conv{at}_1": depthwise(channels, 1, size), f"conv{at}_2": depthwise(channels, size, 1)})
            for at, size in enumerate(STRIPS, 1)
        )
        self.conv_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        local = self.conv0(x)
        mixed = local
        for across, along in (pair.values() for pair in self.dwconvs):
            mixed = mixed + along(across(local))
        return self.conv_out(mixed) * x


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.proj_1 = nn.Conv2d(channels, channels, 1)
        self.spatial_gating_unit = Gate(channels)
        self.proj_2 = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return self.proj_2(self.spatial_gating_unit(F.gelu(self.proj_1(x)))) + x


class Mlp(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.dwconv = depthwise(hidden, 3, 3)
        self.fc2 = nn.Conv2d(hidden, channels, 1)

    def forward(self, x):
        return self.fc2(F.gelu(self.dwconv(self.fc1(x))))


class Block(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.attn, self.mlp = Attention(channels), Mlp(channels, channels * ratio)
        self.layer_scale_1 = nn.Parameter(torch.full((channels, 1, 1), 1e-2))
        self.layer_scale_2 = nn.Parameter(torch.full((channels, 1, 1), 1e-2))

    def forward(self, x):
        x = x + self.layer_scale_1 * self.attn(self.norm1(x))
        return x + self.layer_scale_2 * self.mlp(self.norm2(x))


class Embed(nn.Module):
    """Halves height and width twice before the first stage, and once before each other."""

    def __init__(self, stage, before, channels):
        super().__init__()
        if stage == 0:
            half = channels // 2
            first, second = nn.Conv2d(before, half, 3, 2, 1), nn.Conv2d(half, channels, 3, 2, 1)
            self.proj = nn.Sequential(first, nn.BatchNorm2d(half), nn.GELU(), second, nn.BatchNorm2d(channels))
            self.norm = nn.Identity()
        else:
            self.proj, self.norm = nn.Conv2d(before, channels, 3, 2, 1), nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.norm(self.proj(x))


class Backbone(nn.Module):
    def __init__(self, kind):
        super().__init__()
        widths, depths = SIZES[kind]
        for stage, (channels, depth) in enumerate(zip(widths, depths)):
            before = 3 if stage == 0 else widths[stage - 1]
            setattr(self, f"patch_embed{stage + 1}", Embed(stage, before, channels))
            setattr(self, f"block{stage + 1}", nn.ModuleList(Block(channels, MLP_RATIOS[stage]) for _ in range(depth)))
            setattr(self, f"norm{stage + 1}", nn.LayerNorm(channels))

    def forward(self, x):
        found = []
        for stage in range(1, 5):
            x = getattr(self, f"patch_embed{stage}")(x)
            for block in getattr(self, f"block{stage}"):
                x = block(x)
            x = getattr(self, f"norm{stage}")(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous()
            found.append(x)
        return found


class ConvNorm(nn.Module):
    def __init__(self, before, channels, rectified=True):
        super().__init__()
        self._conv, self._group_norm = nn.Conv2d(before, channels, 1, bias=False), nn.GroupNorm(32, channels)
        self.rectified = rectified

    def forward(self, x):
        x = self._group_norm(self._conv(x))
        return F.relu(x) if self.rectified else x


def factorise(x, bases, steps=7):
    """x [b, d, n] as bases [b, d, r] times coefficients [b, n, r], by multiplicative updates."""
    bases = F.normalize(bases, dim=1)
    coefficients = (x.transpose(1, 2) @ bases).softmax(-1)

    def updated(coefficients):
        return coefficients * (x.transpose(1, 2) @ bases) / (coefficients @ (bases.transpose(1, 2) @ bases) + 1e-6)

    for _ in range(steps):
        coefficients = updated(coefficients)
        bases = bases * (x @ coefficients) / (bases @ (coefficients.transpose(1, 2) @ coefficients) + 1e-6)
    return bases @ updated(coefficients).transpose(1, 2)


class Hamburger(nn.Module):
    def __init__(self, channels, rank):
        super().__init__()
        self.ham_in, self.ham_out = nn.Conv2d(channels, channels, 1), ConvNorm(channels, channels, rectified=False)
        self.rank = rank

    def forward(self, x, bases):
        entered = F.relu(self.ham_in(x)).flatten(2)
        if bases is None:
            bases = torch.rand(x.shape[0], x.shape[1], self.rank, device=x.device)
        return F.relu(x + self.ham_out(factorise(entered, bases).view_as(x)))


class Head(nn.Module):
    def __init__(self, inputs, classes, channels, ham_channels, rank):
        super().__init__()
        self.squeeze, self.hamburger = ConvNorm(inputs, ham_channels), Hamburger(ham_channels, rank)
        self.align, self.conv_seg = ConvNorm(ham_channels, channels), nn.Conv2d(channels, classes, 1)

    def forward(self, features, bases):
        _first, largest, *smaller = features
        joined = [largest, *(F.interpolate(one, largest.shape[2:], mode="bilinear") for one in smaller)]
        return self.conv_seg(self.align(self.hamburger(self.squeeze(torch.cat(joined, 1)), bases)))


class SegNeXt(nn.Module):
    """By Paddle's names. Of a section `model:`, what the shipped bundles of MSCAN's four sizes state is read."""

    def __init__(self, model):
        super().__init__()
        head, kind = model["decoder_cfg"], model["backbone"]["type"]
        self.backbone = Backbone(kind)
        channels, ham_channels = head.get("channels", 256), head.get("ham_channels", 256)
        rank = head.get("ham_kwargs", {}).get("MD_R", 64)
        self.decode_head = Head(sum(SIZES[kind][0][1:]), model["num_classes"], channels, ham_channels, rank)

    def scores(self, image, bases=None):
        return self.decode_head(self.backbone(image), bases)

    def forward(self, image, bases=None):
        return F.interpolate(self.scores(image, bases), image.shape[2:], mode="bilinear")


def measure(device, work):
    """Milliseconds: the median of ROUNDS after one that is not counted."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def measure_batch(network, device, batch, size):
    image = torch.rand(batch, 3, *size, device=device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    with torch.no_grad():
        scores_ms = measure(device, lambda: network.scores(image))
        ms = measure(device, lambda: network(image).cpu())
    card = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"batch": batch, "ms": ms, "scores_ms": scores_ms, "peak_rss_mb": peak, "card_mb": card}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, type=json.loads)
    parser.add_argument("--size", required=True, type=lambda text: [int(part) for part in text.split("x")])
    parser.add_argument("--batches", required=True, type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    given = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda}), flush=True)
    network = SegNeXt(given.model).to(given.device).eval()
    for batch in given.batches:
        print(json.dumps(measure_batch(network, given.device, batch, given.size)), flush=True)


if __name__ == "__main__":
    main()
