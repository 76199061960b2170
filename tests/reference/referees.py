"""What judges a gradient graph: the independent onnx-ad on the same forward file, and the errors
between two sets of gradients.

    forward file --stepdroid--> gradient graph --+
         |                                       +--> errors, one for each weight
         +-------- onnx-ad or PyTorch -----------+
"""

import json
import subprocess

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Largest error of a weight's gradient, relative to the largest element of that gradient.
TOLERANCE = 1e-4
# Gradients below this share of the model's largest one are zero but for rounding: those of attention
# key biases, which softmax cancels, are zero by mathematics. They must be as small in both.
NOTHING = 1e-6


class Failed(Exception):
    """Something that was compared is not as it must be."""


def stepdroid(program, *arguments, accept=(0,)):
    """Runs a command of stepdroid and returns its JSON."""
    command = [str(program), "--json", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in accept:
        text = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Failed(f"{' '.join(command[2:])}: exit code {done.returncode}: {' '.join(text[-3:])}")
    return json.loads(done.stdout)


def session(model):
    """A session of a file, or of a model in memory."""
    options = onnxruntime.SessionOptions()
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    source = model.SerializeToString() if isinstance(model, onnx.ModelProto) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run(model, feed, outputs=None):
    """{output: array} of one run; of `feed` only what the model takes is fed."""
    opened = session(model)
    taken = {value.name: feed[value.name] for value in opened.get_inputs()}
    names = outputs or [value.name for value in opened.get_outputs()]
    return dict(zip(names, opened.run(names, taken)))


def weights_of(model):
    """{name: array} of the initializers."""
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def valid(path):
    """Whether the ONNX package finds nothing wrong with a file, all shapes included, and whether the
    file stays within the standard operators. Returns the number of nodes."""
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path, load_external_data=False)
    foreign = {node.domain for node in model.graph.node} - {"", "ai.onnx"}
    if foreign:
        raise Failed(f"{path.name} uses operators of {', '.join(sorted(foreign))}")
    return len(model.graph.node)


def of_stepdroid(path, feed):
    """Loss and {weight: gradient} of a gradient graph."""
    found = run(path, feed)
    gradients = {k.removeprefix("grad."): v for k, v in found.items() if k.startswith("grad.")}
    return found["loss"], gradients


def of_onnx_ad(model, names, feed):
    """Loss and {weight: gradient} that onnx-ad computes for a forward model with the output `loss`."""
    from onnx_ad import reverse

    forward = onnx.ModelProto()
    forward.CopyFrom(model)
    graph = forward.graph
    declared = {value.name for value in graph.input}
    for tensor in [t for t in graph.initializer if t.name in names]:
        if tensor.name not in declared:
            kind = helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            graph.input.append(kind)
        graph.initializer.remove(tensor)
    declare_shapes(forward, feed)
    derived = reverse(forward, inputs=list(names), outputs=["loss"], prefix="adj.", layout="onnx")
    outputs = ["loss", *(f"adj.{name}" for name in names)]
    found = run(derived, feed | {"adj.loss": np.ones(1, np.float32)}, outputs)
    return found["loss"], {name: found[f"adj.{name}"][..., 0] for name in names}


def values_of(model, feed):
    """{name: array} of everything that a model computes or is given."""
    every = onnx.ModelProto()
    every.CopyFrom(model)
    del every.graph.value_info[:]
    shown = {value.name for value in model.graph.output}
    names = {name for node in model.graph.node for name in node.output if name}
    every.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names - shown)
    return weights_of(model) | feed | run(every, feed, sorted(names))


def declare_shapes(model, feed):
    """Declares the shapes that all values have when the model runs: rules of onnx-ad want lengths that
    are known, more than shape inference finds."""
    graph = model.graph
    for value in graph.input:
        code = value.type.tensor_type.elem_type
        value.type.CopyFrom(helper.make_tensor_type_proto(code, feed[value.name].shape))
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")
    del graph.value_info[:]
    known = {value.name for value in [*graph.input, *graph.output, *graph.initializer]}
    for name, array in values_of(model, feed).items():
        if name not in known:
            code = helper.np_dtype_to_tensor_dtype(array.dtype)
            graph.value_info.append(helper.make_tensor_value_info(name, code, array.shape))


def behind_output(model, nodes, constants=(), inputs=()):
    """The model with the output `loss` that `nodes` compute, and inputs that they take."""
    extended = onnx.ModelProto()
    extended.CopyFrom(model)
    extended.graph.node.extend(nodes)
    extended.graph.initializer.extend(constants)
    extended.graph.input.extend(inputs)
    extended.graph.output.append(helper.make_tensor_value_info("loss", TensorProto.FLOAT, []))
    return extended


def with_squared_error(model, output):
    """The mean of the squared differences between an output and a new input, `target`."""
    kind = next(value for value in model.graph.output if value.name == output).type
    target = onnx.ValueInfoProto(name="target", type=kind)
    nodes = [
        helper.make_node("Sub", [output, "target"], ["reference.apart"]),
        helper.make_node("Mul", ["reference.apart", "reference.apart"], ["reference.squares"]),
        helper.make_node("ReduceMean", ["reference.squares"], ["loss"], keepdims=0),
    ]
    return behind_output(model, nodes, inputs=[target])


def with_likelihood(model, output):
    """The mean of the negative logarithms of probabilities that the new input `labels` chooses, which
    has one element in the place of the classes."""
    kind = next(value for value in model.graph.output if value.name == output).type
    lengths = [d.dim_param or d.dim_value for d in kind.tensor_type.shape.dim[:-1]]
    rank = len(lengths) + 1
    # Some files say -1 of what they don't know.
    lengths = [None if length == -1 else length for length in lengths]
    labels = helper.make_tensor_value_info("labels", TensorProto.INT64, [*lengths, 1])
    nodes = [
        helper.make_node("GatherElements", [output, "labels"], ["reference.chosen"], axis=rank - 1),
        helper.make_node("Log", ["reference.chosen"], ["reference.logarithm"]),
        helper.make_node("ReduceMean", ["reference.logarithm"], ["reference.mean"], keepdims=0),
        helper.make_node("Neg", ["reference.mean"], ["loss"]),
    ]
    return behind_output(model, nodes, inputs=[labels])


def errors(ours, theirs):
    """{weight: largest error relative to the gradient's largest element}, and the names of those
    whose gradients are zero but for rounding."""
    if missing := theirs.keys() ^ ours.keys():
        raise Failed(f"only one of both has gradients of {', '.join(sorted(missing)[:5])}")
    largest = max(np.abs(value).max() for value in theirs.values())
    if not largest > 0:
        raise Failed("every gradient is zero, so nothing was compared")
    relative, nothing = {}, []
    for name, wanted in theirs.items():
        found = ours[name]
        if found.shape != wanted.shape:
            raise Failed(f"{name}: a gradient of {found.shape}, not {wanted.shape}")
        size = np.abs(wanted).max()
        apart = np.abs(found.astype(np.float64) - wanted.astype(np.float64)).max()
        if size <= NOTHING * largest and np.abs(found).max() <= NOTHING * largest:
            nothing.append(name)
        elif not np.isfinite(apart):
            raise Failed(f"{name}: not every element of the gradient is a finite number")
        else:
            relative[name] = apart / size
    return relative, nothing
