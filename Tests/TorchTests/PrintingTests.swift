import Glibc
import Testing
import Torch

/// Fixtures/Printing/*.txt hold what PyTorch and Python print; make_fixtures.py beside them made them.
@Suite struct PrintingTests {
  @Test func everyTensorPrintsAsInPyTorch() throws {
    let lines = try fixtureLines("Printing/tensors.txt")
    #expect(lines.count % 3 == 0)
    #expect(lines.count > 2000)
    var wrong: [String] = []
    for start in stride(from: 0, to: lines.count - 2, by: 3) {
      let printed = try #require(PrintedTensor(header: lines[start], values: lines[start + 1]), "\(lines[start])")
      let got = printed.text
      let expected = unescaped(lines[start + 2])
      if got != expected { wrong.append("\(lines[start])\n\(expected)\n--- got\n\(got)") }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(lines.count / 3) differ, first:\n\(wrong.first ?? "")")
  }

  @Test func floatsReadAsInPython() throws {
    let lines = try fixtureLines("Printing/floats.txt")
    #expect(lines.count > 1800)
    for line in lines {
      let fields = line.split(separator: " ").map(String.init)
      let bits = try #require(UInt64(fields[0], radix: 16))
      let precision = try #require(Int(fields[2]))
      let value = Double(bitPattern: bits)
      #expect(FloatText.shortest(value) == fields[1])
      #expect(FloatText.fixed(value, precision: precision) == fields[3])
      #expect(FloatText.scientific(value, precision: precision) == fields[4])
    }
  }

  @Test func aSummaryReadsOnlyWhatItShows() {
    var reads = 0
    let source = TensorText(
      shape: [1_000_000, 1_000_000, 1000],
      elements: .integer { index in
        reads += 1
        return Int64(index % 10)
      })
    let text = source.text()
    #expect(text.hasPrefix("tensor([[[0, 1, 2,  ..., 7, 8, 9],\n         [0, 1, 2,  ..., 7, 8, 9],"))
    #expect(reads <= 2 * 216)
  }

  @Test func profilesAreThoseOfPyTorch() throws {
    #expect(PrintOptions(profile: "default") == PrintOptions.standard)
    #expect(PrintOptions(profile: "wide") == nil)
    let short = try #require(PrintOptions(profile: "short"))
    let values = TensorText(shape: [2], elements: .floating { [1.12345, 2][$0] })
    #expect(values.text(options: short) == "tensor([1.12, 2.00])")
    let many = TensorText(shape: [2000], elements: .integer { _ in 7 })
    #expect(many.text(options: short) == "tensor([7, 7,  ..., 7, 7])")
    let full = try #require(PrintOptions(profile: "full"))
    #expect(!many.text(options: full).contains("..."))
  }

  @Test func strangeOptionsAreHarmless() {
    let values = TensorText(shape: [3], elements: .floating { Double($0) + 0.5 })
    let options = PrintOptions(precision: -3, threshold: 1, edgeItems: -2, lineWidth: -5)
    #expect(values.text(options: options) == "tensor([...])")
    let precise = values.text(options: PrintOptions(precision: 1_000_000_000, lineWidth: 0))
    #expect(precise.utf8.count < 100_000)
  }
}

/// One case of tensors.txt.
private struct PrintedTensor {
  let source: TensorText
  let prefix: String
  let suffixes: [String]
  let options: PrintOptions

  var text: String { source.text(prefix: prefix, suffixes: suffixes, options: options) }

  init?(header: String, values: String) {
    let fields = header.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 5 else { return nil }
    let shape = fields[2].split(separator: ",").compactMap { Int($0) }
    let option = fields[3].split(separator: ",").map(String.init)
    guard option.count == 5, let precision = Int(option[0]), let threshold = Double(option[1]), let edge = Int(option[2]),
      let width = Int(option[3])
    else { return nil }
    options = PrintOptions(
      precision: precision, threshold: threshold, edgeItems: edge, lineWidth: width,
      scientific: option[4] == "None" ? nil : option[4] == "True")
    source = TensorText(shape: shape, elements: Self.elements(kind: fields[0], dtype: fields[1], values))
    prefix = fields[0] == "parameter" ? "Parameter containing:\ntensor(" : "tensor("
    let extra = fields[4].split(separator: ";").map(String.init)
    switch fields[0] {
    case "quantized":
      guard extra.count == 3, let scale = UInt64(extra[1], radix: 16), let zero = Int64(extra[2]) else { return nil }
      suffixes = TensorSuffixes.quantized(
        shape: shape, dtype: fields[1], scheme: extra[0], scale: Double(bitPattern: scale), zeroPoint: zero)
    case "channels":
      guard extra.count == 4, let axis = Int(extra[3]) else { return nil }
      suffixes = TensorSuffixes.quantized(
        shape: shape, dtype: fields[1], scheme: extra[0], scales: unescaped(extra[1]), zeroPoints: unescaped(extra[2]), axis: axis)
    default:
      let function = extra.first { $0.hasPrefix("grad_fn=<") }.map { String($0.dropFirst(9).dropLast()) }
      suffixes =
        TensorSuffixes.plain(shape: shape, dtype: fields[1], options: options)
        + TensorSuffixes.gradient(function: function, requiresGradient: extra.contains("requires_grad=True"))
    }
  }

  private static func elements(kind: String, dtype: String, _ values: String) -> TensorText.Elements {
    let words = values.split(separator: " ")
    let ramp: ((Int) -> Double)?
    if words.first == "ramp", words.count == 4, let m = Int(words[1]), let scale = Double(words[2]), let offset = Double(words[3]) {
      ramp = { Double(7919 * $0 % m) * scale + offset }
    } else {
      ramp = nil
    }
    switch kind {
    case "integer":
      if let ramp { return .integer { Int64(ramp($0)) } }
      let numbers = words.compactMap { Int64($0) }
      return .integer { numbers[$0] }
    case "boolean":
      return .boolean { words[$0] == "1" }
    default:
      if let ramp { return .floating(ramp) }
      let numbers = words.compactMap { Double($0) }
      return .floating { numbers[$0] }
    }
  }
}

private func unescaped(_ text: String) -> String {
  var result = ""
  var rest = text[...]
  while let slash = rest.firstIndex(of: "\\") {
    result += rest[..<slash]
    result += "\n"
    rest = rest[slash...].dropFirst(2)
  }
  return result + rest
}

/// The lines of a file under Tests/Fixtures, empty ones kept.
private func fixtureLines(_ name: String, file: String = #filePath) throws -> [String] {
  let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
  let stream = try #require(fopen("/\(folder)/Fixtures/\(name)", "r"), "no fixture \(name)")
  defer { fclose(stream) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes.append(contentsOf: chunk.prefix(count)) }
  var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  if lines.last == "" { lines.removeLast() }
  return lines
}
