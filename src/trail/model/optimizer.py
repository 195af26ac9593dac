"""AdamW on fp32 masters of what is tuned: pure bfloat16 loses small updates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn


class MasterAdamW:
    """Keeps an fp32 copy of every tuned parameter, steps it, and rounds it back.

    Args:
        groups: Parameters with their peak learning rate and weight decay.
        steps: Optimizer steps of the whole run; the rate warms up over the first twentieth and then falls
            along a cosine to a tenth.
    """

    def __init__(self, groups: Sequence[tuple[Sequence[nn.Parameter], float, float]], steps: int) -> None:
        self.steps, self.done = max(1, steps), 0
        self.rates = [rate for _, rate, _ in groups]
        self.pairs: list[tuple[nn.Parameter, torch.Tensor]] = []
        wanted = []
        for parameters, rate, decay in groups:
            masters = [parameter.detach().float().clone() for parameter in parameters]
            self.pairs += list(zip(parameters, masters, strict=True))
            wanted.append({"params": masters, "lr": rate, "weight_decay": decay})
        self.optimizer = torch.optim.AdamW(wanted, betas=(0.9, 0.98), foreach=True)

    def rate(self) -> float:
        """Returns the factor of the learning rate at the present step."""
        warm = max(1, self.steps // 20)
        if self.done < warm:
            return (self.done + 1) / warm
        part = (self.done - warm) / max(1, self.steps - warm)
        return 0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, part)))

    def step(self, clip: float = 1.0) -> float:
        """Steps the masters by the gathered gradients, clears them, and returns their norm before clipping."""
        for parameter, master in self.pairs:
            master.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        norm = nn.utils.clip_grad_norm_([master for _, master in self.pairs], clip)
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * self.rate()
        self.optimizer.step()
        self.done += 1
        self.write_back()
        return float(norm)

    @torch.no_grad()
    def write_back(self) -> None:
        """Rounds the masters into the parameters."""
        for parameter, master in self.pairs:
            parameter.copy_(master)

    @torch.no_grad()
    def read_in(self) -> None:
        """Takes the parameters as the new masters."""
        for parameter, master in self.pairs:
            master.copy_(parameter)

    def state(self) -> dict[str, Any]:
        """Returns everything that a resumed run needs."""
        return {
            "done": self.done,
            "masters": [master for _, master in self.pairs],
            "adam": self.optimizer.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up a saved state."""
        self.done = int(state["done"])
        with torch.no_grad():
            for (_, master), saved in zip(self.pairs, state["masters"], strict=True):
                master.copy_(saved)
        self.optimizer.load_state_dict(state["adam"])
        self.write_back()
