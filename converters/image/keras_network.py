"""Keras' ResNet-152 with random weights or with those of a file. Import it after `keras_runtime.prepare`."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from converters.image.core import NORMALISATIONS, SIDE, Floats
from converters.image.keras_weights import load_weights
from converters.image.pictures import pictures
from converters.image.untrained import BRANCH_SCALE, PICTURES, PICTURES_SEED, spread

NORMALISATION = NORMALISATIONS["keras-caffe"]
POOL, HEAD = "avg_pool", "predictions"  # names of layers in keras.applications


def resnet152() -> keras.Model:
    """Normalised BGR float [n, 224, 224, 3] → logits [n, 1000], the weights as Keras initialises them."""
    return keras.applications.ResNet152(weights=None, classifier_activation=None)


def randomise(network: keras.Model) -> None:
    """Give a residual network weights with which different pictures get different answers; see `untrained.py`."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # the statistics of the last batch
            if layer.name.endswith("_3_bn"):
                layer.gamma.assign(np.full(layer.gamma.shape, BRANCH_SCALE))
    pooled = keras.Model(network.input, network.get_layer(POOL).output)
    features = as_graph(pooled, training=True)(NORMALISATION(pictures(PICTURES, PICTURES_SEED)))
    head = network.get_layer(HEAD)
    head.set_weights(spread(features, head.kernel.numpy()))


def as_graph(network: keras.Model, *, training: bool = False) -> Callable[[Floats], Floats]:
    """The network's forward pass, [n, 224, 224, 3] → [n, outputs], as a TensorFlow graph.

    A graph frees what is not needed any more; the network called as it is keeps all 500 layers' results: 12 GB for 32
    pictures.
    """
    images = tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)
    forward = tf.function(lambda batch: network(batch, training=training), input_signature=[images])
    return lambda batch: np.asarray(forward(batch).numpy())


def untrained(seed: int) -> keras.Model:
    """ResNet-152 with random weights; seeds Python's, numpy's and TensorFlow's generators."""
    keras.utils.set_random_seed(seed)
    network = resnet152()
    randomise(network)
    return network


def restored(path: Path) -> keras.Model:
    """ResNet-152 with the weights of a file; raises WeightsError."""
    network = resnet152()
    load_weights(network, path)
    return network
