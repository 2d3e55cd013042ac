import Glibc
import Testing

/// A file of Fixtures/, which make_fixtures.py wrote from what PyTorch computes.
struct FixtureRecords {
  struct Record {
    let name: String
    let values: [String: (type: Substring, text: Substring)]

    subscript(integers key: String) -> [Int] {
      guard let entry = values[key], entry.type == "i" else { return [] }
      return entry.text.split(separator: " ").compactMap { Int($0) }
    }

    /// An array of `Element`, whose little-endian bytes the file has in hex; nil where there is none.
    func array<Element: BitwiseCopyable>(_ key: String, of _: Element.Type = Element.self) -> [Element]? {
      guard let entry = values[key] else { return nil }
      let digits = Array(entry.text.utf8)
      let nibble = { (c: UInt8) in c >= 97 ? c - 87 : c - 48 }
      let bytes = stride(from: 0, to: digits.count, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
      return bytes.withUnsafeBytes { raw in
        (0..<raw.count / MemoryLayout<Element>.size).map {
          raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self)
        }
      }
    }

    func floats(_ key: String) -> [Float] { array(key, of: Float.self) ?? [] }
  }

  let records: [Record]

  init(_ file: String) throws {
    let path = String(#filePath.dropLast("FixtureRecords.swift".count)) + "Fixtures/" + file
    let stream = try #require(fopen(path, "r"), "no \(path)")
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
    var records: [Record] = []
    var name = ""
    var values: [String: (type: Substring, text: Substring)] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("# ") {
        if !values.isEmpty { records.append(Record(name: name, values: values)) }
        (name, values) = (String(line.dropFirst(2)), [:])
      } else {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        values[String(parts[0])] = (parts[1], parts.count > 2 ? parts[2] : "")
      }
    }
    records.append(Record(name: name, values: values))
    self.records = records
    try #require(!records.isEmpty)
  }
}
