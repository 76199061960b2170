"""Gradients that PyTorch computes, by the names and in the layout of an exported ONNX file.

An exporter renames and transposes weights. What belongs together is found by the values: the
initializer that holds a parameter's values, as they are, transposed, or in another shape.
"""

import numpy as np
from onnx import numpy_helper


def by_onnx_name(model, module):
    """{initializer name: gradient} of all parameters of `module` that have one."""
    known = {}
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype.kind == "f" and array.size > 1:
            known.setdefault((array.shape, fingerprint(array)), (tensor.name, False))
            if array.ndim == 2:
                turned = array.T
                key = (turned.shape, fingerprint(turned))
                known.setdefault(key, (tensor.name, True))
            known.setdefault(fingerprint(array), (tensor.name, array.shape))
    found, missing = {}, []
    for name, parameter in module.named_parameters():
        if parameter.grad is None:
            continue
        value = parameter.detach().numpy()
        print_of = fingerprint(value)
        gradient = parameter.grad.numpy()
        if (value.shape, print_of) in known:
            onnx_name, turned = known[value.shape, print_of]
            gradient = np.ascontiguousarray(gradient.T if turned else gradient)
        elif print_of in known:
            onnx_name, shape = known[print_of]
            gradient = gradient.reshape(shape)
        else:
            missing.append(name)
            continue
        # A parameter that two initializers hold gets the sum of their gradients in PyTorch.
        found[onnx_name] = gradient
    return found, missing


def fingerprint(array):
    return np.ascontiguousarray(array).tobytes()
