"""The Toronto report (2023): a dense network on 57 features, a plain CNN and a ResNet on pictures of spectrograms.

What the report says of the dense network: layers of 512, 256, 128 and 64, ReLU, dropout .2 after each, logits out (the
softmax is in PyTorch's CrossEntropyLoss). Of the CNN: 4 channels in; 16 and 32 filters of 3×3, stride and padding 1,
each with ReLU and 2×2 max pooling; adaptive average pooling to 1×1; one dense layer to the classes; 40 epochs. Of the
ResNet: only "a more complex ResNet architecture".

What it leaves open, and what is chosen here: whether features are standardised (they are, by the training part alone,
inside the model: a variance near 10⁶ stands beside a mean near 10⁻⁵); the size of the images (128 × 128, see
`genrelib.features.pictures`) and their scale (0 to 1, as PyTorch's ToTensor gives); optimiser, learning rate, batch
size and how weights start (Keras' defaults; He's normal in the ResNet, by its paper); which ResNet, see
`spectrogram_resnet`.
"""

from __future__ import annotations

from keras import Input, Model, layers

from genrelib.models.devices import MOMENTUM, batch_normalisation

BUILDERS = ("feature_mlp", "spectrogram_cnn", "spectrogram_resnet")  # what `genrelib.models` gives
HIDDEN = (512, 256, 128, 64)
DROPOUT = 0.2
CNN_FILTERS = (16, 32)
RESNET_FILTERS = (16, 32, 64)  # He et al. 2016, their networks for CIFAR-10
RESNET_BLOCKS = 2  # a stage, as in ResNet-18
WHITE = 255.0  # the largest uint8


def feature_mlp(*, n_features: int = 57, n_classes: int = 10) -> Model:
    """Build the report's final model: a dense network on a row of features. Claimed: .84 on validation.

    Parameters
    ----------
    n_features : int
        57 in the report.
    n_classes : int

    Returns
    -------
    keras.Model
        Uncompiled, from raw features (batch, n_features) to logits (batch, n_classes). Its layer ``standardised``
        passes features as they are until `genrelib.models.frontends.fit_standardisation` has seen the training rows,
        which `genrelib.training.loop.train` sees to; what was fitted is saved with the model.

    Examples
    --------
    >>> feature_mlp().output_shape
    (None, 10)
    """
    features = Input((n_features,), name="features")
    x = layers.Normalization(name="standardised", dtype="float32")(features)
    for units in HIDDEN:
        x = layers.Dense(units, activation="relu")(x)
        x = layers.Dropout(DROPOUT)(x)
    return Model(features, _logits(x, n_classes), name="feature_mlp")


def spectrogram_cnn(*, image_size: int = 128, channels: int = 4, n_classes: int = 10) -> Model:
    """Build the baseline: two convolutions over a picture of a spectrogram. Claimed: .42 on validation.

    Parameters
    ----------
    image_size : int
        Pixels a side.
    channels : int
        Red, green, blue and opacity in the report.
    n_classes : int

    Returns
    -------
    keras.Model
        Uncompiled, from pixels in 0..255 (batch, image_size, image_size, channels) to logits (batch, n_classes).

    Examples
    --------
    >>> spectrogram_cnn(image_size=64).output_shape
    (None, 10)
    """
    pixels, x = _pixels(image_size, channels)
    for n_filters in CNN_FILTERS:
        x = layers.Conv2D(n_filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    return Model(pixels, _logits(layers.GlobalAveragePooling2D()(x), n_classes), name="spectrogram_cnn")


def spectrogram_resnet(
    *,
    image_size: int = 128,
    channels: int = 4,
    n_classes: int = 10,
    filters: tuple[int, ...] = RESNET_FILTERS,
    blocks: int = RESNET_BLOCKS,
) -> Model:
    """Build the report's second image network, a residual one. Claimed: .70 on validation.

    The report leaves open which ResNet, how deep, and whether it was trained before on other pictures. Chosen: three
    stages of two basic blocks with 16, 32 and 64 filters (the widths of He et al. 2016 for CIFAR-10, the blocks a
    stage of their ResNet-18), behind the stem of their ImageNet networks (7×7 at stride 2, 3×3 max pooling at stride
    2), trained from scratch: 178,000 weights, which 40 epochs train in minutes without a GPU. A ResNet-18 has
    11 million, and weights that ImageNet shaped would take three of the four channels.

    Parameters
    ----------
    image_size, channels, n_classes
        See `spectrogram_cnn`, and there what is given.
    filters : tuple of int
        Filters of each stage; each but the first halves the picture.
    blocks : int
        Residual blocks a stage.

    Examples
    --------
    >>> spectrogram_resnet(image_size=64).output_shape
    (None, 10)
    """
    pixels, x = _pixels(image_size, channels)
    x = layers.Activation("relu")(_normed_convolution(x, filters[0], 7, stride=2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, n_filters in enumerate(filters):
        for block in range(blocks):
            x = _residual(x, n_filters, stride=2 if stage and not block else 1)
    return Model(pixels, _logits(layers.GlobalAveragePooling2D()(x), n_classes), name="spectrogram_resnet")


def _pixels(image_size, channels):
    pixels = Input((image_size, image_size, channels), name="pixels")
    return pixels, layers.Rescaling(1 / WHITE)(pixels)


def _residual(x, n_filters, *, stride):
    """Add what two convolutions find to what came in: He et al.'s basic block."""
    y = layers.Activation("relu")(_normed_convolution(x, n_filters, 3, stride=stride))
    y = _normed_convolution(y, n_filters, 3, stride=1)
    if stride > 1 or x.shape[-1] != n_filters:
        x = _normed_convolution(x, n_filters, 1, stride=stride)
    return layers.Activation("relu")(layers.Add()([x, y]))


def _normed_convolution(x, n_filters, width, *, stride):
    how = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
    return batch_normalisation(momentum=MOMENTUM)(layers.Conv2D(n_filters, width, strides=stride, **how)(x))


def _logits(x, n_classes):
    return layers.Dense(n_classes, dtype="float32", name="genre")(x)
