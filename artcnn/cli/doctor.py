"""``artcnn doctor``: what there is on this machine, and whether artcnn works on it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from artcnn.jobs.doctor import Device, Examination
    from artcnn.jobs.self_test import SelfTest

_WIDTH = 14


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False) -> None:
    """Test whether artcnn works here; for a bug report.

    It prints versions, devices, memory and extras. It has no path and no name in it. The exit code is 1 if something
    is wrong.
    """
    typer.echo("testing this machine; that takes up to a minute", err=True)
    from artcnn.jobs.doctor import examine

    found = examine()
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
    else:
        for line in _lines(found):
            typer.echo(line)
    if found.problems:
        raise typer.Exit(1)


def _lines(found: "Examination") -> "Iterator[str]":
    from artcnn.machine.memory import format_gigabytes

    yield _row("artcnn", found.version)
    yield _row("Python", found.python)
    yield _row("system", found.system)
    yield _row("packages", ", ".join(f"{name} {there or 'not installed'}" for name, there in found.packages.items()))
    yield from _processor_lines(found)
    free = " and ".join(f"{format_gigabytes(count)} within the {name}" for name, count in found.memory.items())
    yield _row("memory left", free or "not known on this system")
    for device in found.devices:
        yield _row("device", _describe_device(device))
    for cache in found.caches:
        yield _row("on the disk", f"{cache['name']}: {cache['files']} files, {cache['bytes'] / 1e6:.1f} MB")
    for extra in found.extras:
        there = ", ".join(f"{package} {number}" for package, number in extra["versions"].items())  # type: ignore[attr-defined]
        missing = f"not installed: {extra['install']}"
        yield _row("extra", f"{extra['name']}: {there if extra['installed'] else missing}")
    for weights in found.weights:
        damaged = (
            ", damaged" if weights["status"] in ("bundled", "installed", "cached") and not weights["verified"] else ""
        )
        yield _row("weights", f"{weights['name']}: {weights['status']}{damaged}")
    yield _row("files", f"{found.shipped.checked}, {len(found.shipped.damaged) or 'none'} damaged")
    for test in found.self_tests:
        yield _row("self-test", _describe_test(test))
    yield ""
    yield from (f"wrong: {problem}" for problem in found.problems)
    if not found.problems:
        yield "Nothing is wrong."


def _processor_lines(found: "Examination") -> "Iterator[str]":
    processor = found.processor
    yield _row(
        "processor", f"{processor.machine}, {processor.cores} cores for this process, {processor.threads} threads"
    )
    yield _row("instructions", f"torch uses {processor.torch}, oneDNN {processor.onednn or 'does not say'}")
    if processor.bfloat16 is not None:
        yield _row("bfloat16", f"the processor has {', '.join(processor.bfloat16) or 'no instructions for it'}")
    for name, value in processor.limits.items():
        yield _row("limited by", f"{name}={value}")


def _describe_device(device: "Device") -> str:
    from artcnn.machine.memory import format_gigabytes

    words = f"{device.name}{f' ({device.model})' if device.model else ''}"
    if device.is_auto:
        words += ", which --device auto takes"
    if device.error is not None:
        return f"{words}: does not work"
    if device.free is not None:
        words += f", {format_gigabytes(device.free)} free"
    if device.bfloat16_time is None:
        return f"{words}; --precision auto takes {device.precision}"
    share = f"bfloat16 takes {device.bfloat16_time:.2g} times as long as float32"
    return f"{words}; --precision auto takes {device.precision}: {share}"


def _describe_test(test: "SelfTest") -> str:
    where = f"{test.device}, {test.precision}"
    if test.deviation is None:
        return f"{where}: failed"
    verdict = "passed" if test.passed else "failed"
    distance = f"{test.deviation:.2g} from the expected values ({test.tolerance:g} allowed)"
    return f"{where}: {verdict}, {distance}, {test.seconds:.1f} s"


def _row(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}}{text}"
