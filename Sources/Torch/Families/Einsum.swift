import Interface
import TensorCore

/// An equation of subscripts, read: what stands where in each operand and in the result. Mirrors `torch.einsum`.
private struct Equation {
  /// The number that stands for `...`; letters have 0 to 51, capitals first.
  static let ellipsis = 52
  private static let labels = 52

  /// Labels of each operand's dimensions.
  private(set) var operands: [[Int]] = []
  /// Labels of the result's dimensions; nil where they follow from the operands.
  private(set) var result: [Int]?

  static func letter(_ label: Int) -> String { String(UnicodeScalar(UInt8(label < 26 ? 65 + label : 97 + label - 26))) }

  private static func label(_ byte: UInt8, at index: Int) throws -> Int {
    switch byte {
    case 65...90: return Int(byte) - 65
    case 97...122: return Int(byte) - 97 + 26
    default: throw TorchError.runtime("einsum(): invalid subscript given at index \(index) in the equation string, subscripts must be in [a-zA-Z]")
    }
  }

  init(_ text: String, count: Int) throws {
    let bytes = Array(text.utf8)
    let arrow = bytes.indices.dropLast().first { bytes[$0] == 45 && bytes[$0 + 1] == 62 }
    let left = bytes[..<(arrow ?? bytes.count)]
    operands = Array(repeating: [], count: count)
    var (current, i, dotted) = (0, 0, false)
    func isEllipsis(_ i: Int, _ end: Int) -> Bool { i + 2 < end && bytes[i + 1] == 46 && bytes[i + 2] == 46 }
    while i < left.count {
      switch bytes[i] {
      case 32: break
      case 46:
        if dotted { throw TorchError.runtime("einsum(): found '.' for operand \(current) for which an ellipsis was already found") }
        if !isEllipsis(i, left.count) { throw TorchError.runtime("einsum(): found '.' for operand \(current) that is not part of any ellipsis") }
        operands[current].append(Equation.ellipsis)
        dotted = true
        i += 2
      case 44:
        current += 1
        if current >= count { throw TorchError.runtime("einsum(): fewer operands were provided than specified in the equation") }
        dotted = false
      default: operands[current].append(try Equation.label(bytes[i], at: i))
      }
      i += 1
    }
    if current != count - 1 { throw TorchError.runtime("einsum(): more operands were provided than specified in the equation") }
    guard let arrow else { return }
    var right: [Int] = []
    i = arrow + 2
    while i < bytes.count {
      switch bytes[i] {
      case 32: break
      case 46:
        if right.contains(Equation.ellipsis) { throw TorchError.runtime("einsum(): found '.' for output but an ellipsis (...) was already found") }
        if !isEllipsis(i, bytes.count) { throw TorchError.runtime("einsum(): found '.' for output that is not part of any ellipsis (...)") }
        right.append(Equation.ellipsis)
        i += 2
      default:
        let label = try Equation.label(bytes[i], at: i)
        let known = operands.contains { $0.contains(label) }
        if !known || right.contains(label) {
          throw TorchError.runtime(
            "einsum(): output subscript \(Equation.letter(label)) \(right.contains(label) ? "appears more than once in the output" : "does not appear in the equation for any input operand")")
        }
        right.append(label)
      }
      i += 1
    }
    result = right
  }

  /// Where each label's dimension goes when all operands have the result's dimensions followed by those summed.
  struct Places {
    var at = Array(repeating: -1, count: Equation.labels)
    /// Where the dimensions of an ellipsis begin, and how many they are.
    var ellipsis = 0
    var ellipsisCount = 0
    /// How many dimensions the result has, and how many there are with those summed.
    var kept = 0
    var all = 0
  }

  func places(_ tensors: [Tensor]) throws -> Places {
    var seen = Array(repeating: 0, count: Equation.labels)
    var places = Places()
    for (i, (labels, t)) in zip(operands, tensors).enumerated() {
      let named = labels.filter { $0 != Equation.ellipsis }
      for label in named { seen[label] += 1 }
      let dotted = named.count < labels.count
      if dotted { places.ellipsisCount = max(places.ellipsisCount, t.dim - named.count) }
      if dotted ? named.count > t.dim : named.count != t.dim {
        throw TorchError.runtime(
          "einsum(): the number of subscripts in the equation (\(named.count)\(dotted ? ") is more than the number of dimensions (" : ") does not match the number of dimensions (")\(t.dim)) for operand \(i)\(dotted ? "" : " and no ellipsis was given")")
      }
    }
    var dotted = true
    if let result {
      dotted = false
      for label in result {
        if label == Equation.ellipsis {
          places.ellipsis = places.all
          places.all += places.ellipsisCount
          dotted = true
        } else {
          places.at[label] = places.all
          places.all += 1
        }
      }
    } else {
      places.all = places.ellipsisCount
      for label in 0..<Equation.labels where seen[label] == 1 {
        places.at[label] = places.all
        places.all += 1
      }
    }
    places.kept = places.all
    if !dotted {
      places.ellipsis = places.all
      places.all += places.ellipsisCount
    }
    for label in 0..<Equation.labels where seen[label] > 0 && places.at[label] == -1 {
      places.at[label] = places.all
      places.all += 1
    }
    return places
  }
}

extension Tensor {
  /// Sums of products as an equation of subscripts says. Mirrors `torch.einsum`.
  /// - Throws: PyTorch's sentences for equations that do not parse or do not fit the operands.
  public static func einsum(_ text: String, _ operands: [Tensor]) throws -> Tensor {
    if operands.isEmpty { throw TorchError.runtime("einsum(): must provide at least one operand") }
    let equation = try Equation(text, count: operands.count)
    let places = try equation.places(operands)
    var sizes = Array(repeating: 1, count: places.all)
    // For each dimension, how many operands still have it.
    var waiting = Array(repeating: 0, count: places.all)
    var aligned: [Tensor] = []
    for (i, operand) in operands.enumerated() {
      aligned.append(try align(operand, i, equation.operands[i], places, &sizes, &waiting))
    }
    while aligned.count > 1 {
      var (a, b) = (aligned[0], aligned[1])
      aligned.removeFirst(2)
      var (both, left, right): ([Int], [Int], [Int]) = ([], [], [])
      for d in places.kept..<places.all {
        if a.sizes[d] != 1 && b.sizes[d] != 1 {
          waiting[d] -= 1
          if waiting[d] == 1 {
            both.append(d)
            waiting[d] = 0
          }
        } else if waiting[d] == 1 {
          if a.sizes[d] != 1 { left.append(d) } else if b.sizes[d] != 1 { right.append(d) } else { continue }
          waiting[d] = 0
        }
      }
      if !left.isEmpty { a = try a.sum(dims: left, keepdim: true, dtype: a.dtype) }
      if !right.isEmpty { b = try b.sum(dims: right, keepdim: true, dtype: b.dtype) }
      aligned.insert(try a.productSum(b, both), at: 0)
    }
    let only = aligned[0]
    if places.all == places.kept { return only }
    if operands.count > 1 { return try only.reshape(Array(only.sizes.prefix(places.kept))) }
    return try only.sum(dims: Array(places.kept..<places.all), dtype: only.dtype)
  }

  /// An operand with a dimension for every label, in the order of their places; repeated labels become diagonals.
  private static func align(
    _ operand: Tensor, _ i: Int, _ labels: [Int], _ places: Equation.Places, _ sizes: inout [Int], _ waiting: inout [Int]
  ) throws -> Tensor {
    var op = operand
    var order = Array(repeating: -1, count: places.all)
    var d = 0
    for label in labels {
      if label == Equation.ellipsis {
        let covered = operand.dim - (labels.count - 1)
        for j in (places.ellipsisCount - covered)..<places.ellipsisCount {
          let at = places.ellipsis + j
          if op.sizes[d] != 1 {
            if sizes[at] != 1 && sizes[at] != op.sizes[d] {
              throw TorchError.runtime(
                "einsum(): dimension \(d) covered by ellipsis in operand \(i)has size \(op.sizes[d]) which does not broadcast with previously seen ellipsis with size \(sizes[at]) for the respective dimension")
            }
            sizes[at] = op.sizes[d]
            waiting[at] += 1
          }
          order[at] = d
          d += 1
        }
        continue
      }
      let at = places.at[label]
      if order[at] == -1 {
        if op.sizes[d] != 1 {
          if sizes[at] != 1 && sizes[at] != op.sizes[d] {
            throw TorchError.runtime(
              "einsum(): subscript \(Equation.letter(label)) has size \(op.sizes[d]) for operand \(i) which does not broadcast with previously seen size \(sizes[at])")
          }
          sizes[at] = op.sizes[d]
          waiting[at] += 1
        }
        order[at] = d
        d += 1
      } else {
        let before = order[at]
        if op.sizes[d] != op.sizes[before] {
          throw TorchError.runtime(
            "einsum(): subscript \(Equation.letter(label)) is repeated for operand \(i) but the sizes don't match, \(op.sizes[d]) != \(op.sizes[before])")
        }
        op = try op.diagonal(0, before, d)
        // The diagonal came last; it goes where the label stood first.
        var back = Array(0..<(op.dim - 1))
        back.insert(op.dim - 1, at: before)
        op = try op.permute(back)
      }
    }
    for at in order.indices where order[at] == -1 {
      op = try op.unsqueeze(d)
      order[at] = d
      d += 1
    }
    return order == Array(0..<op.dim) ? op : try op.permute(order)
  }

  /// The sum over `summed` of the product of two tensors that broadcast, summed dimensions kept with size one;
  /// one batched matrix product.
  private func productSum(_ other: Tensor, _ summed: [Int]) throws -> Tensor {
    if summed.isEmpty { return try mul(other) }
    // Dimensions of both, of the left alone, of the right alone; what has size one on a side was broadcast.
    var (batch, own, others): ([Int], [Int], [Int]) = ([], [], [])
    var (a, b) = (self, other)
    for d in 0..<dim where !summed.contains(d) {
      switch (sizes[d] != 1, other.sizes[d] != 1) {
      case (true, true):
        if sizes[d] != other.sizes[d] { throw TorchError.runtime("non-broadcast dimensions must match") }
        batch.append(d)
      case (true, false): own.append(d)
      case (false, true): others.append(d)
      case (false, false): batch.append(d)
      }
    }
    func product(_ t: Tensor, _ dims: [Int]) -> Int { dims.reduce(1) { $0 * t.sizes[$1] } }
    let (m, n, k, count) = (product(self, own), product(other, others), product(self, summed), product(self, batch))
    let shape = batch.map { sizes[$0] } + own.map { sizes[$0] } + summed.map { _ in 1 } + others.map { other.sizes[$0] }
    a = try permute(batch + own + summed + others).reshape([count, m, k])
    b = try other.permute(batch + summed + others + own).reshape([count, k, n])
    let order = batch + own + summed + others
    var inverse = order
    for (i, d) in order.enumerated() { inverse[d] = i }
    let y = try a.bmm(b).reshape(shape)
    return inverse == Array(0..<dim) ? y : try y.permute(inverse)
  }
}

/// `torch.einsum`.
public let einsums = OperationFamily("torch") { ops in
  ops.define("einsum(any equation, any[1] operands) -> Tensor", doc: "Sums of products of the operands by their subscripts: einsum('ij,jk->ik', a, b). Mirrors torch.einsum.", variants: [.function]) {
    (equation: Value, operands: [Value]) -> Tensor in
    func subscripts(_ value: Value) throws -> String {
      guard case .list(let items) = value else { throw TorchError.type("einsum(): a list of subscripts was expected, got \(value.pythonTypeName)") }
      return try items.map { item in
        switch item {
        case .string("..."): return "..."
        case .integer(let i) where i >= 0 && i < 52: return Equation.letter(i)
        default: throw TorchError.value("einsum(): subscript in subscript list is not within the valid range [0, 52)")
        }
      }.joined()
    }
    if case .string(let text) = equation {
      var operands = operands
      if operands.count == 1, case .list(let items) = operands[0] { operands = items }
      return try Tensor.einsum(
        text, operands.map { value in
          guard let t = Tensor.element(from: value) else {
            throw TorchError.type("einsum(): argument 'operands' (position 2) must be tuple of Tensors, not \(value.pythonTypeName)")
          }
          return t
        })
    }
    // Operands and lists of subscripts in turn, and last perhaps the result's subscripts.
    let all = [equation] + operands
    var (tensors, texts): ([Tensor], [String]) = ([], [])
    var i = 0
    while i + 1 < all.count {
      guard let t = Tensor.element(from: all[i]) else {
        throw TorchError.type("einsum(): argument 'operands' must be tensors and lists of subscripts in turn, not \(all[i].pythonTypeName)")
      }
      tensors.append(t)
      texts.append(try subscripts(all[i + 1]))
      i += 2
    }
    let result = i < all.count ? "->" + (try subscripts(all[i])) : ""
    return try Tensor.einsum(texts.joined(separator: ",") + result, tensors)
  }
}
