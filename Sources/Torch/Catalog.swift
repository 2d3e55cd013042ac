import Interface

/// The families of operations on tensors.
public let tensorFamilies: [OperationFamily] = [
  creation, arithmetic, elementary, comparison, reductions, views, indexing, matrixProducts, conversions, strided, splitting, rearranging, joining, viewCopies, atenFunctions, random, gradients,
  autogradFunctions, settings,
  scaledProducts, contractions, linalgProducts, einsums,
  distances, linalgFactors, linalgFunctions, plainLinalg,
  division, powers, bounds, choice, pairFunctions, bits, exponentials, trigonometry, rounding, gammaAndError, specialFunctions, activations,
  activationFunctional,
]
