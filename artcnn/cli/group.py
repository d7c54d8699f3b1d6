"""A group of commands that answers ``--help`` at once."""

from typing import Any

from typer.core import TyperGroup


class Group(TyperGroup):
    """Commands under one name."""

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401 - typer names these classes in private
        """Return the help option, told that it is off."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False  # from its own, None, typer would make a bool by importing pydantic
        return option
