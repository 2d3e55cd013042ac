import Interface

/// The families of operations on tensors.
public let tensorFamilies: [OperationFamily] = [
  creation, arithmetic, elementary, comparison, reductions, views, indexing, matrixProducts, conversions,
  indexExpressions, strided, splitting, rearranging, joining, viewCopies, atenFunctions,
  ranges, windowFunctions, signalWindows, random, randomFilling, randomState, gradients,
  autogradFunctions, settings, configuration,
  scans, integration, scattering, indexedRows, maskedPlaces, diagonals, triangles, nonzeroPlaces, uniqueElements, sorting,
  moments, extremes, logSums, quantiles, histograms, searching, maskedReductions, segmentFolds,
  scaledProducts, contractions, linalgProducts, einsums,
  distances, linalgFactors, linalgFunctions, plainLinalg,
  division, powers, bounds, choice, pairFunctions, bits, exponentials, trigonometry, rounding, gammaAndError, specialFunctions, activations,
  activationFunctional, complexNumbers, fourier, shortTimeTransforms, weightNorms, operatingSystem,
]
