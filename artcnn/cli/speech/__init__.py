"""``artcnn speech``: a CNN that hears single words, trained, tested and used on recordings."""

import typer

from artcnn.cli.group import Group
from artcnn.cli.speech import compare, predict, test, train

app = typer.Typer(
    cls=Group,
    help="Train, test and use CNNs that hear spoken words.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command("train")(train.train)
app.command("test")(test.measure)
app.command("predict")(predict.predict)
app.command("compare")(compare.compare)
