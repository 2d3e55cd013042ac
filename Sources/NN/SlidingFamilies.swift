import Interface

/// The families of functions of windows that slide, of normalization and of resampling.
let slidingFamilies: [OperationFamily] = [
  averagePoolings, plainAveragePoolings, maxPoolings, plainMaxPoolings, normalizations, plainNormalizations, statisticsMethods,
  interpolations, plainInterpolations, rearrangements, foldings, gridSamplings, plainGridSamplings,
]

/// The families of their layers.
let slidingLayers: [LayerFamily] = [
  convolutionLayers, paddingLayers, poolingLayers, batchNormalizationLayers, instanceNormalizationLayers, normalizationLayers,
  upsamplingLayers, pixelLayers, channelLayers, foldingLayers,
]
