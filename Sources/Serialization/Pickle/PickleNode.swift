import OrderedCollections

/// A container of a pickled value: one Python object, shared by reference.
///
/// Trees of any depth are released without recursion.
public class PickleNode {
  /// The state of the search for cycles.
  enum Visit: UInt8 { case new, open, done }
  var visit = Visit.new

  fileprivate init() {}

  /// Calls `body` with every container directly inside.
  func forEachChild(_ body: (PickleNode) -> Void) {}

  /// Lets go of everything inside.
  func clear() {}

  /// Releases what is below `node` one container at a time: left to themselves, a million nested lists would be released by a
  /// million nested calls.
  fileprivate static func dismantle(_ node: PickleNode) {
    var pending: [PickleNode] = []
    node.forEachChild { pending.append($0) }
    node.clear()
    while var child = pending.popLast() {
      guard isKnownUniquelyReferenced(&child) else { continue }
      child.forEachChild { pending.append($0) }
      child.clear()
    }
  }
}

/// A Python `list`.
public final class PickleList: PickleNode {
  /// The elements in order.
  public var elements: [PickleValue]

  /// A list of the given elements.
  public init(_ elements: [PickleValue] = []) {
    self.elements = elements
    super.init()
  }

  override func forEachChild(_ body: (PickleNode) -> Void) { for element in elements { if let node = element.node { body(node) } } }
  override func clear() { elements = [] }
  deinit { Self.dismantle(self) }
}

/// A Python `tuple`.
public final class PickleTuple: PickleNode {
  /// The elements in order.
  public private(set) var elements: [PickleValue]

  /// A tuple of the given elements.
  public init(_ elements: [PickleValue] = []) {
    self.elements = elements
    super.init()
  }

  override func forEachChild(_ body: (PickleNode) -> Void) { for element in elements { if let node = element.node { body(node) } } }
  override func clear() { elements = [] }
  deinit { Self.dismantle(self) }
}

/// A Python `dict`: keeps the order of insertion, takes every hashable key.
public final class PickleDictionary: PickleNode {
  /// The items in order.
  public var items: OrderedDictionary<PickleKey, PickleValue>

  /// A dict of the given items.
  public init(_ items: OrderedDictionary<PickleKey, PickleValue> = [:]) {
    self.items = items
    super.init()
  }

  /// The value of a string key.
  public subscript(key: String) -> PickleValue? {
    get { items[PickleKey(key)] }
    set { items[PickleKey(key)] = newValue }
  }

  override func forEachChild(_ body: (PickleNode) -> Void) { items.forEachChild(body) }
  override func clear() { items = [:] }
  deinit { Self.dismantle(self) }
}

/// A Python `set` or `frozenset`, in the order of the file.
public final class PickleSet: PickleNode {
  /// The members.
  public var members: OrderedSet<PickleKey>
  /// Whether it is a `frozenset`.
  public let isFrozen: Bool

  /// A set of the given members.
  public init(_ members: OrderedSet<PickleKey> = [], isFrozen: Bool = false) {
    self.members = members
    self.isFrozen = isFrozen
    super.init()
  }

  override func forEachChild(_ body: (PickleNode) -> Void) { for member in members { if let node = member.value.node { body(node) } } }
  override func clear() { members = [] }
  deinit { Self.dismantle(self) }
}

/// An object that a pickle describes by a call: `callable(*arguments)`, then items, then state.
///
/// An `OrderedDict` is `collections.OrderedDict()` with `items`, a tensor `torch._utils._rebuild_tensor_v2(…)`.
public final class PickleObject: PickleNode {
  /// How Python makes the object.
  public enum Form: Sendable {
    /// By calling `callable` (opcode REDUCE).
    case call
    /// By `callable.__new__`, without `__init__` (opcode NEWOBJ).
    case new
  }

  /// The function or class.
  public let callable: PickleGlobal
  /// What it is called with.
  public internal(set) var arguments: PickleTuple
  /// Whether it is called or made by `__new__`.
  public let form: Form
  /// Elements appended afterwards (subclasses of `list`).
  public var elements: [PickleValue] = []
  /// Items set afterwards (subclasses of `dict`, such as `OrderedDict`).
  public var items: OrderedDictionary<PickleKey, PickleValue> = [:]
  /// What `__setstate__` or `__dict__.update` is given afterwards (opcode BUILD).
  public var state: PickleValue?

  /// The object `callable(*arguments)`.
  public convenience init(_ callable: PickleGlobal, _ arguments: [PickleValue] = [], form: Form = .call) {
    self.init(callable, PickleTuple(arguments), form: form)
  }

  /// The object `callable(*arguments)` with a tuple that may be shared.
  public init(_ callable: PickleGlobal, _ arguments: PickleTuple, form: Form) {
    self.callable = callable
    self.arguments = arguments
    self.form = form
    super.init()
  }

  override func forEachChild(_ body: (PickleNode) -> Void) {
    body(arguments)
    for element in elements { if let node = element.node { body(node) } }
    items.forEachChild(body)
    if let node = state?.node { body(node) }
  }

  override func clear() {
    arguments = PickleTuple()
    elements = []
    items = [:]
    state = nil
  }

  deinit { Self.dismantle(self) }
}

/// Something kept outside the pickle (opcode BINPERSID), known by an id.
public final class PicklePersistent: PickleNode {
  /// The id; PyTorch's is the tuple ("storage", storage class, key, location, number of elements).
  public private(set) var id: PickleValue

  /// The thing with the given id.
  public init(id: PickleValue) {
    self.id = id
    super.init()
  }

  override func forEachChild(_ body: (PickleNode) -> Void) { if let node = id.node { body(node) } }
  override func clear() { id = .none }
  deinit { Self.dismantle(self) }
}

extension OrderedDictionary<PickleKey, PickleValue> {
  fileprivate func forEachChild(_ body: (PickleNode) -> Void) {
    for (key, value) in self {
      if let node = key.value.node { body(node) }
      if let node = value.node { body(node) }
    }
  }
}
