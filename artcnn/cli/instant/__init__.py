"""``artcnn instant``: photos painted at once, by a network that has learned the style."""

from artcnn.cli.group import NAMELESS, group
from artcnn.cli.instant import learn, photos, styles

app = group("instant")
app.command(NAMELESS, hidden=True)(photos.instant)
app.command("styles")(styles.styles)
app.command("learn")(learn.learn)
