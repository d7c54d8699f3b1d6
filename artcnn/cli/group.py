"""Groups of commands that answer ``--help`` at once."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

ABOUT = {
    "mnist": "Train, test and use CNNs that read handwritten digits.",
    "speech": "Train, test and use CNNs that hear spoken words.",
    "go": "Train, test and play against CNNs that play Go.",
    "inspect": "Look inside a network: layers, filters, feature maps, favourite patches, reasons.",
}
"""The groups that are imported when one of their commands is named: all of them would take as long as the rest."""


class Group(TyperGroup):
    """Commands under one name."""

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401 - typer names these classes in private
        """Return the help option, told that it is off."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False  # from its own, None, typer would make a bool by importing pydantic
        return option

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer names these classes in private
        """Return the name and the command that arguments begin with, and the arguments behind it."""
        name, command, rest = super().resolve_command(ctx, args)
        if ctx.parent is None and name in ABOUT:
            command = typer.main.get_command(import_module(f"artcnn.cli.{name}").app)
        return name, command, rest


def group(name: str) -> typer.Typer:
    """Return one of the groups in ``ABOUT``, without commands."""
    return typer.Typer(cls=Group, help=ABOUT[name], rich_markup_mode=None, no_args_is_help=True, add_completion=False)
