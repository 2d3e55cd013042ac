/// The identity PyTorch writes into every checkpoint as `.data/serialization_id`: 40 decimal digits.
///
/// The first twenty are a hash over the hashes of the record names, the last twenty one over the records' checksums, in the order
/// they were written. The names are combined in the order in which a GNU `std::unordered_set` walks them, so that order is
/// reproduced too; the same records then give the same file, byte for byte.
/// Source: observed of files that PyTorch 2.15 writes; `c10::hash_combine`; MurmurHash64A (public domain) with libstdc++'s seed.
struct SerializationID {
  private var names = GNUHashSetOrder()
  private var combinedChecksum: UInt64 = 0

  /// Counts one record. `crc` is nil for an empty record, which has no data descriptor and thus no part in the id.
  mutating func add(name: String, crc: UInt32?) {
    names.insert(Self.hash(name))
    if let crc { addChecksum(crc) }
  }

  /// Counts one checksum. PyTorch takes it from what it sees written, and so also from data that begin as a descriptor does.
  mutating func addChecksum(_ crc: UInt32) {
    combinedChecksum = Self.combine(combinedChecksum, UInt64(crc))
  }

  /// The 40 digits.
  var digits: String {
    var combinedNames: UInt64 = 0
    names.forEach { combinedNames = Self.combine(combinedNames, $0) }
    return Self.padded(combinedNames) + Self.padded(combinedChecksum)
  }

  private static func padded(_ value: UInt64) -> String {
    let digits = String(value)
    return String(repeating: "0", count: 20 - digits.utf8.count) + digits
  }

  private static func combine(_ seed: UInt64, _ value: UInt64) -> UInt64 {
    seed ^ (value &+ 0x9e37_79b9 &+ (seed << 6) &+ (seed >> 2))
  }

  /// MurmurHash64A of the UTF-8 bytes, which is libstdc++'s `std::hash<std::string>` on 64-bit machines.
  private static func hash(_ name: String) -> UInt64 {
    let multiplier: UInt64 = 0xc6a4_a793_5bd1_e995
    let bytes = Array(name.utf8)
    var hash = 0xc70f_6907 ^ (UInt64(bytes.count) &* multiplier)
    var index = 0
    while index < bytes.count {
      let count = min(8, bytes.count - index)
      var word: UInt64 = 0
      for offset in 0..<count { word |= UInt64(bytes[index + offset]) << UInt64(8 * offset) }
      if count == 8 {
        word = word &* multiplier
        word = (word ^ (word >> 47)) &* multiplier
      }
      hash = (hash ^ word) &* multiplier
      index += count
    }
    hash = (hash ^ (hash >> 47)) &* multiplier
    return hash ^ (hash >> 47)
  }
}

/// The order in which libstdc++'s `std::unordered_set` walks the hashes inserted into it.
///
/// The set is one linked list in which the members of a bucket are neighbours: a new member goes to the front of its bucket, or of
/// the whole list where the bucket was empty; growth relinks the members in list order by the same rule.
struct GNUHashSetOrder {
  private static let none = -1
  private static let front = -2
  /// The sizes the table takes as it doubles, each the next in libstdc++'s list of primes.
  private static let sizes = [
    1, 13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172_933, 351_061, 712_697, 1_447_153,
  ]

  private var hashes: [UInt64] = []
  private var following: [Int] = []
  private var first = GNUHashSetOrder.none
  /// For each bucket the member before its first one, `front` for the list's head, `none` for an empty bucket.
  private var before = [GNUHashSetOrder.none]

  /// Inserts a member that is not in the set.
  mutating func insert(_ hash: UInt64) {
    if before.count == 1 || hashes.count >= before.count { grow() }
    hashes.append(hash)
    following.append(Self.none)
    link(hashes.count - 1)
  }

  /// Calls `body` with the members in the set's order.
  func forEach(_ body: (UInt64) -> Void) {
    var member = first
    while member >= 0 {
      body(hashes[member])
      member = following[member]
    }
  }

  private func bucket(_ member: Int) -> Int { Int(hashes[member] % UInt64(before.count)) }

  private mutating func link(_ member: Int) {
    let bucket = bucket(member)
    switch before[bucket] {
    case Self.none:
      following[member] = first
      if first >= 0 { before[self.bucket(first)] = member }
      first = member
      before[bucket] = Self.front
    case Self.front:
      following[member] = first
      first = member
    case let previous:
      following[member] = following[previous]
      following[previous] = member
    }
  }

  private mutating func grow() {
    let size = Self.sizes.first { $0 > before.count } ?? before.count * 2 + 1
    before = [Int](repeating: Self.none, count: size)
    var member = first
    first = Self.none
    while member >= 0 {
      let next = following[member]
      link(member)
      member = next
    }
  }
}
