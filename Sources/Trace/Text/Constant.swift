import Glibc
import Interface
import TensorCore
import Torch

/// A constant's type and texts: in a graph, and in Python.
struct Constant {
  let type: String
  /// What stands in brackets.
  let attribute: String
  /// What Python writes; nil for a tensor, which has a place among the constants.
  let python: String?

  /// - Parameter parameter: the type of the parameter it is given to; empty where that does not matter.
  init(_ value: Value, as parameter: String) {
    switch value {
    case .none: (type, attribute, python) = ("NoneType", "", "None")
    case .boolean(let truth) where parameter == "Tensor": (type, attribute, python) = ("Bool(requires_grad=0, device=cpu)", "value={\(truth ? 1 : 0)}", nil)
    case .boolean(let truth): (type, attribute, python) = ("bool", "value=\(truth ? 1 : 0)", truth ? "True" : "False")
    case .integer(let number) where parameter == "Tensor": (type, attribute, python) = ("Long(requires_grad=0, device=cpu)", "value={\(number)}", nil)
    case .integer(let number) where parameter == "float": (type, attribute, python) = ("float", "value=\(number).", "\(number).")
    case .integer(let number): (type, attribute, python) = ("int", "value=\(number)", "\(number)")
    case .number(let number) where parameter == "Tensor":
      (type, attribute, python) = ("Double(requires_grad=0, device=cpu)", "value={\(Constant.general(number, 6))}", nil)
    case .number(let number): (type, attribute, python) = ("float", "value=\(Constant.text(number))", Constant.text(number))
    case .string(let text) where parameter == "Device": (type, attribute, python) = ("Device", "value=\"\(text)\"", "torch.device(\"\(text)\")")
    case .string(let text): (type, attribute, python) = ("str", "value=\"\(text)\"", "\"\(text)\"")
    case .object(let object as DTypeObject):
      let code = Constant.scalarTypes.firstIndex(of: object.dtype.name) ?? 0
      (type, attribute, python) = ("int", "value=\(code)", "\(code)")
    case .object(let tensor as Tensor): (type, attribute, python) = (tensor.graphType, "value=\(Constant.text(tensor))", nil)
    default: (type, attribute, python) = ("any", "value=<\(value.pythonTypeName)>", nil)
    }
  }

  /// PyTorch's numbers for dtypes are their places here.
  private static let scalarTypes = [
    "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex32", "complex64", "complex128", "bool", "qint8", "quint8", "qint32",
    "bfloat16",
  ]

  /// As C++ prints a number with 17 digits: `0.10000000000000001`, `1.`.
  static func text(_ number: Double) -> String {
    let text = general(number, 17)
    return text.contains(where: { ".en".contains($0) }) ? text : text + "."
  }

  /// As `%.<digits>g` does.
  private static func general(_ number: Double, _ digits: Int) -> String {
    if number.isNaN { return "nan" }
    if number.isInfinite { return number < 0 ? "-inf" : "inf" }
    return withVaList([number]) { list in
      var buffer = [CChar](repeating: 0, count: 40)
      let count = vsnprintf(&buffer, buffer.count, "%.\(digits)g", list)
      return String(decoding: buffer.prefix(max(0, min(Int(count), buffer.count - 1))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  private static func text(_ tensor: Tensor) -> String {
    if tensor.dtype.isQuantized || tensor.dtype.isComplex || tensor.dim > 1 || tensor.count > 8 { return "<Tensor>" }
    func number(_ i: Int) -> String {
      let scalar = tensor.scalar(at: i)
      return tensor.dtype.isFloatingPoint ? general(scalar.doubleValue, 6) : "\(scalar.integerValue)"
    }
    if tensor.dim == 0 { return "{\(number(0))}" }
    return (0..<tensor.count).map { " \(number($0)) " }.joined() + "[ CPU\(tensor.dtype.capitalized)Type{\(tensor.count)} ]"
  }
}

extension Parameter {
  /// What stands where nothing is given.
  var defaultTerm: Term? {
    switch defaultValue {
    case .boolean(let b)?: .constant(.boolean(b))
    case .integer(let i)?: .constant(.integer(i))
    case .real(let d)?: .constant(.number(d))
    case .string(let s)?: .constant(.string(s))
    case .list(let l)?: .constant(.list(l.map { type == "int[]" ? .integer(Int($0)) : .number($0) }))
    case .none?, nil: nil
    }
  }

  /// Whether a term says what would hold without it.
  func isDefault(_ term: Term) -> Bool {
    switch (term, defaultValue) {
    case (.absent, _): true
    case (.constant(.none), .none?): true
    case (.constant(.boolean(let a)), .boolean(let b)?): a == b
    case (.constant(.integer(let a)), .integer(let b)?): a == b
    case (.constant(.number(let a)), .real(let b)?): a == b
    case (.constant(.integer(let a)), .real(let b)?): Double(a) == b
    case (.constant(.string(let a)), .string(let b)?): a == b
    default: false
    }
  }
}
