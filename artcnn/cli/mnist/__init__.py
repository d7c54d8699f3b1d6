"""``artcnn mnist``: a CNN from scratch, trained, tested and used on handwritten digits."""

import typer

from artcnn.cli.group import Group
from artcnn.cli.mnist import compare, predict, show, test, train

app = typer.Typer(
    cls=Group,
    help="Train, test and use CNNs that read handwritten digits.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command("train")(train.train)
app.command("test")(test.measure)
app.command("predict")(predict.predict)
app.command("compare")(compare.compare)
app.command("show")(show.show)
