import Interface
import NN

/// The families of operations that prune models. Mirrors `torch.nn.utils.prune`, and what makes pruned models small and fast.
public let pruneFamilies: [OperationFamily] = [
  pruneFunctions, globalPruning, pruningChecks, pruningMethodMethods,
  compactionFunctions,
  sparsification, sparseLinearMethods,
]

/// The layers that pruned models are made of.
public let pruneLayerFamilies: [LayerFamily] = [
  sparseLayers,
]
