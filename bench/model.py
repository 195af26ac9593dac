"""Training and scoring beside plain `transformers`, on the real weights, in the same run.

    python bench/model.py                 # both comparisons, a process for each contender
    python bench/model.py --steps 8

Training: tokens/s of LoRA tuning (rank 16 on all linear maps, bf16, batch 16 x about 150 tokens, loss on the
last 60), optimizer included, against the Trainer of `transformers` with the same adapters and data.
Scoring: items/s of the state at the score position, against one prompt at a time. Medians of steps and of passes; a run is
noisy on a shared machine, so trust the ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from trail.model.backbone import COMPILE_FROM, load_backbone, prepare_tuning
from trail.model.joint import score_states
from trail.model.losses import text_likelihood
from trail.model.memory import keep_freed_memory
from trail.model.optimizer import MasterAdamW
from trail.model.packing import Segment, pack
from trail.model.settings import PACKAGED, ModelSettings
from trail.model.slates import Slate
from trail.model.weights import backbone_folder

BATCH, TEXT = 16, 60
#: Tokens of real prompts at the score position (docs/log.md): of the common start, and mean and deviation of what follows it.
COMMON, MEAN, DEVIATION = 33, 75, 5
#: Timed passes over all items after the first one, which compiles.
TRIES = 3
SETTINGS = ModelSettings(tuning="lora")


def rows(count: int, seed: int = 0) -> list[tuple[list[int], list[int]]]:
    """Returns prompts of 80 to 98 tokens with texts of 60, random ids."""
    rng = np.random.default_rng(seed)
    return [
        (rng.integers(5, 40_000, rng.integers(80, 99)).tolist(), rng.integers(5, 40_000, TEXT).tolist())
        for _ in range(count)
    ]


def train_trail(steps: int) -> float:
    """Returns tokens/s of this project's own step."""
    backbone = load_backbone(backbone_folder(PACKAGED))
    tuned = prepare_tuning(backbone, SETTINGS)
    backbone.compile_layers()
    optimizer = MasterAdamW([(tuned, 1e-4, 0.0)], steps)
    data, speeds = rows(BATCH * steps), []
    for step in range(steps):
        batch = data[step * BATCH : (step + 1) * BATCH]
        begin = time.perf_counter()
        packed = pack(
            [[Segment(prompt), Segment(text, sees=(0,))] for prompt, text in batch], pad=backbone.pad
        )
        hidden = backbone(packed)
        ends = [spans[0][1] for spans in packed.spans]
        places = torch.tensor([[end - 1, *range(end, end + TEXT - 1)] for end in ends])
        states = hidden[torch.arange(BATCH)[:, None], places]
        labels = torch.tensor([text for _, text in batch])
        (-text_likelihood(states.flatten(0, 1), labels.flatten(), backbone.logits).mean()).backward()
        optimizer.step()
        speeds.append(sum(len(p) + len(t) for p, t in batch) / (time.perf_counter() - begin))
    return median(speeds[steps // 2 :])


def train_plain(steps: int) -> float:
    """Returns tokens/s of the Trainer with the same adapters, data and type."""
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, Trainer, TrainerCallback, TrainingArguments  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(backbone_folder(PACKAGED), dtype=torch.bfloat16)
    wanted = LoraConfig(r=SETTINGS.lora_rank, lora_alpha=2 * SETTINGS.lora_rank, target_modules="all-linear")
    model = get_peft_model(model, wanted)
    data = [{"input_ids": p + t, "labels": [-100] * len(p) + t} for p, t in rows(BATCH * steps)]

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        width = max(len(each["input_ids"]) for each in batch)
        padded = [(each, width - len(each["input_ids"])) for each in batch]
        return {
            "input_ids": torch.tensor([each["input_ids"] + [2] * pad for each, pad in padded]),
            "attention_mask": torch.tensor(
                [[1] * len(each["input_ids"]) + [0] * pad for each, pad in padded]
            ),
            "labels": torch.tensor([each["labels"] + [-100] * pad for each, pad in padded]),
        }

    class Clock(TrainerCallback):
        marks: list[float] = []  # noqa: RUF012 - one instance

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.marks.append(time.perf_counter())

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.marks.append(time.perf_counter())

    arguments = TrainingArguments(
        output_dir="/tmp/trail-bench",
        per_device_train_batch_size=BATCH,
        max_steps=steps,
        bf16=True,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        logging_strategy="no",
    )
    clock = Clock()
    Trainer(model=model, args=arguments, train_dataset=data, data_collator=collate, callbacks=[clock]).train()
    seconds = [end - begin for begin, end in zip(clock.marks[::2], clock.marks[1::2], strict=True)]
    tokens = sum(len(each["input_ids"]) for each in data) / steps
    return tokens / median(seconds[steps // 2 :])


def slate(count: int) -> Slate:
    """Returns prompts that share a common start, as long as real ones, random ids."""
    rng = np.random.default_rng(1)
    common = tuple(rng.integers(5, 40_000, COMMON).tolist())
    lengths = rng.normal(MEAN, DEVIATION, count).round().astype(int)
    prompts = tuple(tuple(rng.integers(5, 40_000, length).tolist()) for length in lengths)
    nothing = np.zeros((count, 4), dtype=np.float32)
    return Slate(common, prompts, nothing, nothing, np.zeros(count), np.zeros((0, 2), dtype=np.int64))


def score_trail(steps: int) -> float:
    """Returns items/s of batched scoring with a shared start."""
    backbone = load_backbone(backbone_folder(PACKAGED)).eval()
    count = max(COMPILE_FROM, 32 * steps)  # the first pass, which compiles, is not timed
    return _items(lambda: score_states(backbone, slate(count)), count)


def score_plain(steps: int) -> float:
    """Returns items/s of one prompt at a time with `transformers` as it comes, bf16."""
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(backbone_folder(PACKAGED), dtype=torch.bfloat16).eval()
    found = slate(4 * steps)

    def loop() -> None:
        with torch.inference_mode():
            for prompt in found.prompts:
                ids = torch.tensor([[*found.common, *prompt]])
                model(input_ids=ids, output_hidden_states=True).hidden_states[-1][0, -1]

    return _items(loop, 4 * steps)


def _items(work: Callable[[], object], count: int) -> float:
    work()
    seconds = []
    for _ in range(TRIES):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return count / median(seconds)


CONTENDERS: dict[str, Callable[[int], float]] = {
    "train_trail": train_trail,
    "train_plain": train_plain,
    "score_trail": score_trail,
    "score_plain": score_plain,
}


def main() -> None:
    """Runs every contender in a process of its own, one at a time, and prints the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        keep_freed_memory() if chosen.one.endswith("trail") else None
        print(json.dumps({"speed": CONTENDERS[chosen.one](chosen.steps)}))
        return
    found = {}
    for name in CONTENDERS:
        command = [sys.executable, str(Path(__file__)), "--one", name, "--steps", str(chosen.steps)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[name] = json.loads(next(line for line in out.splitlines() if line.startswith('{"speed"')))[
            "speed"
        ]
        print(
            f"{name:12} {found[name]:8.1f} {'tokens/s' if name.startswith('train') else 'items/s'}",
            flush=True,
        )
    print(f"training: {found['train_trail'] / found['train_plain']:.2f} x the Trainer (aim 1.7)")
    print(f"scoring:  {found['score_trail'] / found['score_plain']:.2f} x one at a time (aim 5)")


if __name__ == "__main__":
    main()
