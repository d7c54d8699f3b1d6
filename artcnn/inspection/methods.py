"""The table of all methods of inspection, in the order in which a report shows what they find."""

from artcnn.inspection.answer_methods import Check, Fool, Occlusion, Saliency
from artcnn.inspection.input_methods import Caricature, Grid, Invert
from artcnn.inspection.layer_methods import Activations, Convolution, Filters, Layers, Patches
from artcnn.inspection.maximize_method import Maximize
from artcnn.inspection.method import Method

METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        Layers,
        Convolution,
        Filters,
        Activations,
        Patches,
        Maximize,
        Saliency,
        Occlusion,
        Invert,
        Caricature,
        Grid,
        Fool,
        Check,
    )
}

SECTIONS = tuple(section for method in METHODS.values() for section in method.sections)
"""The sections of a report, in their order there."""
