import Glibc

/// `CharacterRules` by table: what a character becomes is worked out when it first occurs.
final class CharacterTable {
  /// What a character becomes, in one byte.
  enum Action: UInt8 {
    /// Not yet worked out.
    case unknown = 0
    /// Stays as it is, in its word.
    case keep
    /// Goes.
    case drop
    /// Ends its word and goes.
    case space
    /// Stays as it is, a word of its own.
    case alone
    /// Something else: see `pieces`.
    case replace
  }

  /// The rules.
  let rules: CharacterRules
  /// An action for every code point. Pages of it that no text asks for take no memory.
  private let actions: UnsafeMutablePointer<UInt8>
  /// What stands in the place of a byte of ASCII where that is one byte: small letters.
  let lowered: UnsafeMutablePointer<UInt8>
  private var replacements: [UInt32: Replacement] = [:]

  /// What stands in the place of a character.
  struct Replacement {
    let pieces: [CharacterRules.Piece]
    /// Whether it stands alone.
    let isAlone: Bool
  }

  init(_ rules: CharacterRules) throws(TokenizeError) {
    self.rules = rules
    guard let memory = calloc(0x110000, 1) else { throw TokenizeError(kind: "MemoryError", "out of memory") }
    actions = memory.assumingMemoryBound(to: UInt8.self)
    lowered = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
    for byte in UInt8(0)..<128 {
      let isCapital = rules.lowercases && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      lowered[Int(byte)] = isCapital ? byte + 32 : byte
      let action = work(out: Unicode.Scalar(byte))
      // A small letter in place of a capital is no more than a look at the table.
      actions[Int(byte)] = isCapital ? Action.keep.rawValue : action.rawValue
    }
  }

  deinit {
    free(actions)
    lowered.deallocate()
  }

  /// What becomes of a character.
  @inline(__always)
  func action(_ code: UInt32) -> Action {
    let known = Action(rawValue: actions[Int(code)]) ?? .unknown
    return known == .unknown ? learn(code) : known
  }

  /// What stands in the place of a character whose action is `replace`.
  func replacement(_ code: UInt32) -> Replacement { replacements[code] ?? Replacement(pieces: [], isAlone: false) }

  @inline(never)
  private func learn(_ code: UInt32) -> Action {
    guard let scalar = Unicode.Scalar(code) else { return .drop }
    let action = work(out: scalar)
    actions[Int(code)] = action.rawValue
    return action
  }

  private func work(out scalar: Unicode.Scalar) -> Action {
    let pieces = rules.pieces(scalar)
    let isAlone = rules.isolates(scalar)
    if pieces.isEmpty, !isAlone { return .drop }
    // Accents of class 0 go without a trace: nothing changes places with them.
    if !isAlone, pieces.allSatisfy({ $0.isRemoved && $0.combiningClass == 0 }) { return .drop }
    if let piece = pieces.first, pieces.count == 1, piece.combiningClass == 0, !piece.isRemoved {
      if piece.kind == .space { return .space }
      if piece.scalar == scalar { return isAlone || piece.kind == .punctuation ? .alone : .keep }
    }
    replacements[scalar.value] = Replacement(pieces: pieces, isAlone: isAlone)
    return .replace
  }
}
