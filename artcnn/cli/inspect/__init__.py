"""``artcnn inspect``: see what a network has learned, and what it looks at."""

from artcnn.cli.group import group
from artcnn.cli.inspect.command import command
from artcnn.cli.inspect.layers import layers
from artcnn.cli.inspect.report import report
from artcnn.inspection.methods import METHODS

app = group("inspect", "report")
for name, method in METHODS.items():
    app.command(name)(layers if name == "layers" else command(method))
app.command("report")(report)
