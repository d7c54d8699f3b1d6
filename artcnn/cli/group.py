"""Groups of commands that answer ``--help`` at once, and how ``--help`` is laid out."""

from collections.abc import Callable
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from shlex import quote
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from artcnn.cli.option_groups import expand
from artcnn.cli.options import SECTIONS
from artcnn.extras import require

LAZY = {
    "instant": "Paint photos at once, by a network that has learned the style.",
    "mnist": "Train, test and use CNNs that read handwritten digits.",
    "speech": "Train, test and use CNNs that hear spoken words.",
    "go": "Train, test and play against CNNs that play Go.",
    "inspect": "Look inside a network: filters, maps, and why it answers so.",
}
"""Groups that are imported only when one of their commands is named: to import all takes as long as everything else."""

NAMELESS = "-"
"""The name of a command that stands for its group: ``artcnn instant photo.jpg`` beside ``artcnn instant styles``."""

_TERM_WIDTH = 28


class Command(TyperCommand):
    """A command whose ``--help`` shows its options in sections.

    Attributes:
        extras: the optional packages without which it cannot run.
        group: the group that it stands for, whose other commands its ``--help`` lists.
    """

    extras: tuple[str, ...] = ()
    group: "Group | None" = None

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's classes are private
        """Run the command.

        Raises:
            MissingExtraError: it needs packages that are not installed.
        """
        require(*self.extras)
        return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's classes are private
        """Parse the arguments. What is missing behind 'PHOTO...' is named: typer would miss a photo."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            given = self.make_parser(ctx).parse_args(args=words)[0]
            last = [parameter for parameter in self.get_params(ctx) if parameter.param_type_name == "argument"][-1:]
            missed = getattr(error, "param", None)
            if missed is not None and not given.get(missed.name) and any(given.get(one.name) for one in last):
                ctx.fail(f"Missing argument '{last[0].metavar}'.")
            raise

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return a sentence that a list of commands has place for: the first one, or as much of it as makes sense."""
        sentence = cleandoc(self.help or "").partition("\n\n")[0].replace("\n", " ").partition(". ")[0].rstrip(".")
        for end in (":", ";", ","):
            if len(sentence) < limit:
                break
            sentence = sentence[:limit].rpartition(end)[0] or sentence
        return f"{sentence}."

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer's classes are private
        """Return what stands behind the command's name in the line on its usage."""
        arguments = (parameter for parameter in self.get_params(ctx) if parameter.param_type_name == "argument")
        pieces = self.options_metavar, *(argument.metavar for argument in arguments)
        return [piece for piece in pieces if piece]

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - typer's classes are private
        """Write what the command does, and each example on a line of its own, to be copied."""
        about, _, examples = cleandoc(self.help or "").partition("\n\nExamples: ")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(about)
        if examples:
            with formatter.section("Examples"):
                for example in " ".join(examples.split()).split(" · "):
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's classes are private
        """Return the help option."""
        return _without_default(super().get_help_option(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer's classes are private
        """Write the arguments, then each section of options that has any."""
        rows: dict[str, list[tuple[str, str]]] = {name: [] for name in ("Arguments", *SECTIONS)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            is_argument = parameter.param_type_name == "argument"
            section = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or "Options"
            if record is not None:
                rows[section].append(record)
        if len(rows["Options"]) == 1 and rows["Output"]:  # --help alone
            rows["Output"] += rows.pop("Options")
        longest = min(_TERM_WIDTH, max(len(term) for section in rows.values() for term, _ in section))
        for name, (first, *others) in ((name, section) for name, section in rows.items() if section):
            with formatter.section(name):
                formatter.write_dl([(first[0].ljust(longest), first[1]), *others], _TERM_WIDTH)
        if self.group is not None:
            self.group.format_commands(ctx, formatter)


class Group(TyperGroup):
    """Commands under one name."""

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's classes are private
        """Return the help option."""
        return _without_default(super().get_help_option(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's classes are private
        """Return the name and the command that arguments begin with, and the arguments behind it."""
        if ctx.parent is None and args[0] not in self.commands:
            if args[0] in ("help", "version"):
                ctx.fail(f"No such command '{args[0]}'. Did you mean 'artcnn --{args[0]}'?")
            if Path(args[0]).exists():
                ctx.fail(f"No such command '{args[0]}', but a file. Did you mean: artcnn dream {quote(args[0])}")
        name, command, rest = super().resolve_command(ctx, args)
        if ctx.parent is None and name in LAZY:
            command = _choose(typer.main.get_command(import_module(f"artcnn.cli.{name}").app), rest)
        return name, command, rest


def _choose(group: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's classes are private
    """Return the group; its command without a name, if it has one and the arguments begin with no other."""
    nameless = group.commands.get(NAMELESS)
    if nameless is None or (args and args[0] in group.commands.keys() - {NAMELESS}):
        return group
    nameless.group = group
    return nameless


def _without_default(help_option: Any) -> Any:  # noqa: ANN401 - typer's classes are private
    if help_option is not None:
        help_option.default = False  # typer would import pydantic to make a bool of its own, None
    return help_option


class App(typer.Typer):
    """A group of commands; a parameter of a command may stand for a group of options.

    Args:
        about: what its ``--help`` says.
        extras: the optional packages that all of its commands need.
        kind: typer's class of the group.
        settings: what else typer takes.
    """

    def __init__(
        self,
        about: str,
        *,
        extras: tuple[str, ...] = (),
        kind: type[Group] = Group,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        self._command = type("Command", (Command,), {"extras": extras})
        # Completion's two options would make typer import pydantic for every --help.
        super().__init__(cls=kind, help=about, rich_markup_mode=None, add_completion=False, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:  # noqa: ANN401
        """Return what adds a function as a command."""
        add = super().command(name, cls=self._command, **settings)
        return lambda function: add(expand(function))


def group(name: str, *extras: str) -> App:
    """Return one of the ``LAZY`` groups, without commands, all of which need these extras."""
    return App(LAZY[name], extras=extras, no_args_is_help=True)
