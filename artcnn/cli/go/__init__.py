"""``artcnn go``: a CNN that plays the next move of Go, trained, tested, asked and played against."""

from artcnn.cli.go import compare, match, play, suggest, test, train
from artcnn.cli.group import group

app = group("go", "go")
app.command("train")(train.train)
app.command("test")(test.evaluate)
app.command("compare")(compare.compare)
app.command("suggest")(suggest.suggest)
app.command("play")(play.play)
app.command("match")(match.match)
