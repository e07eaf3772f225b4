"""The engines that oracle/bench_peers.py times: the network built and exported, and a function that runs it in each."""

import os
import tempfile
from pathlib import Path

TRAINING = "paddle-training"
OPSET = 17
WEIGHT_SEED = 1
# What LPSNet wants at least.
CALIBRATION_SIZE = (192, 256)


def prepare(options, height, width):
    """(version, a function that runs one forward pass, or makes one step, and has its result in host memory)."""
    from oracle.images import make_image

    if options.child == TRAINING:
        return _prepare_training(options, height, width)
    image = make_image("noise", WEIGHT_SEED, 1, height, width)
    if options.child == "paddle":
        return _prepare_paddle(options, image)
    file = {"paddle2onnx": options.export, "openvino": folded(options.export)}.get(options.child, options.onnx)
    return (_prepare_openvino if "openvino" in options.child else _prepare_onnxruntime)(file, image, options.threads)


def _prepare_paddle(options, image):
    from oracle.paddle_model import load_paddle

    paddle, model = load_paddle(), _build(options.model)
    tensor = paddle.to_tensor(image)

    def forward():
        with paddle.no_grad():
            outputs = model(tensor)
            # PaddleSeg's networks give a list, paddleclas's the scores themselves.
            return (outputs[0] if isinstance(outputs, list) else outputs).numpy()

    return paddle.__version__, forward


def _prepare_training(options, height, width):
    from oracle.bench_training import parse_sections, prepare_training_step
    from oracle.paddle_model import load_paddle

    sections = parse_sections(options.training)
    return load_paddle().__version__, prepare_training_step(
        _build(options.model), sections, WEIGHT_SEED, options.batch, height, width, options.model["num_classes"]
    )


def _prepare_onnxruntime(file, image, threads):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    shapes = {entry.name: entry.shape for entry in session.get_inputs()}
    feeds = _feeds(shapes, image)
    return onnxruntime.__version__, lambda: session.run(None, feeds)


def _prepare_openvino(file, image, threads):
    import openvino

    core = openvino.Core()
    model = core.read_model(str(file))
    names = [entry.get_any_name() for entry in model.inputs]
    shapes = {
        name: [side.get_length() if side.is_static else None for side in entry.partial_shape]
        for name, entry in zip(names, model.inputs)
    }
    feeds = _feeds(shapes, image)
    model.reshape({name: list(values.shape) for name, values in feeds.items()})
    # float32 as everywhere; its own choice on some processors is bfloat16.
    compiled = core.compile_model(
        model,
        "CPU",
        {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"},
    )
    request = compiled.create_infer_request()
    return openvino.__version__, lambda: request.infer(feeds)


def _feeds(shapes, image):
    """The image for the first input, seeded draws for the others; an unknown side of a draw counts as 1."""
    import numpy as np

    from oracle import seeded

    first, *others = shapes
    feeds = {first: image}
    for name in others:
        shape = [side if isinstance(side, int) else 1 for side in shapes[name]]
        feeds[name] = seeded.uniform(WEIGHT_SEED, name, int(np.prod(shape))).astype(np.float32).reshape(shape)
    return feeds


def export_model(options, height, width):
    """Writes the paddle2onnx export, and beside it the same with its constants folded."""
    import paddle2onnx

    from oracle.paddle_model import load_paddle

    paddle = load_paddle()
    spec = paddle.static.InputSpec([1, 3, height, width], "float32", "image")
    static = paddle.jit.to_static(_build(options.model), input_spec=[spec], full_graph=True)
    with tempfile.TemporaryDirectory() as temporary:
        paddle.jit.save(static, f"{temporary}/model")
        paddle2onnx.export(
            f"{temporary}/model.json",
            f"{temporary}/model.pdiparams",
            f"{temporary}/model.onnx",
            opset_version=OPSET,
            optimize_tool="None",
        )
        _fold(f"{temporary}/model.onnx", f"{temporary}/folded.onnx")
        options.export.parent.mkdir(parents=True, exist_ok=True)
        for made, kept in (("folded", folded(options.export)), ("model", options.export)):
            half = kept.with_suffix(".half")
            half.write_bytes(Path(temporary, f"{made}.onnx").read_bytes())
            os.replace(half, kept)


def _fold(source, target):
    """The same graph with its constants folded by ONNX Runtime. OpenVINO refuses it otherwise: paddle2onnx computes
    shapes by Reshape to an empty (scalar) pattern.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    settings.optimized_model_filepath = target
    onnxruntime.InferenceSession(source, settings, providers=["CPUExecutionProvider"])


def folded(export):
    """Where the export with its constants folded is."""
    return None if export is None else export.with_suffix(".folded.onnx")


def _build(section):
    """The network of a `model:` section with seeded weights, its batch norms calibrated, so that no pass is slowed by
    denormal numbers.
    """
    from oracle.images import make_image
    from oracle.infer import seeded_case
    from oracle.references import find_reference

    image = make_image("noise", WEIGHT_SEED, 1, *CALIBRATION_SIZE)
    return seeded_case(find_reference(), section, image, WEIGHT_SEED).built("float32")
