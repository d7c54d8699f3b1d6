"""``artcnn inspect``: see what a network has learnt, and what it looks at."""

from artcnn.cli.group import group
from artcnn.cli.inspect import (
    activations,
    check,
    convolution,
    filters,
    fool,
    invert,
    layers,
    maximize,
    occlusion,
    patches,
    report,
    saliency,
)

app = group("inspect", "report")
app.command("layers")(layers.layers)
app.command("convolution")(convolution.convolution)
app.command("filters")(filters.filters)
app.command("activations")(activations.activations)
app.command("patches")(patches.patches)
app.command("maximize")(maximize.maximize)
app.command("saliency")(saliency.saliency)
app.command("occlusion")(occlusion.occlusion)
app.command("invert")(invert.invert)
app.command("fool")(fool.fool)
app.command("check")(check.check)
app.command("report")(report.report)
