@_spi(_Unicode) import Swift

/// What BERT's normalizer and pre-tokenizer make of a character.
///
/// Source: `BertNormalizer` and `BertPreTokenizer` of Hugging Face's tokenizers 0.23, with whose answers these agree on all code points.
/// Categories there are those of Unicode 8 and combining classes those of Unicode 9; whatever came later counts as a letter.
struct CharacterRules: Hashable, Sendable {
  /// Whether control characters go and white space becomes a space.
  var cleansText = true
  /// Whether Chinese characters stand alone.
  var separatesChinese = true
  /// Whether accents go.
  var stripsAccents = true
  /// Whether letters become small.
  var lowercases = true

  /// What becomes of one character.
  struct Piece {
    /// The scalar that stands in its place.
    let scalar: Unicode.Scalar
    /// How it is split from others.
    let kind: Kind
    /// Its combining class where its place among neighbours depends on it, else 0.
    let combiningClass: UInt8
    /// Whether it goes: an accent, which yet takes a place among its neighbours.
    let isRemoved: Bool
  }

  /// How a character is split from its neighbours.
  enum Kind: UInt8 {
    /// Part of a word.
    case letter
    /// Ends a word and goes.
    case space
    /// A word of its own.
    case punctuation
  }

  /// Whether the character stands alone whatever becomes of it.
  func isolates(_ scalar: Unicode.Scalar) -> Bool { separatesChinese && Self.isChinese(scalar) }

  /// What stands in the place of a character. Accents that go come with the rest.
  func pieces(_ scalar: Unicode.Scalar) -> [Piece] {
    var scalar = scalar
    if cleansText {
      if scalar == "\0" || scalar == "\u{FFFD}" || Self.isControl(scalar) { return [] }
      if Self.isSpace(scalar) { scalar = " " }
    }
    var scalars = [scalar]
    if stripsAccents, Self.age(scalar) <= 80 {
      scalars = Array(String(Character(scalar))._nfd)
    }
    if lowercases { scalars = scalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) } }
    return scalars.map { scalar in
      let kind: Kind = scalar.properties.isWhitespace ? .space : Self.isPunctuation(scalar) ? .punctuation : .letter
      let isOrdered = stripsAccents && Self.age(scalar) <= 90
      return Piece(
        scalar: scalar, kind: kind, combiningClass: isOrdered ? scalar.properties.canonicalCombiningClass.rawValue : 0,
        isRemoved: stripsAccents && Self.isMark(scalar))
    }
  }

  // MARK: Classes of characters

  /// The version of Unicode that a character came with, 63 for 6.3.
  private static func age(_ scalar: Unicode.Scalar) -> Int { scalar.properties.age.map { $0.major * 10 + $0.minor } ?? 990 }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar.properties.isWhitespace
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\t" || scalar == "\n" || scalar == "\r" { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse, .surrogate: return age(scalar) <= 80
    default: return false
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Marks of Unicode 8 that are others today, and the reverse.
    case 0x1734, 0x1171E: true
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: false
    default: scalar.properties.generalCategory == .nonspacingMark && age(scalar) <= 80
    }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 33...47, 58...64, 91...96, 123...126: return true
    // Punctuation in Unicode 8.
    case 0x166D, 0x111C9: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return age(scalar) <= 80
    default: return false
    }
  }

  private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF,
      0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
