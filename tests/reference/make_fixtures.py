"""Writes the small networks of tests/onnx_fixtures.rs: exported by PyTorch as users export theirs,
with the loss and the gradients that PyTorch computes.

    python make_fixtures.py ../fixtures/onnx

Needs torch, transformers, onnx, onnxscript, safetensors. Each network becomes NAME.onnx (outputs
`loss` and more) and NAME.safetensors (`input.*`, `loss`, `grad.*` by ONNX name).
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
from safetensors.numpy import save_file
from torch import nn

from reference_gradients import by_onnx_name

warnings.filterwarnings("ignore")


def cross_entropy(logits, labels):
    chosen = torch.gather(torch.log_softmax(logits, -1), -1, labels.unsqueeze(-1))
    return -chosen.mean()


class Encoder(nn.Module):
    """A two-layer BERT with mean pooling."""

    def __init__(self):
        super().__init__()
        from transformers import BertConfig, BertModel

        config = BertConfig(
            vocab_size=40,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=16,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.head = nn.Linear(16, 5)

    def forward(self, input_ids, attention_mask, labels):
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        logits = self.head((hidden * mask).sum(1) / mask.sum(1))
        return cross_entropy(logits, labels), logits

    def inputs(self):
        mask = torch.ones(3, 7, dtype=torch.int64)
        mask[1, 4:] = 0
        return {
            "input_ids": torch.randint(0, 40, (3, 7)),
            "attention_mask": mask,
            "labels": torch.tensor([1, 4, 0]),
        }, ["batch", "tokens"]


class Decoder(nn.Module):
    """A two-layer Llama with grouped queries, rotary positions and RMS normalisation."""

    def __init__(self):
        super().__init__()
        from transformers import LlamaConfig, LlamaForCausalLM

        config = LlamaConfig(
            vocab_size=37,
            hidden_size=16,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=32,
            tie_word_embeddings=False,
            use_cache=False,
        )
        self.model = LlamaForCausalLM(config)

    def forward(self, input_ids, labels):
        logits = self.model(input_ids=input_ids, use_cache=False).logits
        return cross_entropy(logits, labels), logits

    def inputs(self):
        return {
            "input_ids": torch.randint(0, 37, (2, 6)),
            "labels": torch.randint(0, 37, (2, 6)),
        }, ["batch", "tokens"]


class Recogniser(nn.Module):
    """A small reader of text lines: convolutions, also depthwise ones, batch normalisation, squeeze
    and excitation, pooling, then a classifier for each column."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
            nn.Hardswish(),
            # Not right behind a convolution, where the exporter would fold it away.
            nn.BatchNorm2d(8),
        )
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.norm = nn.BatchNorm2d(8)
        self.squeeze = nn.Conv2d(8, 4, 1)
        self.excite = nn.Conv2d(4, 8, 1)
        self.mix = nn.Conv2d(8, 12, (3, 3), padding=1, dilation=1)
        self.norm2 = nn.GroupNorm(3, 12)
        self.head = nn.Linear(12, 9)

    def forward(self, image, labels):
        x = self.stem(image)
        y = self.norm(torch.relu(self.depthwise(x)))
        gate = torch.nn.functional.hardsigmoid(
            self.excite(torch.relu(self.squeeze(y.mean((2, 3), keepdim=True))))
        )
        x = x + y * gate
        x = torch.nn.functional.max_pool2d(x, 2, 2)
        x = torch.nn.functional.silu(self.norm2(self.mix(x)))
        x = torch.nn.functional.avg_pool2d(x, (2, 1), (2, 1))
        x = x.mean(2).transpose(1, 2)
        logits = self.head(x)
        return cross_entropy(logits, labels), logits

    def inputs(self):
        return {
            "image": torch.randn(2, 3, 16, 24),
            "labels": torch.randint(0, 9, (2, 6)),
        }, ["batch"]


class Painter(nn.Module):
    """Down and up again: strided and transposed convolutions, resizing, skip connections."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(2, 6, 4, stride=2, padding=1)
        self.deeper = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1)
        self.norm = nn.InstanceNorm2d(6, affine=True)
        self.out = nn.Conv2d(12, 3, 3, padding=1, padding_mode="zeros")

    def forward(self, image, labels):
        a = torch.nn.functional.leaky_relu(self.down(image), 0.1)
        b = torch.nn.functional.elu(self.deeper(a))
        c = torch.nn.functional.gelu(self.norm(self.up(b)))
        joined = torch.cat([a, c], 1)
        large = torch.nn.functional.interpolate(
            joined, scale_factor=2.0, mode="bilinear", align_corners=False
        )
        logits = self.out(large).permute(0, 2, 3, 1)
        return cross_entropy(logits, labels), logits

    def inputs(self):
        return {
            "image": torch.randn(2, 2, 8, 12),
            "labels": torch.randint(0, 3, (2, 8, 12)),
        }, ["batch"]


def jitter(module):
    """Weights and running statistics that are not all zeros and ones."""
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        if value.dtype.is_floating_point and value.numel() > 1:
            with torch.no_grad():
                if "running_var" in name:
                    value.copy_(0.5 + torch.rand_like(value))
                elif value.std() < 1e-6:
                    value.add_(0.2 * torch.randn_like(value))


def export(name, module, out, opset, dynamo):
    torch.manual_seed(sum(map(ord, name)))
    module = module().eval()
    jitter(module)
    inputs, symbols = module.inputs()
    axes = {
        key: {axis: symbols[axis] for axis in range(min(len(symbols), value.dim()))}
        for key, value in inputs.items()
    }
    path = out / f"{name}.onnx"
    arguments = dict(
        input_names=list(inputs), output_names=["loss", "logits"], opset_version=opset
    )
    if dynamo:
        dims = {s: torch.export.Dim(s, min=2) for s in symbols}
        program = torch.onnx.export(
            module,
            (),
            kwargs=inputs,
            dynamo=True,
            dynamic_shapes={k: {a: dims[s] for a, s in d.items()} for k, d in axes.items()},
            verbose=False,
            **arguments,
        )
        program.save(path, external_data=False)
    else:
        torch.onnx.export(
            module, tuple(inputs.values()), path, dynamo=False, dynamic_axes=axes, **arguments
        )
    loss = module(**inputs)[0]
    loss.backward()
    model = onnx.load(path)
    gradients, missing = by_onnx_name(model, module)
    for node in model.graph.node:
        node.doc_string = ""
        kept = [p for p in node.metadata_props if p.key == "pkg.torch.onnx.name_scopes"]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    del model.graph.value_info[:]
    onnx.save(model, path)
    arrays = {f"input.{k}": v.numpy() for k, v in inputs.items()}
    arrays["loss"] = loss.detach().numpy().reshape(1)
    arrays.update({f"grad.{k}": v for k, v in gradients.items()})
    arrays = {k: np.ascontiguousarray(v) for k, v in arrays.items()}
    save_file(arrays, str(out / f"{name}.safetensors"))
    print(
        f"{name}: opset {model.opset_import[0].version}, {len(model.graph.node)} nodes, "
        f"{path.stat().st_size // 1024} KiB, {len(gradients)} gradients, without one: {missing}"
    )


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for name, module, opset, dynamo in [
        ("encoder", Encoder, 18, True),
        ("encoder_13", Encoder, 14, False),
        ("decoder", Decoder, 18, True),
        ("decoder_23", Decoder, 23, True),
        ("recogniser", Recogniser, 18, True),
        ("recogniser_13", Recogniser, 13, False),
        ("painter", Painter, 20, True),
    ]:
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        try:
            export(name, module, out, opset, dynamo)
        except Exception as error:  # the others are still wanted
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}")


if __name__ == "__main__":
    main()
