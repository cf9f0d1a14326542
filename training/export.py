"""Write a run's averaged network as ONNX: `python -m training.export RUN FILE [--side 384]`.

Weights are stored as 16-bit numbers and computed with as 32-bit ones: half the size, the same answers but for rounding.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from training.network import Network

LARGEST = 12 * 2**20


def loaded(run: Path) -> Network:
    """The averaged network of a run's folder or of a checkpoint."""
    file = run / "checkpoint.pt" if run.is_dir() else run
    network = Network()
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True)["average"])
    return network.eval()


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with its larger weights stored as float16, each widened before it is used."""
    graph, casts = model.graph, []
    for weight in list(graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size <= 256:
            continue
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f"{weight.name}.half"))
        casts.append(helper.make_node("Cast", [f"{weight.name}.half"], [weight.name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def export(network: Network, file: Path, side: int) -> float:
    """Write the file: input `picture` `1×3×side×side`, RGB 0 to 1; output `coverage` `1×1×side×side`.

    Returns the largest difference that onnxruntime shows to the network itself. Raises ValueError where the file is
    larger than what the product ships.
    """
    example = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network,
        (example,),
        str(file),
        input_names=["picture"],
        output_names=["coverage"],
        opset_version=17,
        dynamo=False,
    )
    onnx.save(halved(onnx.load(file)), file)
    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file} has {file.stat().st_size} bytes, more than {LARGEST}")
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        wanted = network(example).numpy()
    return float(np.abs(session.run(None, {"picture": example.numpy()})[0] - wanted).max())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--side", type=int, default=384)
    asked = parser.parse_args()
    difference = export(loaded(asked.run), asked.file, asked.side)
    size = asked.file.stat().st_size
    sys.stdout.write(f"{asked.file}: {size} bytes, differs from the network by at most {difference:.4f}\n")
