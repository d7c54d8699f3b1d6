"""Files of ``torch.export.save`` (.pt2), read as data: no pickle in them is opened, and no expression evaluated.

``torch.export.load`` unpickles parts of such a file, evaluates expressions of it and calls whatever function of torch
it names (torch 2.14, torch/export/pt2_archive/_package.py and torch/_export/serde/serialize.py): a file can run any
code. Here only two parts are read: the description of the graph, which is JSON, and the bytes of tensors.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import torch
from torch import Tensor, nn

from artcnn.errors import ModelError
from artcnn.nets.exported_graph import Graph, Name, Operation, Stack

_MODEL = "/models/model.json"
_FORMAT = 8
"""The version of torch's schema that is read (torch/_export/serde/schema.yaml), by its first number."""
_DTYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 4: torch.preserve_format}
_KEYWORD = 2
_WRONG = (
    OSError,
    EOFError,
    BadZipFile,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    RuntimeError,
)


def read_exported(path: Path) -> Graph:
    """Return the network that is in a file.

    Raises:
        ModelError: it is no such file, is damaged, takes anything but one picture, or has what only code can read.
    """
    try:
        with ZipFile(path) as archive:
            return _read(archive, path)
    except _WRONG as error:
        raise ModelError(f"{path} is no network that torch.export saved, or a damaged one") from error


def _read(archive: ZipFile, path: Path) -> Graph:
    if any(entry.compress_type != ZIP_STORED for entry in archive.infolist()):
        raise ValueError("torch compresses nothing: a small file could become large")
    (model,) = (name for name in archive.namelist() if name.endswith(_MODEL))
    root = model.removesuffix(_MODEL)
    told = json.loads(archive.read(model))
    version = told["schema_version"]["major"]
    if version != _FORMAT:
        raise ModelError(f"{path} was saved in format {version} of torch.export, and format {_FORMAT} is read")
    graph, signature = told["graph_module"]["graph"], told["graph_module"]["signature"]
    operations = [_operation(node) for node in graph["nodes"]]
    if any(one.arguments.get("training", one.arguments.get("train")) is True for one in operations):
        raise ModelError(f"{path} was exported while it was trained", hint="call .eval() before torch.export.export")
    tensors = _tensors(archive, root, "weights", path) | _tensors(archive, root, "constants", path)
    paths, pictures = _inputs(signature["input_specs"])
    if len(pictures) != 1:
        raise ModelError(f"{path} takes {len(pictures)} inputs ({', '.join(pictures)}), and is shown one picture")
    (output,) = graph["outputs"]
    sizes = graph["tensor_values"][pictures[0]]["sizes"]
    return Graph(
        operations=operations,
        tensors={at: tensors[at] for at in paths.values()},
        paths=paths,
        picture=pictures[0],
        shape=tuple(int(size.get("as_int", 0)) for size in sizes),
        output=str(output["as_tensor"]["name"]),
    )


def _inputs(specs: list[Mapping[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """Return the path of each tensor by its name in the graph, and the names of the network's inputs."""
    paths: dict[str, str] = {}
    pictures: list[str] = []
    for spec in specs:
        ((kind, told),) = spec.items()
        if kind == "user_input":
            pictures.append(str(next(iter(told["arg"].values()))["name"]))
        else:
            paths[str(told["arg"]["name"])] = str(told[f"{kind}_name"])
    return paths, pictures


def _tensors(archive: ZipFile, root: str, folder: str, path: Path) -> dict[str, Tensor]:
    """Return the tensors of a folder of the archive, by their path in the network."""
    config = json.loads(archive.read(f"{root}/data/{folder}/model_{folder}_config.json"))["config"]
    shared: dict[str, Tensor] = {}
    found: dict[str, Tensor] = {}
    for name, told in config.items():
        file = told["path_name"]
        if told["use_pickle"] or not re.fullmatch(r"(weight|tensor)_\d+", file):
            says = f"{path}: '{name}' in it is a pickle, which can carry code that runs when it is read"
            raise ModelError(says, hint="load it in a function of your own, and use --model FILE.py:FUNCTION")
        key = json.dumps(told)
        if key not in shared:
            tensor = _tensor(archive.read(f"{root}/data/{folder}/{file}"), told["tensor_meta"])
            shared[key] = nn.Parameter(tensor, False) if told["is_param"] else tensor
        found[name] = shared[key]
    return found


def _tensor(data: bytes, told: Mapping[str, Any]) -> Tensor:
    sizes, strides = ([int(size["as_int"]) for size in told[key]] for key in ("sizes", "strides"))
    flat = torch.frombuffer(bytearray(data), dtype=_DTYPES[told["dtype"]])
    # torch checks that all of it lies within the bytes
    return flat.as_strided(sizes, strides, int(told["storage_offset"]["as_int"])).clone()


def _operation(node: Mapping[str, Any]) -> Operation:
    inputs = {str(one["name"]): _argument(one["arg"]) for one in node["inputs"]}
    return Operation(
        target=str(node["target"]).removeprefix("torch.ops."),
        arguments=inputs,
        keywords=frozenset(str(one["name"]) for one in node["inputs"] if one["kind"] == _KEYWORD),
        outputs=tuple(_output(output) for output in node["outputs"]),
        stack=_stack(node["metadata"].get("nn_module_stack", "")),
    )


def _output(output: Mapping[str, Any]) -> str | tuple[str, ...]:
    ((kind, told),) = output.items()
    if kind == "as_tensors":
        return tuple(str(one["name"]) for one in told)
    return str(told["name"] if kind == "as_tensor" else told["as_name"])


def _stack(text: str) -> Stack:
    """Return the modules that ``call,path,class;...`` names, but for the outermost."""
    parts = [entry.split(",") for entry in text.split(";") if entry.count(",") == 2]
    return tuple((call, path) for call, path, _ in parts if path and not path.startswith("_empty"))


def _argument(told: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of any kind
    """Return an argument of an operation; in place of a value its name."""
    ((kind, value),) = told.items()
    return _ARGUMENTS[kind](value)


def _size(told: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return Name(told["as_name"]) if "as_name" in told else next(iter(told.values()))


def _tensor_or_none(told: Mapping[str, Any]) -> Name | None:
    return Name(told["as_tensor"]["name"]) if "as_tensor" in told else None


def _of(*kinds: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, kinds):
            raise TypeError(f"{value!r} is of a wrong type")
        return value

    return check


def _list(entry: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: [entry(value) for value in values]


_ARGUMENTS: Mapping[str, Callable[[Any], Any]] = {
    "as_none": lambda _: None,
    "as_tensor": lambda told: Name(told["name"]),
    "as_tensors": _list(lambda told: Name(told["name"])),
    "as_optional_tensor": _tensor_or_none,
    "as_optional_tensors": _list(_tensor_or_none),
    "as_int": _of(int),
    "as_ints": _list(_of(int)),
    "as_float": _of(float, int),
    "as_floats": _list(_of(float, int)),
    "as_bool": _of(bool),
    "as_bools": _list(_of(bool)),
    "as_string": _of(str),
    "as_sym_int": _size,
    "as_sym_ints": _list(_size),
    "as_sym_bool": _size,
    "as_sym_float": _size,
    "as_scalar_type": lambda number: _DTYPES[number],
    "as_memory_format": lambda number: _FORMATS[number],
    "as_layout": lambda _: torch.strided,
    "as_device": lambda _: torch.device("cpu"),
}
