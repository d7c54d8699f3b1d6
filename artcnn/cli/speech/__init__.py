"""``artcnn speech``: a CNN that hears single words, trained, tested and used on recordings."""

from artcnn.cli.group import group
from artcnn.cli.speech import compare, predict, test, train

app = group("speech", "speech")
app.command("train")(train.train)
app.command("test")(test.evaluate)
app.command("predict")(predict.predict)
app.command("compare")(compare.compare)
