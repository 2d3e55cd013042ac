/// Chooses one notation and width for all elements of a printout, from the values that will be shown (PyTorch's `_Formatter`).
struct ElementFormatter {
  /// Columns an element takes.
  private(set) var width = 1
  private var wholeNumbers = true
  private var scientific = false
  private let precision: Int
  /// Those of the real and the imaginary parts.
  private var parts: [ElementFormatter] = []

  /// Looks at the flat `indices` of the source that are going to be printed.
  init(_ elements: TensorText.Elements, at indices: [Int], options: PrintOptions) {
    precision = options.precision
    switch elements {
    case .integer, .boolean:
      for index in indices { width = max(width, text(of: elements, at: index).utf8.count) }
    case .complex(let element):
      parts = [
        ElementFormatter(.floating { element($0).0 }, at: indices, options: options),
        ElementFormatter(.floating { element($0).1 }, at: indices, options: options),
      ]
      width = parts[0].width + parts[1].width + 1
    case .floating(let element):
      let values = indices.map(element).filter { $0.isFinite && $0 != 0 }
      guard var least = values.first?.magnitude else { return }
      var greatest = least
      for value in values {
        least = min(least, value.magnitude)
        greatest = max(greatest, value.magnitude)
      }
      wholeNumbers = values.allSatisfy { $0 == $0.rounded(.up) }
      scientific = options.scientific ?? (greatest / least > 1000 || greatest > 1e8 || least < 1e-4)
      for value in values { width = max(width, notation(value).utf8.count) }
    }
  }

  /// The element at a flat index, right-aligned.
  func padded(_ elements: TensorText.Elements, at index: Int) -> String {
    if case .complex(let element) = elements, parts.count == 2 {
      let (real, imaginary) = element(index)
      let second = parts[1].notation(imaginary)
      return parts[0].padded(.floating { _ in real }, at: 0) + (second.hasPrefix("-") ? "" : "+") + second + "j"
    }
    let text = text(of: elements, at: index)
    let missing = width - text.utf8.count
    return missing > 0 ? String(repeating: " ", count: missing) + text : text
  }

  private func text(of elements: TensorText.Elements, at index: Int) -> String {
    switch elements {
    case .integer(let element): String(element(index))
    case .boolean(let element): element(index) ? "True" : "False"
    case .floating(let element): notation(element(index))
    case .complex: ""
    }
  }

  private func notation(_ value: Double) -> String {
    if scientific { return FloatText.scientific(value, precision: precision) }
    guard wholeNumbers else { return FloatText.fixed(value, precision: precision) }
    // The bare point says that the element is floating.
    return FloatText.fixed(value, precision: 0) + (value.isFinite ? "." : "")
  }
}
