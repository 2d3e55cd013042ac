import Interface

/// The families of layers.
public let layerFamilies: [LayerFamily] = [
  containers, linearLayers, recurrentLayers, activationLayers, dropoutLayers, embeddingLayers, shapeLayers, lossLayers,
]

/// The families of functions of this layer.
public let nnFamilies: [OperationFamily] = [moduleMethods, layerMethods, functions, softmaxFunctions, initializers]
