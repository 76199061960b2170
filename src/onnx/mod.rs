//! ONNX files: protobuf, graph building, shapes, the gradient builder, losses, inspection.
