"""What the processor can do, and what of it torch and oneDNN use."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass

import torch

_CONVOLVE = """
import torch
torch.nn.functional.conv2d(torch.ones(1, 64, 48, 48), torch.ones(64, 64, 3, 3))
"""

_ISA = re.compile(r"^onednn_verbose,.*\bcpu,isa:(.+)$", re.MULTILINE)

LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables of the environment by which people limit instructions and threads."""


@dataclass(frozen=True)
class Processor:
    """The processor as this process sees it.

    Attributes:
        machine: its architecture, such as ``"x86_64"``.
        cores: logical cores that this process may use.
        threads: that torch computes with.
        torch: the instructions that torch's own functions use, such as ``"AVX2"``.
        onednn: those that oneDNN, which computes the convolutions, says it uses; None if it does not say.
        bfloat16: the instructions for bfloat16 that torch finds, such as ``"avx512_bf16"``, whether they are used or
            not; None if this version of torch does not list any.
        limits: the variables of the environment among ``LIMITS`` that are set.
    """

    machine: str
    cores: int
    threads: int
    torch: str
    onednn: str | None
    bfloat16: tuple[str, ...] | None
    limits: dict[str, str]


def examine_processor() -> Processor:
    """Return what the processor can do; this starts a process that computes a convolution."""
    list_abilities = getattr(torch.cpu, "get_capabilities", None)  # new in torch 2.11
    abilities = None if list_abilities is None else list_abilities()
    return Processor(
        machine=platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        threads=torch.get_num_threads(),
        torch=torch.backends.cpu.get_cpu_capability(),
        onednn=_ask_onednn(),
        bfloat16=None
        if abilities is None
        else tuple(sorted(n for n, there in abilities.items() if there is True and "bf16" in n)),
        limits={name: os.environ[name][:20] for name in LIMITS if name in os.environ},
    )


def _ask_onednn() -> str | None:
    """Return the instructions that oneDNN says it uses, where torch has it; it says so only once a process."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return None
    try:
        told = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _CONVOLVE],
            env=os.environ | {"ONEDNN_VERBOSE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _ISA.search(told)
    return found[1].strip() if found else None
