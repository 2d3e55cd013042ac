import Interface
import NN
import Torch

/// The classes of pruning methods, each declared by one statement. Mirrors the classes of `torch.nn.utils.prune`.
// Written by its initializer alone, read ever after.
public final class PruningMethods: @unchecked Sendable {
  /// The classes in the order of their declaration; the base first.
  public private(set) var types: [PruningMethodType]
  /// The class all derive from. Mirrors `BasePruningMethod`.
  public let base = PruningMethodType(
    "BasePruningMethod", parent: nil,
    doc: "The base of pruning methods: derive a class, set PRUNING_TYPE and define compute_mask(self, t, default_mask). Mirrors torch.nn.utils.prune.BasePruningMethod.")
  /// Declarations that cannot stand; tests demand that there is none.
  public private(set) var mistakes: [String] = []

  init(_ body: (PruningMethods) -> Void) {
    types = [base]
    body(self)
  }

  /// Declares a class: the signature of its constructor, whose arguments become attributes, what `apply` takes after
  /// the module and the name, and the Swift class.
  func define(_ text: String, apply: String? = nil, _ native: PruningMethod.Type, doc: String) {
    do {
      let make = try Schema(parsing: text)
      let signatures = try apply.map { (make, try Schema(parsing: "apply(Module module, str name\($0))")) }
      types.append(PruningMethodType(make.name, parent: base, doc: doc, native: native, signatures: signatures))
    } catch { mistakes.append("\(error)") }
  }

  /// The class of this name.
  public func type(_ name: String) -> PruningMethodType? { types.first { $0.name == name } }
}

/// The classes of pruning methods.
public let pruningMethods = PruningMethods { methods in
  methods.define("PruningContainer()", PruningContainer.self, doc: "Methods that prune one tensor one after the other. Mirrors torch.nn.utils.prune.PruningContainer.")
  methods.define("Identity()", apply: "", Identity.self, doc: "Prunes nothing, but gives the module a mask of ones. Mirrors torch.nn.utils.prune.Identity.")
  methods.define(
    "RandomUnstructured(Scalar amount)", apply: ", Scalar amount", RandomUnstructured.self,
    doc: "Prunes elements at random: a fraction of those left, or a number. Mirrors torch.nn.utils.prune.RandomUnstructured.")
  methods.define(
    "L1Unstructured(Scalar amount)", apply: ", Scalar amount, Tensor? importance_scores=None", L1Unstructured.self,
    doc: "Prunes the elements of least magnitude: a fraction of those left, or a number. Mirrors torch.nn.utils.prune.L1Unstructured.")
  methods.define(
    "RandomStructured(Scalar amount, int dim=-1)", apply: ", Scalar amount, int dim=-1", RandomStructured.self,
    doc: "Prunes channels along dim at random: a fraction of those left, or a number. Mirrors torch.nn.utils.prune.RandomStructured.")
  methods.define(
    "LnStructured(Scalar amount, Scalar n, int dim=-1)", apply: ", Scalar amount, Scalar n, int dim, Tensor? importance_scores=None", LnStructured.self,
    doc: "Prunes the channels along dim of least n-norm (a number, math.huge, 'fro' or 'nuc'): a fraction of those left, or a number. Mirrors torch.nn.utils.prune.LnStructured.")
  methods.define(
    "CustomFromMask(Tensor mask)", apply: ", Tensor mask", CustomFromMask.self,
    doc: "Prunes by a mask of ones and zeros. Mirrors torch.nn.utils.prune.CustomFromMask.")
}
