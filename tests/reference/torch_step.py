"""Measures training steps of PyTorch as `benches/gradient.rs step` measures stepdroid's: one network,
one process, one line of JSON.

    python torch_step.py encoder|decoder UNPACKED BATCH TOKENS

A step is forward, backward, clipping to the global norm 1 and fused AdamW, on one thread.
"""

import json
import pathlib
import sys
import time

import torch
import transformers.models.bert  # what the networks need of it, before memory is first read
import transformers.models.llama

import export_models

# Steps that are timed, after as many to warm up.
STEPS = 5


def memory(field):
    """A number of bytes from the process's status."""
    for line in open("/proc/self/status"):
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def main():
    torch.set_num_threads(1)
    imported = memory("VmRSS")
    name, unpacked, batch, tokens = sys.argv[1], pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:])
    module = getattr(export_models, name)(unpacked)[0]
    inputs, _ = getattr(export_models, f"{name}_inputs")(batch, tokens)
    if "attention_mask" in inputs:
        inputs["attention_mask"].fill_(1)
    trained = [p for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-5, weight_decay=0.01, fused=True)
    building = memory("VmHWM")
    # The peak so far is that of building and loading; what counts is that of training.
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    steps, gradients, optimizers = [], [], []
    for _ in range(2 * STEPS):
        start = time.process_time()
        optimizer.zero_grad(set_to_none=True)
        loss, _ = module(**inputs)
        loss.backward()
        middle = time.process_time()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        end = time.process_time()
        steps.append(end - start)
        gradients.append(middle - start)
        optimizers.append(end - middle)
    line = {
        "step_seconds": min(steps[STEPS:]),
        "gradient_seconds": min(gradients[STEPS:]),
        "optimizer_seconds": min(optimizers[STEPS:]),
        "memory_library_bytes": imported,
        "memory_building_bytes": building,
        "memory_before_bytes": before,
        "memory_peak_bytes": memory("VmHWM"),
        "loss": float(loss),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
