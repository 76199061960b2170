//! ONNX Runtime: the library, providers, sessions.
