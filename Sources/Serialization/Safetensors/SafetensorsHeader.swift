import JSON

/// The header of a safetensors file: names, types, shapes and places of its tensors, every one checked against the file's size.
///
/// Source: `Metadata` of safetensors 0.8 (PyPI), whose sentences and limits these are. Names that stand twice are refused here.
struct SafetensorsHeader {
  /// One tensor.
  struct Entry {
    /// The name.
    let name: String
    /// The element type.
    let type: SafetensorsType
    /// The sizes.
    let shape: [Int]
    /// Its bytes in the file.
    let bytes: Range<Int>
  }

  /// The tensors in the order of their bytes.
  let entries: [Entry]
  /// What the file says about itself, sorted by key; nil where it says nothing.
  let metadata: [(key: String, value: String)]?

  /// Longer headers are refused.
  private static let greatestSize = 100_000_000

  /// Reads and checks the header of `source`. `doing` begins the sentence of what fails.
  init(_ source: ByteSource, doing: String = "Error while deserializing header") throws(SerializationError) {
    func failure(_ message: String) -> SerializationError { .safetensors("\(doing): \(message) (file '\(source.name)')") }
    guard let stated = source.load(UInt64.self, at: 0) else { throw failure("header too small") }
    guard stated <= Self.greatestSize else { throw failure("header too large") }
    guard let text = source.slice(at: 8, count: Int(stated)) else { throw failure("invalid header length") }
    guard String(validating: text, as: UTF8.self) != nil else { throw failure("invalid UTF-8 in header") }
    let rows: [(key: String, value: JSONValue)]
    do {
      let value = try JSONReader.read(text)
      guard let found = value.rows else { throw failure("invalid JSON in header: invalid type: \(value.kind), expected a map") }
      rows = found
    } catch let error as JSONError { throw failure("invalid JSON in header: \(error)") } catch let error as SerializationError { throw error } catch {
      throw failure("invalid JSON in header")
    }
    var metadata: [(key: String, value: String)]?
    var found: [(name: String, type: SafetensorsType, shape: [Int], first: Int, last: Int)] = []
    found.reserveCapacity(rows.count)
    var names = Set<ExactString>(minimumCapacity: rows.count)
    for (name, value) in rows {
      guard names.insert(ExactString(name)).inserted else { throw failure("invalid JSON in header: duplicate field `\(name)`") }
      do {
        if name == "__metadata__" {
          metadata = try Self.metadata(value)
        } else {
          let (type, shape, offsets) = try Self.tensor(value)
          found.append((name, type, shape, offsets.0, offsets.1))
        }
      } catch { throw failure("invalid JSON in header: \(error.message) (`\(name)`)") }
    }
    self.metadata = metadata
    found.sort { ($0.first, $0.last, $0.name) < ($1.first, $1.last, $1.name) }
    let start = 8 + Int(stated)
    let room = source.count - start
    var entries: [Entry] = []
    entries.reserveCapacity(found.count)
    var position = 0
    for (name, type, shape, first, last) in found {
      guard first == position, last >= first else { throw failure("invalid offset for tensor `\(name)`") }
      position = last
      var bits = type.bits
      var overflows = false
      for size in shape {
        let (product, overflow) = bits.multipliedReportingOverflow(by: size)
        overflows = overflows || overflow
        bits = overflow ? 0 : product
      }
      // A size of 0 makes nothing of the others; those must still be a tensor's.
      guard !overflows, shape.allSatisfy({ $0 < Int.max / 16 }) else { throw failure("overflow computing buffer size from shape and/or element type") }
      guard bits % 8 == 0 else {
        throw failure("The slice is slicing for subbytes dtypes, and the slice does not end up at a byte boundary, this is invalid.")
      }
      guard bits / 8 == last - first else { throw failure("invalid shape, data type, or offset for tensor `\(name)`") }
      guard last <= room else { throw failure("incomplete metadata, file not fully covered (tensor `\(name)` ends \(last - room) bytes past the end)") }
      entries.append(Entry(name: name, type: type, shape: shape, bytes: start + first..<start + last))
    }
    guard position == room else { throw failure("incomplete metadata, file not fully covered (\(room - position) bytes belong to no tensor)") }
    self.entries = entries
  }

  /// Why a value of the header is not what it must be.
  private struct Mistake: Error {
    let message: String
  }

  private static func metadata(_ value: JSONValue) throws(Mistake) -> [(key: String, value: String)]? {
    if case .null = value { return nil }
    guard let rows = value.rows else { throw Mistake(message: "invalid type: \(value.kind), expected a map") }
    var texts: [String: String] = [:]
    for (key, value) in rows {
      guard let text = value.stringValue else { throw Mistake(message: "invalid type: \(value.kind), expected a string") }
      guard texts.updateValue(text, forKey: key) == nil else { throw Mistake(message: "duplicate field `\(key)`") }
    }
    return texts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }

  private static func tensor(_ value: JSONValue) throws(Mistake) -> (SafetensorsType, [Int], (Int, Int)) {
    guard let rows = value.rows else { throw Mistake(message: "invalid type: \(value.kind), expected struct TensorInfo") }
    var fields: [String: JSONValue] = [:]
    for (key, value) in rows where ["dtype", "shape", "data_offsets"].contains(key) {
      guard fields.updateValue(value, forKey: key) == nil else { throw Mistake(message: "duplicate field `\(key)`") }
    }
    func field(_ name: String) throws(Mistake) -> JSONValue {
      guard let value = fields[name] else { throw Mistake(message: "missing field `\(name)`") }
      return value
    }
    let dtype = try field("dtype")
    guard let name = dtype.stringValue else { throw Mistake(message: "invalid type: \(dtype.kind), expected string or map") }
    guard let type = SafetensorsType.named(name) else {
      throw Mistake(message: "unknown variant `\(name)`, expected one of \(SafetensorsType.all.map { "`\($0.name)`" }.joined(separator: ", "))")
    }
    let shape = try sizes(field("shape"))
    let offsets = try sizes(field("data_offsets"))
    guard offsets.count == 2 else { throw Mistake(message: "invalid length \(offsets.count), expected a tuple of size 2") }
    return (type, shape, (offsets[0], offsets[1]))
  }

  private static func sizes(_ value: JSONValue) throws(Mistake) -> [Int] {
    guard let elements = value.elements else { throw Mistake(message: "invalid type: \(value.kind), expected a sequence") }
    var sizes: [Int] = []
    for element in elements {
      guard let size = element.integerValue else { throw Mistake(message: "invalid type: \(element.kind), expected usize") }
      guard size >= 0 else { throw Mistake(message: "invalid value: \(element.kind), expected usize") }
      sizes.append(size)
    }
    return sizes
  }
}

extension SerializationError {
  /// safetensors' own exception.
  static func safetensors(_ message: String) -> SerializationError { SerializationError(kind: "SafetensorError", message) }
}
