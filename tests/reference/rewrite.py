"""Nodes in other forms, for what onnx-ad has no rule for. The model computes the same.

* A grouped Conv becomes a plain one: its kernel, repeated for every group, times a mask.
* A ConvTranspose whose windows do not overlap becomes a plain Conv and a DepthToSpace.
* BatchNormalization is written out: onnx-ad takes its mean and variance for constants.
* A Conv or MaxPool that keeps the size of an image says in numbers how much it pads; where a Conv pads one
  side more than the other, a Pad does it: onnx-ad 0.3.0 gives wrong gradients for such a Conv.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper


def constants_as_weights(model):
    """Constant nodes of the top level as initializers."""
    kept = []
    for node in model.graph.node:
        tensors = [a.t for a in node.attribute if a.name == "value"]
        if node.op_type == "Constant" and tensors:
            tensor = model.graph.initializer.add()
            tensor.CopyFrom(tensors[0])
            tensor.name = node.output[0]
        else:
            kept.append(node)
    return with_nodes(model, kept)


def in_plain_forms(model, shapes):
    """The model without grouped and transposed convolutions, and with padding in numbers. `shapes` are
    those of all values."""
    kept = []
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if attributes.get("auto_pad", b"NOTSET") == b"NOTSET":
            attributes.pop("auto_pad", None)
        elif node.op_type in ("Conv", "MaxPool"):
            attributes = padded(attributes, shapes[node.input[0]][2:])
        if node.op_type == "Conv":
            kept += plain(model, node, attributes, shapes[node.input[1]])
        elif node.op_type == "ConvTranspose":
            kept += apart(model, node, attributes, shapes[node.input[1]])
        elif node.op_type == "BatchNormalization":
            kept += written_out(model, node, attributes, shapes[node.input[0]])
        elif node.op_type == "MaxPool":
            kept.append(helper.make_node("MaxPool", node.input, node.output, **attributes))
        else:
            kept.append(node)
    return with_nodes(model, kept)


def plain(model, node, attributes, shape):
    """Conv with a kernel `[outputs, inputs / groups, ...]` as one with `[outputs, inputs, ...]`, and with
    the same padding on both sides."""
    name = node.output[0]
    groups = attributes.pop("group", 1)
    axes = len(shape) - 2
    x, kernel, *bias = node.input
    nodes = []
    pads = attributes.get("pads", [0] * 2 * axes)
    if pads[:axes] != pads[axes:]:
        sides = np.array([0, 0, *pads[:axes], 0, 0, *pads[axes:]])
        sides = constant(model, f"{name}.sides", sides)
        nodes.append(helper.make_node("Pad", [x, sides], [f"{name}.padded"]))
        x, attributes["pads"] = f"{name}.padded", [0] * 2 * axes
    if groups > 1:
        outputs, inputs = shape[0], shape[1]
        of_output = np.arange(outputs)[:, None] // (outputs // groups)
        of_input = np.arange(inputs * groups)[None, :] // inputs
        mask = (of_output == of_input).astype(np.float32)
        mask = constant(model, f"{name}.mask", mask.reshape(*mask.shape, *[1] * axes))
        repeats = np.ones(len(shape), np.int64)
        repeats[1] = groups
        repeats = constant(model, f"{name}.repeats", repeats)
        nodes.append(helper.make_node("Tile", [kernel, repeats], [f"{name}.repeated"]))
        nodes.append(helper.make_node("Mul", [f"{name}.repeated", mask], [f"{name}.kernel"]))
        kernel = f"{name}.kernel"
    return [*nodes, helper.make_node("Conv", [x, kernel, *bias], [name], **attributes)]


def apart(model, node, attributes, shape):
    """ConvTranspose with a kernel `[inputs, outputs, size, size]` and strides of the same size."""
    inputs, outputs, size = shape[:3]
    fits = {
        "kernel_shape": [size, size],
        "strides": [size, size],
        "pads": [0] * 4,
        "dilations": [1, 1],
        "group": 1,
    }
    if shape[3] != size or any(attributes[key] != fits.get(key) for key in attributes):
        raise ValueError(f"{node.name}: a ConvTranspose of {attributes}")
    name = node.output[0]
    form = np.array([outputs * size * size, inputs, 1, 1])
    form = constant(model, f"{name}.form", form)
    nodes = [
        helper.make_node("Transpose", [node.input[1]], [f"{name}.turned"], perm=[1, 2, 3, 0]),
        helper.make_node("Reshape", [f"{name}.turned", form], [f"{name}.kernel"]),
        helper.make_node("Conv", [node.input[0], f"{name}.kernel"], [f"{name}.deep"]),
    ]
    wide = f"{name}.wide" if len(node.input) > 2 else name
    spread = {"blocksize": size, "mode": "CRD"}
    nodes.append(helper.make_node("DepthToSpace", [f"{name}.deep"], [wide], **spread))
    if len(node.input) > 2:
        axes = constant(model, f"{name}.axes", np.array([1, 2]))
        nodes.append(helper.make_node("Unsqueeze", [node.input[2], axes], [f"{name}.bias"]))
        nodes.append(helper.make_node("Add", [wide, f"{name}.bias"], [name]))
    return nodes


def written_out(model, node, attributes, shape):
    """BatchNormalization: `(x - mean) / sqrt(variance + epsilon) * scale + bias`."""
    x, *of_channels = node.input
    name = node.output[0]
    form = constant(model, f"{name}.form", np.array([1, -1] + [1] * (len(shape) - 2)))
    little = np.array(attributes.get("epsilon", 1e-5), np.float32)
    little = constant(model, f"{name}.epsilon", little)
    parts = ("scale", "bias", "mean", "variance")
    scale, bias, mean, variance = (f"{name}.{part}" for part in parts)
    nodes = [
        helper.make_node("Reshape", [given, form], [f"{name}.{part}"])
        for given, part in zip(of_channels, parts)
    ]
    steps = [
        ("Add", [variance, little], "safe"),
        ("Sqrt", [f"{name}.safe"], "deviation"),
        ("Sub", [x, mean], "centred"),
        ("Div", [f"{name}.centred", f"{name}.deviation"], "normal"),
        ("Mul", [f"{name}.normal", scale], "scaled"),
    ]
    nodes += [helper.make_node(op, inputs, [f"{name}.{made}"]) for op, inputs, made in steps]
    return [*nodes, helper.make_node("Add", [f"{name}.scaled", bias], [name])]


def padded(attributes, lengths):
    """Attributes with the padding in numbers that `SAME_UPPER` gives an image of these lengths."""
    if attributes.pop("auto_pad") != b"SAME_UPPER" or set(attributes.get("dilations", [1])) != {1}:
        raise ValueError(f"a window of {attributes}")
    missing = []
    strides = attributes.get("strides", [1] * len(lengths))
    for size, stride, length in zip(attributes["kernel_shape"], strides, lengths):
        windows = -(-length // stride)
        missing.append(max((windows - 1) * stride + size - length, 0))
    pads = [m // 2 for m in missing] + [m - m // 2 for m in missing]
    return attributes | {"pads": pads}


def constant(model, name, array):
    model.graph.initializer.append(numpy_helper.from_array(array, name))
    return name


def with_nodes(model, nodes):
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    del changed.graph.node[:]
    changed.graph.node.extend(nodes)
    return changed
