import Interface

/// The families of layers.
public let layerFamilies: [LayerFamily] = [containers, linearLayers, recurrentLayers]

/// The families of functions of this layer.
public let nnFamilies: [OperationFamily] = [moduleMethods, initializers]
