import Interface

/// The families of layers.
public let layerFamilies: [LayerFamily] = slidingLayers + [
  plainRecurrentLayers, distanceLayers, bilinearLayers, parameterContainers, adaptiveLayers,
  containers, linearLayers, recurrentLayers, activationLayers, dropoutLayers, embeddingLayers, shapeLayers, lossLayers, attentionLayers, transformerLayers,
]

/// The families of functions of this layer.
public let nnFamilies: [OperationFamily] = slidingFamilies + [
  convolutions, paddings,
  moduleMethods, layerMethods, functions, softmaxFunctions, specialSoftmax, initializers,
  lossFunctions, dropoutFunctions, dropoutOperations, embeddingFunctions, embeddingClassMethods,
  uninitializedTensors, lazyMethods, plainForms, memoryMethods,
  attentionFunctions, transformerMethods, sequenceFunctions, structuredInitializers, parameterTools, containerMethods, adaptiveMethods,
]
