import Interface
import Torch

/// One run of `load_state_dict`: what is loaded, how, and what was found wrong so far.
public final class StateDictLoad {
  /// The state dict, by full path; hooks may change it.
  public internal(set) var state: OrderedDict
  /// Whether the state dict's tensors take the place of the module's own.
  public let assign: Bool
  /// Keys a module wanted and did not find.
  public var missingKeys: [String] {
    get { missing.texts }
    set { missing.texts = newValue }
  }
  /// Keys no module wanted.
  public var unexpectedKeys: [String] {
    get { unexpected.texts }
    set { unexpected.texts = newValue }
  }
  /// Sentences about single tensors.
  public var errors: [String] {
    get { mistakes.texts }
    set { mistakes.texts = newValue }
  }
  let (missing, unexpected, mistakes) = (TextList(), TextList(), TextList())

  init(_ state: OrderedDict, assign: Bool) {
    self.state = state
    self.assign = assign
  }

  /// The keys below a prefix, in order.
  public func keys(under prefix: String) -> [String] {
    state.entries.keys.compactMap { key in
      if case .string(let text) = key, text.hasPrefix(prefix) { text } else { nil }
    }
  }

  /// The class version the state dict notes for the module at `prefix` (which ends in a dot or is empty); nil where it notes none.
  public func version(at prefix: String) -> Int? {
    guard case .object(let object)? = state.attributes["_metadata"], let metadata = object as? OrderedDict,
      let entry = metadata[prefix.hasSuffix(".") ? String(prefix.dropLast()) : prefix]
    else { return nil }
    switch entry {
    case .dictionary(let rows):
      for (key, value) in rows {
        if case .string("version") = key, case .integer(let version) = value { return version }
      }
    case .object(let object as OrderedDict):
      if case .integer(let version)? = object["version"] { return version }
    default: break
    }
    return nil
  }
}

/// What `load_state_dict` gives: the keys that did not match. Mirrors PyTorch's named tuple.
public final class IncompatibleKeys: SchemaResult, CustomStringConvertible {
  /// Keys of the module that the state dict lacks.
  public var missingKeys: [String] { missing.texts }
  /// Keys of the state dict that the module lacks.
  public var unexpectedKeys: [String] { unexpected.texts }
  /// The same as lists that can be changed; hooks get these.
  public let missing, unexpected: TextList
  /// Whether changes of the lists count: while the state is loaded.
  public let isLive: Bool

  /// The keys that were missing and those that were not expected.
  public init(missing: [String], unexpected: [String]) {
    (self.missing, self.unexpected, isLive) = (TextList(missing), TextList(unexpected), false)
  }

  init(live load: StateDictLoad) { (missing, unexpected, isLive) = (load.missing, load.unexpected, true) }

  /// As Python prints it.
  public var description: String {
    if missingKeys.isEmpty && unexpectedKeys.isEmpty { return "<All keys matched successfully>" }
    func list(_ keys: [String]) -> String { "[" + keys.map { "'\($0)'" }.joined(separator: ", ") + "]" }
    return "_IncompatibleKeys(missing_keys=\(list(missingKeys)), unexpected_keys=\(list(unexpectedKeys)))"
  }

  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}

/// A list of texts that is changed in place, as Python's lists are.
public final class TextList {
  /// The texts in order.
  public var texts: [String]
  /// A list of these.
  public init(_ texts: [String] = []) { self.texts = texts }
}
