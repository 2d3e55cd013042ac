import Interface
import NN
import OrderedCollections
import Torch

/// Holds the packed weights of one layer and direction and keeps them in state dicts. Mirrors `PackedParameter`.
public final class PackedParameter: Module {
  /// The packed weights.
  public internal(set) var param: CellParams

  init(_ param: CellParams) {
    self.param = param
    super.init()
  }

  public override var typeName: String { "PackedParameter" }
  public override var typeModule: String { "torch.ao.nn.quantized.dynamic.modules.rnn" }

  public override func attribute(_ name: String) throws -> Value? { name == "param" ? .object(param) : try super.attribute(name) }

  public override func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    try super.saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
    destination[prefix + "param"] = .object(param)
  }

  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    guard case .object(let object) = try load.state.required(prefix + "param"), let given = object as? CellParams else {
      throw TorchError.type("\(prefix)param: packed weights of a recurrent cell were expected")
    }
    if given.hiddenWeight.inFeatures != param.hiddenWeight.inFeatures || given.inputWeight.inFeatures != param.inputWeight.inFeatures
      || given.inputWeight.outFeatures != param.inputWeight.outFeatures
    {
      throw TorchError.runtime("\(prefix)param: the packed weights have other sizes than this module")
    }
    param = given
  }

  /// With the packed weights.
  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    saved["param"] = .object(param)
    return saved
  }

  static var savedForm: SavedForm { SavedForm(("torch.ao.nn.quantized.dynamic.modules.rnn", "PackedParameter"), restore: restored) }

  /// A holder of what a file keeps.
  private static func restored(_ state: ModuleState) throws -> PackedParameter {
    var state = state
    guard case .object(let param as CellParams)? = state.attributes.removeValue(forKey: "param") else {
      throw TorchError.value("the state of a PackedParameter lacks its weights")
    }
    let holder = PackedParameter(param)
    try holder.restore(state)
    return holder
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = PackedParameter(
      try CellParams(
        inputWeight: param.inputWeight.copied(memo), hiddenWeight: param.hiddenWeight.copied(memo), reduceRange: param.reduceRange))
    try copyContents(to: copy, memo)
    return copy
  }
}
