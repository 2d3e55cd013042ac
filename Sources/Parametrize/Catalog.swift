import Interface
import NN

/// The families of operations that put a function of parameters in a parameter's place. Mirrors `torch.nn.utils.parametrize`
/// and `torch.nn.utils.parametrizations`.
public let parametrizeFamilies: [OperationFamily] = [registrations, parametrizationMethods, parametrizations, normHooks]

/// The layers that such functions are, and the list that holds them.
public let parametrizeLayerFamilies: [LayerFamily] = [parametrizationLists]
