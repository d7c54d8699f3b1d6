"""``artcnn mnist``: a CNN from scratch, trained, tested and used on handwritten digits."""

from artcnn.cli.group import group
from artcnn.cli.mnist import compare, predict, show, test, train

app = group("mnist")
app.command("train")(train.train)
app.command("test")(test.evaluate)
app.command("predict")(predict.predict)
app.command("compare")(compare.compare)
app.command("show")(show.show)
