"""Writes a model in which every field of the ONNX schema is set, with the schema's own tool.

    python tests/reference/every_field.py tests/fixtures/onnx/every_field.onnx

Needs the Python package `onnx`; run it again when a new version of the schema adds fields.
"""

import sys

import onnx
from google.protobuf.descriptor import FieldDescriptor
from onnx import TensorProto, helper

# Fields that would make the graph invalid, and alternatives of a field that is set.
LEFT_OUT = {
    "AttributeProto": {"ref_attr_name", "type", "g", "graphs", "sparse_tensor", "sparse_tensors", "t", "tensors"},
    "FunctionProto": set(),
    "GraphProto": {"node", "initializer", "sparse_initializer", "input", "output"},
    "NodeProto": {"input", "output", "op_type", "domain", "overload", "attribute"},
    "TensorProto": {
        "dims", "data_type", "segment", "float_data", "int32_data", "int64_data", "double_data",
        "uint64_data", "string_data", "raw_data", "external_data", "data_location",
    },
    "SparseTensorProto": {"dims", "values", "indices"},
    "ModelProto": {"graph", "functions", "opset_import"},
    "OperatorSetIdProto": {"domain", "version"},
}


def value(field):
    kinds = FieldDescriptor
    if field.type == kinds.TYPE_STRING:
        return field.name
    if field.type == kinds.TYPE_BYTES:
        return field.name.encode()
    if field.type in (kinds.TYPE_FLOAT, kinds.TYPE_DOUBLE):
        return 1.5
    return 1


def fill(message, depth=0):
    """Sets whatever is not set yet, in the message and in all within it."""
    name = message.DESCRIPTOR.name
    for field in message.DESCRIPTOR.fields:
        present = [known for known, _ in message.ListFields()]
        held = getattr(message, field.name)
        chosen = field.containing_oneof and message.WhichOneof(field.containing_oneof.name)
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if field in present:
                for inner in held if field.is_repeated else [held]:
                    fill(inner, depth)
            elif field.name not in LEFT_OUT.get(name, ()) and not chosen and depth < 6:
                fill(held.add() if field.is_repeated else held, depth + 1)
                if not field.is_repeated:
                    held.SetInParent()
        elif field in present or chosen or field.name in LEFT_OUT.get(name, ()):
            continue
        elif field.is_repeated:
            held.extend([value(field)] * 2)
        else:
            setattr(message, field.name, value(field))


def tensor(name, **fields):
    return TensorProto(name=name, dims=[2], **fields)


def main(path):
    info = helper.make_tensor_value_info
    tensors = [
        tensor("raw", data_type=1, raw_data=bytes(8)),
        tensor("floats", data_type=1, float_data=[1, 2]),
        tensor("halves", data_type=10, int32_data=[0x3C00, 0]),
        tensor("integers", data_type=7, int64_data=[1, -1]),
        tensor("doubles", data_type=11, double_data=[1, 2]),
        tensor("unsigned", data_type=13, uint64_data=[1, 2]),
        tensor("texts", data_type=8, string_data=[b"a", b""]),
        tensor("data", data_type=1, data_location=1),
    ]
    for key, text in [("location", "data.bin"), ("offset", "4096"), ("length", "8"), ("checksum", "0")]:
        tensors[-1].external_data.add(key=key, value=text)
    sparse = onnx.SparseTensorProto(
        dims=[5],
        values=tensor("sparse", data_type=1, raw_data=bytes(8)),
        indices=tensor("", data_type=7, int64_data=[0, 3]),
    )
    inner = helper.make_graph([helper.make_node("Neg", ["x"], ["inner"])], "inner", [], [info("inner", 1, [2])])
    every = helper.make_node("Every", ["x"], ["y"], domain="test", overload="o")
    every.attribute.add(name="t", type=4).t.CopyFrom(tensors[0])
    every.attribute.add(name="g", type=5).g.CopyFrom(inner)
    every.attribute.add(name="tensors", type=9).tensors.extend(tensors)
    every.attribute.add(name="graphs", type=10).graphs.extend([inner, inner])
    every.attribute.add(name="sparse", type=11).sparse_tensor.CopyFrom(sparse)
    every.attribute.add(name="sparses", type=12).sparse_tensors.extend([sparse, sparse])
    graph = helper.make_graph(
        [every],
        "every",
        [info("x", 1, ["batch", 2])],
        [onnx.ValueInfoProto(name="y")],
        initializer=tensors,
    )
    graph.sparse_initializer.append(sparse)
    kinds = ["sequence_type", "map_type", "optional_type", "sparse_tensor_type", "opaque_type"]
    for number, kind in enumerate(kinds):
        held = graph.value_info.add(name=f"value{number}").type
        fill(getattr(held, kind), 4)
        getattr(held, kind).SetInParent()
    function = helper.make_function(
        "test", "Body", ["a"], ["b"], [helper.make_node("LeakyRelu", ["a"], ["b"])],
        [helper.make_opsetid("", 18)], ["slope"],
    )
    function.node[0].attribute.add(name="alpha", type=1, ref_attr_name="slope")
    default = function.attribute_proto.add(name="other", type=1)
    default.f = 1
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("test", 1)]
    model = helper.make_model(graph, opset_imports=imports, functions=[function])
    # What the schema's tool fills below this is not looked into by any reader of inference models.
    model.training_info.add().algorithm.name = "algorithm"
    fill(model)
    with open(path, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


main(sys.argv[1])
