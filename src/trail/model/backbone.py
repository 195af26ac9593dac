"""A causal language model as the rest sees it: packed tokens in, hidden states out.

Shapes: B rows, L tokens, P tokens of a common start, H width, V vocabulary.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trail.errors import ModelError
from trail.model.memory import keep_freed_memory
from trail.model.packing import Packed
from trail.model.settings import ModelSettings


class Backbone(nn.Module):
    """A decoder with its tokenizer.

    Args:
        model: A `transformers` causal language model.
        tokenizer: Its tokenizer.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer

    @property
    def causal(self) -> Any:
        """The causal language model without the wrapper of adapters."""
        return self.model.get_base_model() if hasattr(self.model, "peft_config") else self.model

    @property
    def width(self) -> int:
        """Width of a hidden state, H."""
        return int(self.causal.get_input_embeddings().embedding_dim)

    @property
    def pad(self) -> int:
        """Id of the padding token."""
        found = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if found is None else found)

    @property
    def end(self) -> int:
        """Id of the token that ends a text."""
        return int(self.tokenizer.eos_token_id)

    def encode(self, text: str) -> list[int]:
        """Returns the token ids of a piece of text, without special tokens."""
        return list(self.tokenizer(text, add_special_tokens=False).input_ids)

    def forward(self, packed: Packed) -> torch.Tensor:
        """Returns hidden states, shape (B, L, H)."""
        return self._decode(packed, None)

    def after(self, start: Any, packed: Packed) -> torch.Tensor:
        """Returns hidden states of rows that follow a common start, shape (B, L, H).

        Args:
            start: What `common` returned.
            packed: The rest of the rows.
        """
        return self._decode(packed, start)

    def common(self, ids: Sequence[int]) -> Any:
        """Computes the keys and values of a common start once; shape (1, P) tokens."""
        tokens = torch.tensor([list(ids)])
        return self.causal.get_decoder()(input_ids=tokens, use_cache=True).past_key_values

    def _decode(self, packed: Packed, start: Any) -> torch.Tensor:
        rows, tokens = packed.ids.shape
        held = 0 if start is None else start.get_seq_length()
        dtype = self.causal.dtype
        mask = torch.zeros((rows, 1, tokens, held + tokens), dtype=dtype)
        mask[:, 0, :, held:].masked_fill_(~packed.allowed, torch.finfo(dtype).min)
        past = None
        if start is not None:
            past = copy.deepcopy(start)
            past.batch_repeat_interleave(rows)
        out = self.causal.get_decoder()(
            input_ids=packed.ids,
            position_ids=packed.positions + held,
            attention_mask=mask,
            past_key_values=past,
            use_cache=past is not None,
        )
        hidden: torch.Tensor = out.last_hidden_state
        return hidden

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Returns vocabulary scores of the given states only, shape (..., V)."""
        scores: torch.Tensor = self.causal.get_output_embeddings()(hidden)
        return scores

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Runs a block without gradients and with the kernels that read fastest.

        On a CPU the eager attention trains two to four times faster and reads slower than sdpa; the compiled
        layers keep to the shapes of training.
        """
        self.causal.set_attn_implementation("sdpa")
        try:
            with torch.inference_mode(), torch.compiler.set_stance("force_eager"):
                yield
        finally:
            self.causal.set_attn_implementation("eager")

    def recompute(self, *, wanted: bool) -> None:
        """Chooses whether training keeps a layer's activations or computes them again in the backward pass."""
        if wanted:
            self.causal.activation_checkpointing_enable({"use_reentrant": False})
        else:
            self.causal.activation_checkpointing_disable()

    def compile_layers(self) -> None:
        """Compiles each decoder layer for fixed shapes.

        One code object serves all layers; it needs a variant for every length and for frozen, first tuned
        and tuned layers, more than the default limit allows. Without a C++ compiler layers stay as they are.
        """
        if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
            return
        torch._dynamo.config.recompile_limit = 128  # noqa: SLF001 - its documented place
        for layer in self.causal.get_decoder().layers:
            layer.compile(dynamic=False)


def load_backbone(folder: Path, dtype: torch.dtype = torch.bfloat16) -> Backbone:
    """Loads a causal language model and its tokenizer from a folder.

    Args:
        folder: What `transformers` saved.
        dtype: Type of the weights; bfloat16 is eight times as fast as fp32 where the processor has AMX.

    Raises:
        ModelError: If `transformers` cannot load it.
    """
    keep_freed_memory()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - slow to import
    from transformers.utils import logging  # noqa: PLC0415 - as above

    logging.disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"transformers cannot load {folder}: {error}",
            expected="a causal language model",
            where="[model] backbone",
        ) from error
    return Backbone(model, tokenizer)


def prepare_tuning(backbone: Backbone, settings: ModelSettings) -> list[nn.Parameter]:
    """Freezes what is not tuned and returns the backbone's trained parameters.

    `top`: the upper layers and the last norm. `lora`: adapters on all linear maps, in the backbone's own
    type (fp32 adapters in a bf16 model cost a third of the speed). `full`: everything.
    """
    if settings.tuning == "lora":
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - only adapters need it

        wanted = LoraConfig(
            r=settings.lora_rank, lora_alpha=2 * settings.lora_rank, target_modules="all-linear"
        )
        backbone.model = get_peft_model(backbone.causal, wanted, autocast_adapter_dtype=False)
        backbone.model.to(backbone.causal.dtype)
        return [each for each in backbone.model.parameters() if each.requires_grad]
    backbone.requires_grad_(requires_grad=settings.tuning == "full")
    if settings.tuning == "top":
        decoder = backbone.causal.get_decoder()
        for part in (*decoder.layers[-settings.top_layers :], decoder.norm):
            part.requires_grad_(requires_grad=True)
    return [each for each in backbone.parameters() if each.requires_grad]
