/// A short list of integers (sizes or strides), kept inline up to six entries so that making a tensor allocates nothing for it.
public struct Dims: Equatable, Sendable, RandomAccessCollection, MutableCollection, ExpressibleByArrayLiteral {
  @usableFromInline var inline: InlineArray<6, Int>
  @usableFromInline var spilled: [Int]?
  /// How many numbers there are.
  public var count: Int { @inlinable @inline(__always) get { length } }
  @usableFromInline var length: Int

  /// An empty list.
  @inlinable @inline(__always) public init() {
    inline = InlineArray(repeating: 0)
    spilled = nil
    length = 0
  }

  /// `count` times the same number.
  public init(repeating value: Int, count: Int) {
    self.init()
    if count <= 6 {
      for i in 0..<count { inline[i] = value }
    } else {
      spilled = Array(repeating: value, count: count)
    }
    length = count
  }

  /// The numbers of an array.
  public init(_ values: [Int]) {
    self.init()
    if values.count <= 6 {
      for i in 0..<values.count { inline[i] = values[i] }
    } else {
      spilled = values
    }
    length = values.count
  }

  /// The numbers of a collection.
  public init<C: Collection>(_ values: C) where C.Element == Int {
    self.init()
    let n = values.count
    if n <= 6 {
      var i = 0
      for value in values {
        inline[i] = value
        i += 1
      }
    } else {
      spilled = Array(values)
    }
    length = n
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  @inlinable @inline(__always) public var startIndex: Int { 0 }
  @inlinable @inline(__always) public var endIndex: Int { count }

  /// The number at a position from the front.
  public subscript(i: Int) -> Int {
    @inlinable @inline(__always) get {
      precondition(i >= 0 && i < count)
      return count <= 6 ? inline[i] : spilled.unsafelyUnwrapped[i]
    }
    @inlinable @inline(__always) set {
      precondition(i >= 0 && i < count)
      if count <= 6 { inline[i] = newValue } else { spilled![i] = newValue }  // unreachable: a count over six always has its array
    }
  }

  /// Adds a number at the end.
  public mutating func append(_ value: Int) {
    if count < 6 {
      inline[count] = value
    } else if count == 6 {
      spilled = (0..<6).map { inline[$0] } + [value]
    } else {
      spilled!.append(value)  // unreachable: as above
    }
    length += 1
  }

  /// Puts a number in at `index`.
  public mutating func insert(_ value: Int, at index: Int) {
    var all = Array(self)
    all.insert(value, at: index)
    self = Dims(all)
  }

  /// Takes the number at `index` out.
  public mutating func remove(at index: Int) {
    precondition(index >= 0 && index < count)
    if count > 6 {
      var all = Array(self)
      all.remove(at: index)
      self = Dims(all)
      return
    }
    for i in index..<(count - 1) { inline[i] = inline[i + 1] }
    length -= 1
  }

  @inlinable
  public static func == (a: Dims, b: Dims) -> Bool {
    if a.count != b.count { return false }
    for i in 0..<a.count where a[i] != b[i] { return false }
    return true
  }

  /// The product of all; 1 for an empty list. Nil where it does not fit an Int.
  @inlinable @inline(__always) public var checkedProduct: Int? {
    var product = 1
    var overflowed = false
    for i in 0..<count {
      let (p, o) = product.multipliedReportingOverflow(by: self[i])
      if self[i] == 0 { return 0 }
      if o { overflowed = true }
      product = p
    }
    return overflowed ? nil : product
  }

  /// The product of all, for sizes already checked.
  @inlinable @inline(__always) public var product: Int {
    var product = 1
    for i in 0..<count { product &*= self[i] }
    return product
  }

  /// `[2, 3]`, as PyTorch writes sizes in sentences.
  public var text: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}
