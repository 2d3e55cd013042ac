import Interface
import TensorCore
import Torch

/// Functions of layers without a state of their own. Mirrors `torch.nn.functional`.
public enum Functional {}
