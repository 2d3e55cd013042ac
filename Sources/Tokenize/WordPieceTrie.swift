/// The pieces of a vocabulary, for finding the longest that begins a text: a trie over bytes whose edges lie in one hash table.
struct WordPieceTrie {
  /// Edges: (node << 8 | byte) + 1, and the node they lead to.
  private var keys: [UInt32]
  private var nodes: [UInt32]
  private var shift: UInt32
  /// The id of the piece that ends at a node, -1 where none does.
  private var ids: [Int32] = [-1, -1]
  private var edgeCount = 0

  /// Where words begin, and where the pieces that continue them do.
  static let start: UInt32 = 0, continuation: UInt32 = 1

  init() {
    keys = Array(repeating: 0, count: 1 << 12)
    nodes = Array(repeating: 0, count: 1 << 12)
    shift = 20
  }

  /// Adds a piece. Of equal ones the last counts.
  mutating func insert(_ piece: some Sequence<UInt8>, id: Int32, from root: UInt32) {
    var node = root
    for byte in piece {
      let key = (node << 8 | UInt32(byte)) + 1
      let place = find(key)
      if keys[place] == key {
        node = nodes[place]
      } else {
        node = UInt32(ids.count)
        ids.append(-1)
        keys[place] = key
        nodes[place] = node
        edgeCount += 1
        if edgeCount * 2 > keys.count { grow() }
      }
    }
    if node != root { ids[Int(node)] = id }
  }

  private func find(_ key: UInt32) -> Int {
    var place = Int((key &* 0x9E37_79B1) >> shift)
    while keys[place] != 0, keys[place] != key { place = (place + 1) & (keys.count - 1) }
    return place
  }

  private mutating func grow() {
    let (oldKeys, oldNodes) = (keys, nodes)
    keys = Array(repeating: 0, count: oldKeys.count * 2)
    nodes = Array(repeating: 0, count: oldKeys.count * 2)
    shift -= 1
    for (key, node) in zip(oldKeys, oldNodes) where key != 0 {
      let place = find(key)
      keys[place] = key
      nodes[place] = node
    }
  }

  /// Splits a word into the longest pieces from its beginning on; gives each to `take` with where it ends. False where that fails.
  @inline(__always)
  func split(_ word: UnsafeBufferPointer<UInt8>, _ take: (_ id: Int32, _ start: Int, _ end: Int) -> Void) -> Bool {
    keys.withUnsafeBufferPointer { keys in
      nodes.withUnsafeBufferPointer { nodes in
        ids.withUnsafeBufferPointer { ids in
          let mask = keys.count - 1
          var start = 0
          while start < word.count {
            var node = start == 0 ? Self.start : Self.continuation
            var (id, end) = (Int32(-1), start)
            var i = start
            while i < word.count {
              let key = (node << 8 | UInt32(word[i])) + 1
              var place = Int((key &* 0x9E37_79B1) >> shift)
              while keys[place] != key {
                if keys[place] == 0 { break }
                place = (place + 1) & mask
              }
              if keys[place] == 0 { break }
              node = nodes[place]
              i += 1
              if ids[Int(node)] >= 0 { (id, end) = (ids[Int(node)], i) }
            }
            if id < 0 { return false }
            take(id, start, end)
            start = end
          }
          return true
        }
      }
    }
  }
}
