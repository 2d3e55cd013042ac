import Interface

/// The families of layers.
public let layerFamilies: [LayerFamily] = [
  convolutionLayers, paddingLayers,
  containers, linearLayers, recurrentLayers, activationLayers, dropoutLayers, embeddingLayers, shapeLayers, lossLayers,
]

/// The families of functions of this layer.
public let nnFamilies: [OperationFamily] = [
  convolutions, paddings,
  moduleMethods, layerMethods, functions, lossFunctions, softmaxFunctions, specialSoftmax, initializers]
