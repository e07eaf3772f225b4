"""Times one forward pass of peers: Paddle itself, its paddle2onnx export in ONNX Runtime and in OpenVINO; or a training
step of Paddle.

    python -m oracle.bench_peers --model JSON --size 512x1024 --peers paddle,paddle2onnx,openvino --rounds 7
    python -m oracle.bench_peers --model JSON --size 512x1024 --peers paddle,openvino --serve
    python -m oracle.bench_peers --model JSON --size 256x256 --batch 2 --peers paddle-training --training JSON

The model is the section `model:` of a yml, as JSON: of any network that the oracle builds.

Each peer lives in a process of its own, is warmed up once, and rests while another runs. With --rounds, rounds are
interleaved, one line of JSON for each pass: {"peer": "paddle", "ms": 1622.4, "peak_rss_mb": 812.0}. With --serve, each
line "run <peer>" on stdin is answered by one such line, so that a caller can interleave passes of its own. The first
line of output tells versions and threads: {"ready": [...], ...}. A peer that fails answers {"peer": ..., "error": ...}.

OpenVINO gets the export with its constants folded, because it refuses to read it as it is.

The peer `paddle-training` makes training steps; --training holds its yml's sections optimizer, lr_scheduler, loss and
iters.

With --onnx FILE the peers `onnx` (ONNX Runtime) and `onnx-openvino` run that file: float32 inputs, the first the image.

NMF's bases are an input nowhere here: Paddle draws them, and in the export they are a RandomUniform node, 4096 numbers
of some 10^11 operations. Needs oracle/requirements-bench.txt (and Python below 3.13 for paddle2onnx).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from oracle.bench_engines import TRAINING, export_model, folded, prepare
from oracle.errors import OracleError

PEERS = ("paddle", "paddle2onnx", "openvino", "onnx", "onnx-openvino", TRAINING)
EXPORTED = ("paddle2onnx", "openvino")
# Before a pass the others' worker threads must have stopped spinning: OpenMP's wait for up to 200 ms.
REST_SECONDS = 0.3


def main(arguments=None):
    options = _parser().parse_args(arguments)
    try:
        return _bench(options)
    except (OracleError, OSError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m oracle.bench_peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=json.loads, required=True, metavar="JSON", help="a yml's section `model:`")
    parser.add_argument("--size", default="512x1024", metavar="HxW", help="default: 512x1024")
    parser.add_argument("--peers", default="paddle,paddle2onnx,openvino", metavar="LIST", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--batch", type=int, default=1, metavar="N", help="images of a training step (default: 1)")
    parser.add_argument("--training", metavar="JSON", help=f"how the peer `{TRAINING}` trains")
    parser.add_argument("--onnx", type=Path, metavar="FILE", help="what the peers `onnx` and `onnx-openvino` run")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), metavar="N", help="for each peer (default: all cores)"
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="keep the paddle2onnx export there; a file that exists is used as it is",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    mode.add_argument("--serve", action="store_true", help='answer "run <peer>" lines')
    parser.add_argument("--child", choices=(*PEERS, "export"), help=argparse.SUPPRESS)
    return parser


def _bench(options):
    if options.child:
        return _run_child(options)
    peers = options.peers.split(",")
    if unknown := [peer for peer in peers if peer not in PEERS]:
        raise OracleError(f"Cannot bench {unknown[0]}: there is no such peer; one of {', '.join(PEERS)} is wanted.")
    if options.onnx is None and any(peer.startswith("onnx") for peer in peers):
        raise OracleError("Cannot bench onnx: no file is given; --onnx FILE is wanted.")
    if TRAINING in peers and options.training is None:
        raise OracleError(f"Cannot bench {TRAINING}: it is not said how it trains; --training JSON is wanted.")
    with tempfile.TemporaryDirectory() as temporary:
        if any(peer in EXPORTED for peer in peers):
            options.export = options.export or Path(temporary) / "export.onnx"
            if not (options.export.exists() and folded(options.export).exists()):
                _export_in_a_process(options)
        children = {peer: _Child(peer, options) for peer in peers}
        try:
            _print(
                {
                    "ready": peers,
                    "model": options.model,
                    "size": options.size,
                    "threads": options.threads,
                    "versions": {peer: child.version for peer, child in children.items()},
                }
            )
            return _serve(children) if options.serve else _interleave(children, options.rounds)
        finally:
            for child in children.values():
                child.stop()


def _interleave(children, rounds):
    failed = False
    for _ in range(rounds):
        for child in children.values():
            time.sleep(REST_SECONDS)
            answer = child.run()
            failed = failed or "error" in answer
            _print(answer)
    return 3 if failed else 0


def _serve(children):
    for line in sys.stdin:
        command, _, peer = line.strip().partition(" ")
        if command != "run" or peer not in children:
            _print({"error": f"Cannot answer {line.strip()!r}: run <peer> is wanted, of {', '.join(children)}."})
        else:
            _print(children[peer].run())
    return 0


class _Child:
    """A peer in a process of its own; it lives as long as the bench does."""

    def __init__(self, peer, options):
        self.peer = peer
        self.process = subprocess.Popen(
            _child_command(peer, options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(options),
        )
        ready = self._read()
        self.version = ready.get("version", ready.get("error"))

    def run(self):
        try:
            self.process.stdin.write("run\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return self._gone()
        return self._read()

    def stop(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended already
        self.process.wait(timeout=30)

    def _read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else self._gone()

    def _gone(self):
        return {"peer": self.peer, "error": f"its process ended with {self.process.wait()}; see stderr"}


def _run_child(options):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the engines print themselves must not stand among the answers
    height, width = (int(side) for side in options.size.split("x"))
    if options.child == "export":
        export_model(options, height, width)
        return 0
    version, forward = prepare(options, height, width)
    forward()
    _answer(answers, {"ready": options.child, "version": version})
    for _ in sys.stdin:
        begin = time.perf_counter()
        forward()
        duration_ms = (time.perf_counter() - begin) * 1000
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _answer(answers, {"peer": options.child, "ms": round(duration_ms, 3), "peak_rss_mb": round(peak_mb, 1)})
    return 0


def _export_in_a_process(options):
    result = subprocess.run(
        _child_command("export", options),
        env=_environment(options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode != 0 or not options.export.exists():
        raise OracleError(
            f"Cannot export {options.model['type']} by paddle2onnx: {' '.join(result.stderr.split()[-60:])}"
        )


def _child_command(child, options):
    command = [
        sys.executable,
        "-m",
        "oracle.bench_peers",
        "--child",
        child,
        "--model",
        json.dumps(options.model),
        "--size",
        options.size,
        "--threads",
        str(options.threads),
        "--batch",
        str(options.batch),
    ]
    for flag in ("export", "onnx", "training"):
        if getattr(options, flag) is not None:
            command += [f"--{flag}", str(getattr(options, flag))]
    return command


def _environment(options):
    # Paddle's own default is one thread.
    return {
        **os.environ,
        "OMP_NUM_THREADS": str(options.threads),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
    }


def _answer(stream, record):
    stream.write(json.dumps(record) + "\n")
    stream.flush()


def _print(record):
    _answer(sys.stdout, record)


if __name__ == "__main__":
    raise SystemExit(main())
