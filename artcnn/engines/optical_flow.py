"""Optical flow by dense inverse search (Kroeger, Timofte, Dai and Van Gool 2016, arXiv:1603.03590), of OpenCV."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from artcnn.engines.motion import Motion, reliability
from artcnn.extras import importing


class InverseSearchFlow:
    """Dense inverse search: no weights, and a few hundredths of a second for a frame of 512 x 288 pixels.

    Raises:
        MissingExtraError: OpenCV is not installed.
    """

    def __init__(self) -> None:
        with importing("video"):
            import cv2
        # The fastest preset that is right to a third of a pixel.
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def estimate(self, before: Tensor, after: Tensor) -> Motion:
        """Return how ``after`` moved since ``before``, frames of shape (1, 3, H, W), sRGB in [0, 1]."""
        old, new = _to_gray(before), _to_gray(after)
        backward, forward = (self._flow(*pair).to(after) for pair in ((new, old), (old, new)))
        return Motion(backward, reliability(backward, forward))

    def _flow(self, of: Any, to: Any) -> Tensor:  # noqa: ANN401 - arrays of OpenCV
        """Return the flow of each pixel of one gray frame to another, shape (1, 2, H, W)."""
        flow: Any = self._search.calc(of, to, None)  # type: ignore[call-overload]
        return torch.from_numpy(flow).permute(2, 0, 1)[None].contiguous()


def _to_gray(frame: Tensor) -> Any:  # noqa: ANN401 - an array of OpenCV
    """Return the luma of a frame, (H, W), in 8 bits."""
    luma = torch.einsum("c,cyx->yx", frame.new_tensor([0.299, 0.587, 0.114]), frame[0].detach())
    return np.ascontiguousarray(luma.mul(255).round().clamp(0, 255).byte().cpu().numpy())
