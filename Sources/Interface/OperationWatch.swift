/// Sees every operation that is called: a tracer.
public protocol OperationWatcher: AnyObject {
  /// Stands in for a call; `operation.run(frame)` makes it.
  func call(_ operation: Operation, _ frame: CallFrame) throws -> Int
}

/// Who watches operations; one at a time.
public enum OperationWatch {
  /// The watcher. Set by the one thread that runs Lua.
  nonisolated(unsafe) public static var current: (any OperationWatcher)? { didSet { isOn = current != nil } }
  /// Whether there is one: asked at every call, so a plain flag.
  nonisolated(unsafe) public private(set) static var isOn = false
}

/// A call whose results go to a watcher on their way.
public final class WatchedFrame: CallFrame {
  private let frame: CallFrame
  /// What the operation gave; nil where it gave nothing.
  public private(set) var result: Value?

  /// A call with the arguments of another, to which its results go.
  public init(_ frame: CallFrame) { self.frame = frame }

  public override var callee: (name: String, isMethod: Bool) { frame.callee }
  public override var count: Int { frame.count }
  public override func kind(_ i: Int) -> ArgumentKind { frame.kind(i) }
  public override func integer(_ i: Int) -> Int? { frame.integer(i) }
  public override func number(_ i: Int) -> Double? { frame.number(i) }
  public override func boolean(_ i: Int) -> Bool? { frame.boolean(i) }
  public override func string(_ i: Int) -> String? { frame.string(i) }
  public override func object(_ i: Int) -> AnyObject? { frame.object(i) }
  public override func objects(_ i: Int) -> [AnyObject]? { frame.objects(i) }
  public override func value(_ i: Int) throws -> Value { try frame.value(i) }
  public override func typeName(_ i: Int) -> String { frame.typeName(i) }

  public override func give(object: __owned AnyObject) throws -> Int {
    result = .object(object)
    return try frame.give(object: object)
  }
  public override func give(_ value: Value) throws -> Int {
    result = value
    return try frame.give(value)
  }
}
