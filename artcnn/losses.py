"""What a picture is asked to come close to: pure functions of tensors, minimised.

Features have shape (1, C, H, W), Gram matrices (C, C), losses ``()``.
"""

from torch import Tensor


def gram_matrix(features: Tensor) -> Tensor:
    """Return the Gram matrix of the channels, shape (C, C): which of them are active together, wherever that is.

    Gatys et al. 2015 (arXiv:1508.06576), equation 3.
    """
    _, channels, height, width = features.shape
    flat = features.reshape(channels, height * width)
    # Differs from the paper: divided by C * H * W, so that pictures of different size can be compared.
    return flat @ flat.T / (channels * height * width)


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of two layers' features (arXiv:1508.06576, equation 1).

    Differs from the paper: a mean, not half the sum.
    """
    return (features - target).square().mean()


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of two Gram matrices (arXiv:1508.06576, equation 4).

    Differs from the paper: the factor is in :func:`gram_matrix`.
    """
    return (gram - target).square().mean()


def total_variation(image: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring pixels, down plus across; 0 for a single colour.

    Mahendran and Vedaldi 2015 (arXiv:1412.0035), section 3, with beta = 2.
    """
    down = image[..., 1:, :] - image[..., :-1, :]
    across = image[..., :, 1:] - image[..., :, :-1]
    return down.square().mean() + across.square().mean()
