"""``artcnn go``: a CNN that plays the next move of Go, trained, tested, asked and played against."""

import typer

from artcnn.cli.go import match, play, suggest, test, train
from artcnn.cli.group import Group

app = typer.Typer(
    cls=Group,
    help="Train, test and play against CNNs that play Go.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command("train")(train.train)
app.command("test")(test.measure)
app.command("suggest")(suggest.suggest)
app.command("play")(play.play)
app.command("match")(match.match)
