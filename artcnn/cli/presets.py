"""``artcnn presets``: list the presets, and print one."""

import json
from typing import Annotated

import typer

from artcnn.cli.group import App
from artcnn.cli.table import print_table

app = App("List the presets, and show what is in them.")


@app.callback(invoke_without_command=True)
def list_presets(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List all presets with what they do, those in your own folder included."""
    if context.invoked_subcommand:
        return
    from artcnn.locations import user_presets_dir
    from artcnn.presets import RECIPES, preset_files, read_preset

    presets = [read_preset(path, kind) for kind in RECIPES for path in preset_files(kind).values()]
    if as_json:
        rows = [{"kind": p.kind, "name": p.name, "description": p.description, "path": str(p.path)} for p in presets]
        typer.echo(json.dumps(rows, indent=2))
        return
    print_table(("command", "preset", "what it does"), [(p.kind, p.name, p.description) for p in presets])
    typer.echo(f"\nYour own presets: {user_presets_dir()}/dream/NAME.toml, style/NAME.toml, ...", err=True)


@app.command("show")
def show_preset(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A preset, such as fine, style/default, or a .toml file.")
    ],
) -> None:
    """Print all settings of a preset and what they mean, as a file to start your own from."""
    import tomli_w

    from artcnn.presets import RECIPES, find_preset, make_recipe

    preset = find_preset(name)
    recipe = make_recipe(preset.kind, preset.settings)
    typer.echo(f"# {preset.kind} preset {preset.name}, {preset.path}")
    typer.echo(tomli_w.dumps({"kind": preset.kind, "description": preset.description}))
    for setting, value in recipe.model_dump(exclude_none=True).items():
        meaning = RECIPES[preset.kind].model_fields[setting].description or ""
        typer.echo(f"# {meaning.replace('``', '')}")
        typer.echo(tomli_w.dumps({setting: value}), nl=False)
