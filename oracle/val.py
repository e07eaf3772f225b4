"""PaddleSeg's own evaluation of a yml and a file of weights: the lines of its tools/val.py in their order.

    python -m oracle.val --config my.yml --model_path model.pdparams
        [--aug_eval --scales 0.75 1.0 1.25 --flip_horizontal]

The release on PyPI has no tools/, so the few calls of tools/val.py stand here. What differs: NMF's bases are the seeded
numbers `uniform/1:5:bases` in every forward, unless --random leaves them to the reference. The last line is JSON: the
images, the seconds that the evaluation took, building the network included, and the peak of memory. Needs
oracle/requirements-data.txt: PaddleSeg reads images by OpenCV.
"""

import argparse
import json
import resource
import sys
import time

import numpy as np

from oracle import seeded
from oracle.errors import OracleError
from oracle.paddle_draws import draws_from
from oracle.paddle_model import load_paddle, load_paddleseg, require_opencv

BASES_SEED, BASES_NAME = 5, "bases"


def main(arguments=None):
    options = _parser().parse_args(arguments)
    try:
        print(json.dumps(evaluate(options)))
        return 0
    except OracleError as error:
        print(error, file=sys.stderr)
        return 2


def evaluate(options):
    require_opencv("evaluate a data set")
    paddle = load_paddle()
    load_paddleseg()
    _accept_scalars_in_concat(paddle)
    from paddleseg import core
    from paddleseg.cvlibs import Config, SegBuilder
    from paddleseg.utils import utils

    for package in ("datasets", "models", "transforms"):  # they register themselves
        __import__(f"paddleseg.{package}")
    begin = time.perf_counter()
    config = Config(options.config)
    builder = SegBuilder(config)
    model = builder.model
    utils.load_entire_model(model, options.model_path)
    dataset = builder.val_dataset
    testing = {**config.test_config, **_command_line(options)}
    if options.random:
        core.evaluate(model, dataset, num_workers=options.num_workers, **testing)
    else:
        with draws_from(model, _same_bases):
            core.evaluate(model, dataset, num_workers=options.num_workers, **testing)
    seconds = time.perf_counter() - begin
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"images": len(dataset), "seconds": round(seconds, 3), "peak_rss_mb": round(peak_mb, 1)}


def _command_line(options):
    """What the command line says in place of the yml's test_config: all of --aug_eval's, all of --is_slide's."""
    augmented = ("aug_eval", "scales", "flip_horizontal", "flip_vertical") if options.aug_eval else ()
    windows = ("is_slide", "crop_size", "stride") if options.is_slide else ()
    return {name: getattr(options, name) for name in (*augmented, *windows)}


def _accept_scalars_in_concat(paddle):
    """PaddleSeg 2.8.0 joins sums, which were 1-D before Paddle 2.5 and are scalars since."""
    concat = paddle.concat
    paddle.concat = lambda x, axis=0, name=None: concat(
        [part.reshape([1]) if part.ndim == 0 else part for part in x], axis, name
    )


def _same_bases(_name, _call, shape, _keep):
    return seeded.uniform(BASES_SEED, BASES_NAME, int(np.prod(shape))).reshape(shape).astype(np.float32)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m oracle.val", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", required=True, metavar="YML")
    parser.add_argument("--model_path", required=True, metavar="PDPARAMS")
    parser.add_argument("--num_workers", type=int, default=0, metavar="N")
    parser.add_argument("--aug_eval", action="store_true")
    parser.add_argument("--scales", nargs="+", type=float, default=1.0)
    parser.add_argument("--flip_horizontal", action="store_true")
    parser.add_argument("--flip_vertical", action="store_true")
    parser.add_argument("--is_slide", action="store_true")
    parser.add_argument("--crop_size", nargs=2, type=int, metavar=("W", "H"))
    parser.add_argument("--stride", nargs=2, type=int, metavar=("W", "H"))
    parser.add_argument("--random", action="store_true", help="let the reference draw its bases anew in every forward")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
