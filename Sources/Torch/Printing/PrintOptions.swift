/// How tensors print: `torch.set_printoptions`.
public struct PrintOptions: Sendable, Equatable {
  /// Digits after the point of a floating element.
  public var precision: Int
  /// With more elements than this only the edges are printed; infinity prints everything.
  public var threshold: Double
  /// Elements kept at each end of a summarized dimension.
  public var edgeItems: Int
  /// Columns after which a row of elements, or the suffixes, wrap.
  public var lineWidth: Int
  /// Scientific notation always (true), never (false), or when the values ask for it (nil).
  public var scientific: Bool?

  /// Options as given; the defaults are PyTorch's.
  public init(precision: Int = 4, threshold: Double = 1000, edgeItems: Int = 3, lineWidth: Int = 80, scientific: Bool? = nil) {
    self.precision = precision
    self.threshold = threshold
    self.edgeItems = edgeItems
    self.lineWidth = lineWidth
    self.scientific = scientific
  }

  /// The profile `default`.
  public static let standard = PrintOptions()
  /// The profile `short`: two digits, two edge items.
  public static let short = PrintOptions(precision: 2, edgeItems: 2)
  /// The profile `full`: never summarized.
  public static let full = PrintOptions(threshold: .infinity)

  /// The profile PyTorch calls `name`: default, short or full; nil for another name.
  public init?(profile name: String) {
    switch name {
    case "default": self = .standard
    case "short": self = .short
    case "full": self = .full
    default: return nil
    }
  }
}
