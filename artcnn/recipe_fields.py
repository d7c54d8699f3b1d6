"""The settings of a recipe as its source states them. The recipes themselves need pydantic, which is slow to import."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

_MODULES = "recipes", "training_recipes", "settings"
_SCALARS = {"int": int, "float": float, "bool": bool}
_UNLIMITED = 1e9
"""A limit above this keeps numbers finite, and is not worth showing."""
_LIMITS = {"ge": "{:g} or more", "gt": "above {:g}", "le": "up to {:g}", "lt": "below {:g}"}
"""The keywords of a field that limit a number, and how a help text says so."""

FLAGS = {"start": "from", "end": "to"}
"""Options that are not called as their setting."""

Definition = TypeVar("Definition", ast.ClassDef, ast.Assign)


@dataclass(frozen=True)
class RecipeField:
    """One setting.

    Attributes:
        type: int, float or bool; str for everything else, which the recipe parses.
        choices: the words that are allowed; empty if it is not a choice.
        bounds: the allowed range in words, such as ``"1 to 20"``; may be empty.
        default: the default value, or None if it is not a single value.
        meaning: the docstring.
    """

    type: type
    choices: tuple[str, ...]
    bounds: str
    default: str | None
    meaning: str

    @property
    def help(self) -> str:
        """The meaning, with the range and the default."""
        default = "" if self.default is None else f"default {self.default}"
        facts = "; ".join(fact for fact in (self.bounds, default) if fact)
        return f"{self.meaning} [{facts}]" if facts else self.meaning


@cache
def recipe_fields(recipe: str) -> Mapping[str, RecipeField]:
    """Return the settings of a recipe, inherited ones first, by the name of its class."""
    definition = _find(recipe, ast.ClassDef)
    fields: dict[str, RecipeField] = {}
    for base in reversed(definition.bases):  # as Python looks them up: the first wins
        if isinstance(base, ast.Name) and base.id != "BaseModel":
            fields |= recipe_fields(base.id)
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            fields[statement.target.id] = _field(statement, following)
    return fields


def _field(statement: ast.AnnAssign, docstring: ast.stmt) -> RecipeField:
    """Return the setting that ``name: annotation = default`` and the string below it define."""
    kind: type = str
    choices: tuple[str, ...] = ()
    limits: dict[str, float] = {}
    for part in _parts(statement.annotation):
        match part:
            case ast.Name(id=name) if name in _SCALARS:
                kind = _SCALARS[name]
            case ast.Subscript(value=ast.Name(id="Literal"), slice=words):
                found = ast.literal_eval(words)
                choices = found if isinstance(found, tuple) else (found,)
            case ast.Call(func=ast.Name(id="Field")):
                values = {
                    str(keyword.arg): _number(keyword.value) for keyword in part.keywords if keyword.arg in _LIMITS
                }
                limits = {name: value for name, value in values.items() if value is not None}
    return RecipeField(kind, choices, _in_words(limits), _default(statement.value), _text(docstring))


def _default(value: ast.expr | None) -> str | None:
    match value:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as number):
            return f"{number:g}"
        case ast.Constant(value=str(word)):
            return word
    return None


def _parts(annotation: ast.expr) -> Iterator[ast.expr]:
    """Yield what an annotation is made of, aliases of the module resolved; ``X | None`` is X."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr()):
            yield from _parts(left)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *metadata])):
            yield from _parts(inner)
            yield from metadata
        case ast.Name(id=name) if name not in _SCALARS and name != "str":
            yield from _parts(_find(name, ast.Assign).value)
        case _:
            yield annotation


def _in_words(limits: Mapping[str, float]) -> str:
    if limits.keys() == {"ge", "le"}:
        return f"{limits['ge']:g} to {limits['le']:g}"
    return ", ".join(words.format(limits[name]) for name, words in _LIMITS.items() if name in limits)


def _number(node: ast.expr) -> float | None:
    """Return a number in the source, or None for a limit that is not to be shown."""
    try:
        value = float(ast.literal_eval(node))
    except (ValueError, TypeError):
        return None  # an expression such as 2**63
    return value if abs(value) < _UNLIMITED else None


def _text(statement: ast.stmt) -> str:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(text.replace("``", "").split())
    return ""


def _find(name: str, kind: type[Definition]) -> Definition:
    """Return the class, or the assignment, of that name in one of the modules of recipes."""
    for module in _MODULES:
        found = _definitions(module).get(name)
        if isinstance(found, kind):
            return found
    raise LookupError(name)


@cache
def _definitions(module: str) -> dict[str, ast.stmt]:
    """Return the top-level classes and assignments of a module by name."""
    tree = ast.parse((Path(__file__).with_name(f"{module}.py")).read_text(encoding="utf-8"))
    found: dict[str, ast.stmt] = {}
    for statement in tree.body:
        match statement:
            case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = statement
    return found
