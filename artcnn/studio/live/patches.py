"""Patches that units answer to most: searched a little further with each question, for all units of a layer at once.

A search through all pictures takes a minute or two with a deep layer. So a page that asks gets the best of what was
searched so far, and asks again; other questions come between. A second unit of the layer has its answer at once.
"""

from collections import OrderedDict
from collections.abc import Iterator
from time import monotonic

from torch import Tensor

from artcnn.inspection.collection import Collection, open_collection
from artcnn.inspection.patches import show_patches
from artcnn.reports.results import Finding
from artcnn.studio.live.requests import MOST_PATCHES, PatchesRequest
from artcnn.visualizers.network import Network
from artcnn.visualizers.patches import Patch, search_patches

SECONDS = 1.5
"""For which a question lets the search go on."""

_KEPT = 16
"""Searches, each of a layer; the best places of 512 units are a megabyte."""


class PatchSearches:
    """The searches that were begun, the last few of them."""

    def __init__(self) -> None:
        self._kept = OrderedDict[tuple[str, str], _Search]()

    def find(self, network: Network, request: PatchesRequest) -> tuple[Finding, int, int]:
        """Return a unit's best patches so far, how many pictures were searched, and how many there are.

        Raises:
            ArtcnnError: there is no such layer or unit, or its units see everything.
        """
        layer = network.layer(request.layer).name
        network.check_units(layer, [request.unit])
        key = network.name, layer
        if key not in self._kept:
            self._kept[key] = _Search(network, layer)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        search = self._kept[key]
        search.go_on(SECONDS)
        found = {request.unit: search.best[request.unit][: request.count]}
        finding = show_patches(network, layer, found, search.collection, request.count)
        return finding, search.searched, len(search.collection)


class _Search:
    """A search for the best patches of all units of a layer.

    Attributes:
        collection: the pictures.
        best: of those that were searched, the best patches of each unit.
        searched: how many were.
    """

    def __init__(self, network: Network, layer: str) -> None:
        self.collection: Collection = open_collection(network)
        self.best: dict[int, list[Patch]] = {}
        self.searched = 0
        units = list(range(network.shapes()[layer][0]))
        self._steps: Iterator[dict[int, list[Patch]]] = search_patches(
            network, layer, units, self._batches(), MOST_PATCHES
        )

    def _batches(self) -> Iterator[Tensor]:
        for batch in self.collection.batches():
            self.searched += len(batch)
            yield batch

    def go_on(self, seconds: float) -> None:
        """Search for some seconds, at least one batch, as long as there are any."""
        end = monotonic() + seconds
        for best in self._steps:
            self.best = best
            if monotonic() > end:
                return
