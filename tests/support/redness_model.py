"""A tiny network in the place of a segmentation model's weights: what is much redder than blue is the product."""

from pathlib import Path

import numpy as np


def write_model(path: Path, side: int) -> Path:
    """A one-channel mask of side×side: steep sigmoid of (red - blue), in the shape rembg's sessions expect.

    Padded to 300 kB.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, :, 0, 0] = (6.0, 0.0, -6.0)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["input.1", "weights", "bias"], ["score"]),
            helper.make_node("Sigmoid", ["score"], ["mask"]),
        ],
        "redness",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, side, side])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.float32([-6.0]), "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {"padding": "x" * 300_000})
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path
