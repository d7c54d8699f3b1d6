"""The example of Hung-yi Lee's lecture on convolutional networks: a picture of 6 x 6 pixels and two filters."""

import torch

PICTURE = torch.tensor(
    [
        [1.0, 0, 0, 0, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 1, 0, 0],
        [1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 1, 0],
    ]
)
"""Shape (6, 6): ink 1 on 0."""

FILTERS = torch.tensor(
    [
        [[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]],
        [[-1.0, 1, -1], [-1, 1, -1], [-1, 1, -1]],
    ]
)
"""Shape (2, 3, 3): the first looks for a line from the upper left down, the second for one straight down."""
