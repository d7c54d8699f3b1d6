"""``artcnn presets``: which recipes there are, and what is in them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli.group import App
from artcnn.cli.table import print_table
from artcnn.errors import RecipeError, did_you_mean

if TYPE_CHECKING:
    from artcnn.presets import Preset

app = App("List the presets and look into them.")


@app.callback(invoke_without_command=True)
def list_presets(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON, for machines.")] = False,
) -> None:
    """List every preset with what it does; files in your own folder add to them."""
    if context.invoked_subcommand:
        return
    from artcnn.locations import user_presets_dir
    from artcnn.presets import RECIPES, preset_files, read_preset

    presets = [read_preset(path, kind) for kind in RECIPES for path in preset_files(kind).values()]
    if as_json:
        rows = [{"kind": p.kind, "name": p.name, "description": p.description, "path": str(p.path)} for p in presets]
        typer.echo(json.dumps(rows, indent=2))
        return
    print_table(("command", "preset", "what one sees"), [(p.kind, p.name, p.description) for p in presets])
    typer.echo(f"\nYour own: {user_presets_dir()}/dream/NAME.toml or style/NAME.toml", err=True)


@app.command("show")
def show_preset(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A preset, such as fine, style/default, or a .toml file.")
    ],
) -> None:
    """Print a preset's full recipe, with what each setting means: a file to start your own from."""
    import tomli_w

    from artcnn.presets import RECIPES, make_recipe

    preset = _find(name)
    recipe = make_recipe(preset.kind, preset.settings)
    typer.echo(f"# {preset.kind} preset {preset.name}, {preset.path}")
    typer.echo(tomli_w.dumps({"kind": preset.kind, "description": preset.description}))
    for setting, value in recipe.model_dump(exclude_none=True).items():
        meaning = RECIPES[preset.kind].model_fields[setting].description or ""
        typer.echo(f"# {meaning.replace('``', '')}")
        typer.echo(tomli_w.dumps({setting: value}), nl=False)


def _find(name: str) -> "Preset":
    """Return the preset called ``NAME`` or ``COMMAND/NAME``, or in a file."""
    from artcnn.presets import RECIPES, load_preset, preset_files, read_preset

    before, _, rest = name.partition("/")
    command = next((kind for kind in RECIPES if kind == before), None)
    if command and not name.endswith(".toml"):
        return load_preset(command, rest)
    if name.endswith(".toml"):
        return read_preset(Path(name))
    kinds = [kind for kind in RECIPES if name in preset_files(kind)]
    if len(kinds) > 1:
        raise RecipeError(
            f"several presets are called '{name}'", hint=f"say {' or '.join(f'{kind}/{name}' for kind in kinds)}"
        )
    if not kinds:
        every = [known for kind in RECIPES for known in preset_files(kind)]
        raise RecipeError(f"no preset '{name}'", hint=did_you_mean(name, dict.fromkeys(every)))
    return load_preset(kinds[0], name)
