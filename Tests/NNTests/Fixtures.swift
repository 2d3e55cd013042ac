import Glibc
import Interface
import TensorCore
import Testing
import Torch

/// All tests of this target, one after the other: they share the default generator and the gradient mode.
@Suite(.serialized) struct NNTests {}

/// One case of a file that Fixtures/NN/make_fixtures.py wrote from what PyTorch computes.
struct FixtureCase: CustomStringConvertible {
  let name: String
  fileprivate var rows: [String: Substring] = [:]

  var description: String { name }
  var keys: [String] { rows.keys.filter { !$0.hasSuffix(".shape") }.sorted() }
  func has(_ key: String) -> Bool { rows[key] != nil }
  func text(_ key: String) -> String { rows[key].map(String.init) ?? "" }
  func integers(_ key: String) -> [Int] { (rows[key] ?? "").split(separator: " ").compactMap { Int($0) } }

  func doubles(_ key: String) -> [Double] {
    let digits = Array((rows[key] ?? "").utf8)
    let nibble = { (c: UInt8) in c >= 97 ? c - 87 : c - 48 }
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
    }
  }

  func tensor(_ key: String, _ dtype: DType = .float32) throws -> Tensor {
    try Tensor.vector(doubles(key), dtype: dtype).view(integers(key + ".shape"))
  }

  static func read(_ file: String) throws -> [FixtureCase] {
    let path = String(#filePath.dropLast("NNTests/Fixtures.swift".count)) + "Fixtures/NN/" + file
    let stream = try #require(fopen(path, "r"), "no \(path)")
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
    var cases: [FixtureCase] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("# ") {
        cases.append(FixtureCase(name: String(line.dropFirst(2))))
      } else {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        cases[cases.count - 1].rows[String(parts[0])] = parts.count > 2 ? parts[2] : ""
      }
    }
    try #require(!cases.isEmpty)
    return cases
  }
}

/// How far a tensor is from expected values, relative to the greatest of them; infinite where shapes differ.
func distance(_ got: Tensor?, _ expected: FixtureCase, _ key: String) -> Double {
  guard let got, Array(got.sizes) == expected.integers(key + ".shape") else { return .infinity }
  let values = expected.doubles(key)
  var worst = 0.0
  let scale = max(values.map(\.magnitude).filter(\.isFinite).max() ?? 0, 1e-3)
  for (i, value) in values.enumerated() {
    let own = got.scalar(at: i).doubleValue
    worst = max(worst, own.isNaN || value.isNaN ? (own.isNaN && value.isNaN ? 0 : .infinity) : abs(own - value) / scale)
  }
  return worst
}

/// cos(i + offset) for each element, as the fixtures weigh results.
func waves(_ like: Tensor, _ offset: Int = 0) throws -> Tensor {
  try Tensor.vector((0..<like.count).map { cos(Double($0 + offset)) }, dtype: like.dtype).view(Array(like.sizes))
}

/// The message of the error that `body` throws; empty where it throws none.
func message(_ body: () throws -> Void) -> String {
  do { try body() } catch let error as TorchError { return error.description } catch { return "\(error)" }
  return ""
}

/// Normal draws of the default generator.
func randn(_ sizes: Dims, _ dtype: DType = .float32) throws -> Tensor { try Tensor(uninitialized: sizes, dtype: dtype).normal(0, 1, nil) }
