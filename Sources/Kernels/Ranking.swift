import TensorCore

/// A key with the place where it stood.
public struct Ranked {
  /// What it is ordered by.
  public let key: UInt64
  /// Where it stood.
  public let place: Int
}

/// Orders and selections of ranked keys that leave equal keys exactly where the C++ library's algorithms leave them:
/// which of several equal elements PyTorch's `topk`, `kthvalue`, `median`, `mode` and unstable `sort` name follows from these steps.
public struct Ranking {
  private let x: UnsafeMutablePointer<Ranked>

  /// A ranking of the elements at a pointer.
  public init(_ x: UnsafeMutablePointer<Ranked>) { self.x = x }

  /// Orders all, as `std::sort`.
  public func sort(count n: Int) {
    if n < 2 { return }
    introsort(0, n, 2 * log2(n))
    if n > 16 {
      insertionSort(0, 16)
      for i in 16..<n { linearInsert(i) }
    } else {
      insertionSort(0, n)
    }
  }

  /// Puts the element of rank `nth` in its place, lesser ones before it, as `std::nth_element`.
  public func select(_ nth: Int, count n: Int) {
    if nth >= n || nth < 0 { return }
    var (first, last, depth) = (0, n, 2 * log2(n))
    while last - first > 3 {
      if depth == 0 {
        heapSelect(first, nth + 1, last)
        swap(first, nth)
        return
      }
      depth -= 1
      let cut = partition(first, last)
      if cut <= nth { first = cut } else { last = cut }
    }
    insertionSort(first, last)
  }

  /// Orders the `k` least at the front, as `std::partial_sort`.
  public func sort(first k: Int, of n: Int) {
    heapSelect(0, k, n)
    sortHeap(0, k)
  }

  /// Puts the element of rank `k` in its place, as PyTorch's `quick_select_template`.
  public func quickSelect(_ k: Int, count n: Int) {
    var (left, right) = (0, n - 1)
    while right > left {
      if right == left + 1 {
        if less(right, left) { swap(left, right) }
        return
      }
      swap(left + (right - left) / 2, left + 1)
      if less(right, left + 1) { swap(left + 1, right) }
      if less(right, left) { swap(left, right) }
      if less(left, left + 1) { swap(left + 1, left) }
      var (i, j) = (left + 1, right)
      let pivot = x[left].key
      while true {
        repeat { i += 1 } while pivot > x[i].key
        repeat { j -= 1 } while x[j].key > pivot
        if j < i { break }
        swap(i, j)
      }
      swap(left, j)
      if j <= k { left = i }
      if j >= k { right = j - 1 }
    }
  }

  private func less(_ i: Int, _ j: Int) -> Bool { x[i].key < x[j].key }

  private func swap(_ i: Int, _ j: Int) { (x[i], x[j]) = (x[j], x[i]) }

  private func log2(_ n: Int) -> Int { Int.bitWidth - 1 - n.leadingZeroBitCount }

  private func introsort(_ first: Int, _ end: Int, _ limit: Int) {
    var (last, depth) = (end, limit)
    while last - first > 16 {
      if depth == 0 {
        heapSelect(first, last, last)
        sortHeap(first, last)
        return
      }
      depth -= 1
      let cut = partition(first, last)
      introsort(cut, last, depth)
      last = cut
    }
  }

  /// Splits around the median of three, which stands first.
  private func partition(_ first: Int, _ last: Int) -> Int {
    let (a, b, c) = (first + 1, first + (last - first) / 2, last - 1)
    if less(a, b) {
      swap(first, less(b, c) ? b : less(a, c) ? c : a)
    } else {
      swap(first, less(a, c) ? a : less(b, c) ? c : b)
    }
    var (i, j) = (first + 1, last)
    let pivot = x[first].key
    while true {
      while x[i].key < pivot { i += 1 }
      j -= 1
      while pivot < x[j].key { j -= 1 }
      if i >= j { return i }
      swap(i, j)
      i += 1
    }
  }

  private func insertionSort(_ first: Int, _ last: Int) {
    if last - first < 2 { return }
    for i in (first + 1)..<last {
      if less(i, first) {
        let value = x[i]
        for k in stride(from: i, to: first, by: -1) { x[k] = x[k - 1] }
        x[first] = value
      } else {
        linearInsert(i)
      }
    }
  }

  private func linearInsert(_ at: Int) {
    let value = x[at]
    var i = at
    while value.key < x[i - 1].key {
      x[i] = x[i - 1]
      i -= 1
    }
    x[i] = value
  }

  private func heapSelect(_ first: Int, _ middle: Int, _ last: Int) {
    let length = middle - first
    if length > 1 {
      for parent in stride(from: (length - 2) / 2, through: 0, by: -1) { adjustHeap(first, parent, length, x[first + parent]) }
    }
    for i in middle..<last where length > 0 && less(i, first) { popHeap(first, middle, i) }
  }

  private func sortHeap(_ first: Int, _ end: Int) {
    for last in stride(from: end - 1, to: first, by: -1) { popHeap(first, last, last) }
  }

  private func popHeap(_ first: Int, _ last: Int, _ result: Int) {
    let value = x[result]
    x[result] = x[first]
    adjustHeap(first, 0, last - first, value)
  }

  private func adjustHeap(_ first: Int, _ start: Int, _ length: Int, _ value: Ranked) {
    var (hole, child) = (start, start)
    while child < (length - 1) / 2 {
      child = 2 * (child + 1)
      if less(first + child, first + child - 1) { child -= 1 }
      x[first + hole] = x[first + child]
      hole = child
    }
    if length & 1 == 0 && child == (length - 2) / 2 {
      child = 2 * (child + 1)
      x[first + hole] = x[first + child - 1]
      hole = child - 1
    }
    while hole > start {
      let parent = (hole - 1) / 2
      if x[first + parent].key >= value.key { break }
      x[first + hole] = x[first + parent]
      hole = parent
    }
    x[first + hole] = value
  }
}

extension Ranking {
  /// Calls `body` with the ranked elements of each line, in the order in which they stand.
  public static func forEachLine(
    _ x: UnsafeRawPointer, _ dtype: DType, _ lines: Lines, descending: Bool = false, _ body: (_ line: Int, UnsafeMutablePointer<Ranked>) throws -> Void
  ) rethrows {
    let capacity = max(lines.length, 1)
    let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
    let ranked = UnsafeMutablePointer<Ranked>.allocate(capacity: capacity)
    defer {
      keys.deallocate()
      ranked.deallocate()
    }
    for line in 0..<lines.count {
      Ordering.keys(x + lines.start(line) * 8, dtype, step: lines.step, count: lines.length, into: keys, descending: descending)
      for i in 0..<lines.length { ranked[i] = Ranked(key: keys[i], place: i) }
      try body(line, ranked)
    }
  }
}
