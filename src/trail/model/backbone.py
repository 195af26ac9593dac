"""A causal language model as the rest sees it: packed tokens in, hidden states out.

Shapes: B rows, L tokens, P tokens of a common start, H width, V vocabulary.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trail.errors import ModelError
from trail.model.memory import keep_freed_memory
from trail.model.packing import STEP, Packed
from trail.model.settings import ModelSettings

#: The attention of rows that follow a common start, as `transformers` knows it.
AFTER = "trail_after"
#: From so many rows on, compiling the layers pays for itself on a CPU.
COMPILE_FROM = 1000


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
        self.start = (0, 0)  # tokens of the common start that rows follow, and blanks after them
        self.may_compile = True
        self._compiled = False

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

    @property
    def can_share(self) -> bool:
        """Whether rows can follow a common start: whether every layer attends in the place and the way that most do."""
        return not self.capped and all(
            hasattr(layer, "self_attn") for layer in self.causal.get_decoder().layers
        )

    @property
    def capped(self) -> bool:
        """Whether attention scores are capped, which only the eager attention does."""
        return getattr(self.causal.config, "attn_logit_softcapping", None) is not None

    def encode(self, text: str) -> list[int]:
        """Returns the token ids of a piece of text, without special tokens: what reads like one is text as well."""
        return list(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids)

    def forward(self, packed: Packed) -> torch.Tensor:
        """Returns hidden states, shape (B, L, H); inside `after`, of rows that follow the common start."""
        rows, tokens = packed.ids.shape
        held, blank = self.start
        dtype = self.causal.dtype
        mask = torch.zeros((rows, 1, tokens, held + blank + tokens), dtype=dtype)
        mask[:, 0, :, held : held + blank] = torch.finfo(dtype).min
        mask[:, 0, :, held + blank :].masked_fill_(~packed.allowed, torch.finfo(dtype).min)
        out = self.causal.get_decoder()(
            input_ids=packed.ids, position_ids=packed.positions + held, attention_mask=mask, use_cache=False
        )
        hidden: torch.Tensor = out.last_hidden_state
        return hidden

    @contextmanager
    def after(self, ids: Sequence[int]) -> Iterator[None]:
        """Computes the keys and values of a common start once; rows decoded in the block follow it.

        Args:
            ids: Token ids of the start, P of them; with none the block changes nothing.
        """
        if not ids:
            yield
            return
        decoder = self.causal.get_decoder()
        with torch.compiler.set_stance("force_eager"):
            found = decoder(input_ids=torch.tensor([list(ids)]), use_cache=True).past_key_values
        before, blank = self.causal.config._attn_implementation, -len(ids) % STEP  # noqa: SLF001 - no getter
        for layer, kept in zip(decoder.layers, found.layers, strict=True):
            layer.self_attn.start = tuple(
                nn.functional.pad(each, (0, 0, 0, blank)) for each in (kept.keys, kept.values)
            )
        self.start = (len(ids), blank)
        self.causal.set_attn_implementation(AFTER)
        try:
            yield
        finally:
            self.causal.set_attn_implementation(before)
            self.start = (0, 0)
            for layer in decoder.layers:
                del layer.self_attn.start

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Returns vocabulary scores of the given states only, shape (..., V)."""
        scores: torch.Tensor = self.causal.get_output_embeddings()(hidden)
        return scores

    @contextmanager
    def reading(self, *, compiled: bool = False) -> Iterator[None]:
        """Runs a block without gradients and with the kernels that read fastest.

        On a CPU the eager attention trains two to four times faster and reads slower than sdpa.

        Args:
            compiled: Whether to use the compiled layers; they are worth it for many batches of one shape.
        """
        self.causal.set_attn_implementation("eager" if self.capped else "sdpa")
        training = self.model.training
        self.model.eval()  # some backbones drop out states while they train
        stance = nullcontext() if compiled else torch.compiler.set_stance("force_eager")
        try:
            with torch.inference_mode(), stance:
                yield
        finally:
            self.causal.set_attn_implementation("eager")
            self.model.train(training)

    @property
    def compiled(self) -> bool:
        """Whether the layers are compiled."""
        return self._compiled

    def recompute(self, *, wanted: bool) -> None:
        """Chooses whether training keeps a layer's activations or computes them again in the backward pass."""
        if wanted:
            self.causal.activation_checkpointing_enable({"use_reentrant": False})
        else:
            self.causal.activation_checkpointing_disable()

    def compile_layers(self) -> bool:
        """Compiles each decoder layer for fixed shapes, once; returns whether they are compiled.

        One code object serves all layers; it needs a variant for every length and for frozen, first tuned
        and tuned layers, more than the default limit allows. Without a C++ compiler layers stay as they are.
        """
        if self._compiled or not self.may_compile:
            return self._compiled
        if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
            return False
        torch._dynamo.config.recompile_limit = 128  # noqa: SLF001 - its documented place
        for layer in self.causal.get_decoder().layers:
            layer.compile(dynamic=False)
        self._compiled = True
        return True


def _attend_after(  # noqa: PLR0917 - the signature of `transformers`
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attends to the layer's common start and to the row; an attention function of `transformers`.

    Keys and values handed over as a cache would be copied for every row and tie compiled layers to their place. Heads
    that share keys are left to torch, which copies nothing for them; rows are only read here, so nothing drops out.
    """
    first = [each.expand(len(query), -1, -1, -1) for each in module.start]
    key, value = torch.cat([first[0], key], dim=2), torch.cat([first[1], value], dim=2)
    found = nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, scale=scaling, enable_gqa=key.shape[1] < query.shape[1]
    )
    return found.transpose(1, 2).contiguous(), None


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
    from transformers import AttentionInterface, AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - slow
    from transformers.utils import logging  # noqa: PLC0415 - as above

    logging.disable_progress_bar()
    AttentionInterface.register(AFTER, _attend_after)
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
    backbone.may_compile = settings.compile is not False
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
