"""Compares whole training steps of stepdroid with PyTorch's, as ratios.

    python bench_gradient.py --place .deps/reference [--rounds 5] [--program PATH]

Every measurement is a process of its own with one thread, and the two programs take turns, so that
both meet the same machine. Times are processor times of the process, the least of several steps.
Ratios are stepdroid's figure over the other's: below 1 is better. Ends with code 1 when a criterion
is missed. Run it on a machine that does nothing else.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
CARGO = ["cargo", "bench", "--quiet", "--locked", "--bench", "gradient", "--"]
ENCODER = [
    "--trainable", ".*",
    "--input", "input_ids=8x64:1000..20000",
    "--input", "attention_mask=8x64:1..2",
    "--input", "labels=8:0..64",
]  # fmt: skip
DECODER = [
    "--trainable", r"_proj\.[ab]$",
    "--input", "input_ids=2x48:1000..20000",
    "--input", "labels=2x48:1000..20000",
]  # fmt: skip


def measured(command):
    """The JSON that one measuring process prints last."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=environment
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def rounds(count, what, *commands):
    """[(measurement of each command), ...], the commands taking turns."""
    taken = []
    for number in range(count):
        print(f"{what}: round {number + 1} of {count}", file=sys.stderr)
        taken.append(tuple(measured(command) for command in commands))
    return taken


class Table:
    """Ratios, and which criteria they miss."""

    def __init__(self):
        self.missed = 0

    def row(self, what, pairs, figure, limit=None):
        """The least and the median of the ratios; the median is what a limit is for."""
        ratios = [figure(ours) / figure(theirs) for ours, theirs in pairs]
        middle = statistics.median(ratios)
        note = ""
        if limit is not None:
            ok = middle <= limit
            self.missed += not ok
            note = f"at most {limit:.2f}: {'ok' if ok else 'MISSED'}"
        print(f"  {what:58} {min(ratios):7.2f} {middle:7.2f}  {note}".rstrip())

    def head(self, text):
        print(f"\n{text}\n  {'':58} {'least':>7} {'median':>7}")


def step(measurement):
    return measurement["step_seconds"]


def gradient(measurement):
    return measurement["gradient_seconds"]


def optimizer(measurement):
    return measurement["optimizer_seconds"]


def peak(measurement):
    return measurement["memory_peak_bytes"]


def over_library(measurement):
    return measurement["memory_peak_bytes"] - measurement["memory_library_bytes"]


def with_building(measurement):
    return max(measurement["memory_peak_bytes"], measurement["memory_building_bytes"])


def absolute(name, pairs, others):
    """The figures behind the ratios, as medians."""
    for who, index in ((name, 0), (others, 1)):
        found = [pair[index] for pair in pairs]
        middle = {key: statistics.median(f(m) for m in found) for key, f in FIGURES.items()}
        print(
            f"  {who}: step {middle['step'] * 1e3:.0f} ms; peak {middle['peak'] / 1e6:.0f} MB, "
            f"over the library {middle['over'] / 1e6:.0f} MB"
        )


FIGURES = {"step": step, "peak": peak, "over": over_library}


def against_torch(table, pairs, time_limit, memory_limit=None):
    table.row("whole step, processor time", pairs, step, time_limit)
    table.row("forward and backward, processor time", pairs, gradient)
    table.row("clipping and AdamW, processor time", pairs, optimizer)
    table.row("peak memory of the process while training", pairs, peak, memory_limit)
    table.row("the same over what the loaded library takes", pairs, over_library, memory_limit)
    table.row("peak memory of the process, building included", pairs, with_building)
    absolute("stepdroid", pairs, "PyTorch")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--place", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", type=pathlib.Path, default=sys.executable, help="with PyTorch")
    parser.add_argument("--program", help="the built bench, instead of `cargo bench`")
    parser.add_argument("only", nargs="*", help="encoder, decoder or recompute; else all")
    arguments = parser.parse_args()
    chosen = arguments.only or ["encoder", "decoder", "recompute"]
    bench = [arguments.program] if arguments.program else CARGO
    out = arguments.place.absolute() / "out"
    table, missing = Table(), []

    def torch_step(name, batch, tokens):
        script = HERE / "torch_step.py"
        return [arguments.python, script, name, arguments.place / "unpacked", batch, tokens]

    for name, ours, batch, tokens, text, limits in [
        ("encoder", ENCODER, 8, 64,
         "MiniLM-L6, all 22.6 M weights, 8 x 64 tokens, against PyTorch with fused AdamW:", (0.95, 1.05)),
        ("decoder", DECODER, 2, 48,
         "SmolLM2-135M, LoRA of rank 8 on q and v, 2 x 48 tokens, against PyTorch:", (0.75,)),
    ]:  # fmt: skip
        if name not in chosen:
            continue
        model = out / f"{name}.onnx"
        if not model.is_file():
            missing.append(f"{name}: no {model}")
            continue
        commands = [[*bench, "step", model, *ours], torch_step(name, batch, tokens)]
        pairs = rounds(arguments.rounds, name, *commands)
        table.head(text)
        against_torch(table, pairs, *limits)
    if "recompute" in chosen:
        commands = [[*bench, "decoder", how] for how in ("auto", "none")]
        pairs = rounds(arguments.rounds, "recompute", *commands)
        if any(ours["loss"] != theirs["loss"] for ours, theirs in pairs):
            sys.exit("recomputed blocks change the loss")
        table.head("a decoder of 12 layers, 8 x 128 tokens, recomputed blocks against none:")
        table.row("whole step, processor time", pairs, step, 1.4)
        table.row("peak memory of the process while training", pairs, peak, 0.6)
        table.row("the same over what the loaded library takes", pairs, over_library)
        absolute("recomputed", pairs, "kept")
    for line in missing:
        print(f"\nnot measured: {line}")
    if table.missed:
        sys.exit(f"\n{table.missed} criteria missed")


if __name__ == "__main__":
    main()
