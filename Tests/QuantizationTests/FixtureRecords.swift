import Glibc
import TensorCore
import Torch

/// The records of a fixture that make_fixtures.py wrote with PyTorch: lines of fields between tabs.
func records(_ name: String, file: String = #filePath) throws -> [[String]] {
  let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
  let path = "\(folder)/Fixtures/Quantization/\(name).txt"
  guard let handle = fopen(path, "r") else { throw FixtureMissing(path: path) }
  defer { fclose(handle) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let n = fread(&buffer, 1, buffer.count, handle)
    if n == 0 { break }
    bytes += buffer[..<n]
  }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
    $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
}

struct FixtureMissing: Error {
  let path: String
}

extension String {
  /// Bits of float32, in hexadecimal with blanks between.
  var floats: [Float] { split(separator: " ").map { Float(bitPattern: UInt32($0, radix: 16) ?? 0) } }
  /// Bits of float64, in hexadecimal with blanks between.
  var doubles: [Double] { split(separator: " ").map { Double(bitPattern: UInt64($0, radix: 16) ?? 0) } }
  /// Whole numbers with blanks between.
  var integers: [Int] { split(separator: " ").compactMap { Int($0) } }
  /// Sizes with commas between.
  var sizes: [Int] { split(separator: ",").compactMap { Int($0) } }
  /// The dtype of this name.
  var dtype: DType? { DType.allCases.first { $0.name == self } }
}

extension Tensor {
  /// A float32 tensor of these elements.
  static func floats(_ values: [Float], _ sizes: [Int]) throws -> Tensor {
    let result = try Tensor(uninitialized: Dims(sizes), dtype: .float32)
    for (i, value) in values.enumerated() { result.elements(Float.self)[i] = value }
    return result
  }

  /// The elements of a float32 tensor in row-major order.
  var floatElements: [Float] {
    get throws {
      let x = try dense(.float32)
      return Array(UnsafeBufferPointer(start: x.elements(Float.self), count: x.count))
    }
  }

  /// The elements of an integer tensor in row-major order.
  var integerElements: [Int] { (0..<count).map { scalar(at: $0).integerValue } }
}

/// Whether two lists hold the same bits; NaN is any NaN.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

/// The greatest distance between two lists; infinity where their lengths differ or one holds NaN.
func distance(_ a: [Float], _ b: [Float]) -> Float {
  if a.count != b.count { return .infinity }
  return zip(a, b).reduce(0) { most, pair in
    let d = abs(pair.0 - pair.1)
    return d.isNaN ? .infinity : max(most, d)
  }
}
