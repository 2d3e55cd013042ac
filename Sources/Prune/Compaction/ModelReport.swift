import Glibc
import Interface
import Kernels
import NN
import Torch

/// Two models side by side: what each layer holds and how long it takes.
public final class ModelReport: CustomStringConvertible {
  /// A layer of both models; of one, where the other has none at this path.
  struct Row {
    let name: String
    var before, after: LayerFigures?
  }

  let rows: [Row]
  let before, after: LayerFigures

  /// Compares two models on an example: shapes, zeros, parameters, bytes, and time in evaluation mode without gradients.
  /// - Throws: what the models throw on the example.
  public init(_ before: Module, _ after: Module, _ inputs: [Value]) throws {
    var rows: [Row] = []
    let layers = [before, after].map { $0.weightLayers() }
    let times = try ModelReport.times([before, after], layers, inputs)
    for (path, module) in layers[0] {
      var figures = try LayerFigures(module)
      figures.milliseconds = times.layers[0][path] ?? 0
      rows.append(Row(name: path, before: figures, after: nil))
    }
    for (path, module) in layers[1] {
      var figures = try LayerFigures(module)
      figures.milliseconds = times.layers[1][path] ?? 0
      if let i = rows.firstIndex(where: { $0.name == path }) { rows[i].after = figures } else { rows.append(Row(name: path, before: nil, after: figures)) }
    }
    self.rows = rows
    var totals = [try LayerFigures(before, rows.compactMap(\.before)), try LayerFigures(after, rows.compactMap(\.after))]
    for i in 0..<2 { totals[i].milliseconds = times.whole[i] }
    (self.before, self.after) = (totals[0], totals[1])
  }

  /// Fields as Lua reads them: `layers`, a list of `{name, before, after}`, `total`, and `ratio`, after by before.
  public func field(_ name: String) -> Value? {
    switch name {
    case "layers":
      .list(
        rows.map { row in
          var entries: [(Value, Value)] = [(.string("name"), .string(row.name))]
          if let figures = row.before { entries.append((.string("before"), figures.value)) }
          if let figures = row.after { entries.append((.string("after"), figures.value)) }
          return .dictionary(entries)
        })
    case "total": .dictionary([(.string("before"), before.value), (.string("after"), after.value)])
    case "ratio":
      .dictionary([
        (.string("parameters"), .number(ModelReport.ratio(before.parameters, after.parameters))),
        (.string("bytes"), .number(ModelReport.ratio(before.bytes, after.bytes))),
        (.string("ms"), .number(after.milliseconds / before.milliseconds)), (.string("speed"), .number(before.milliseconds / after.milliseconds)),
      ])
    default: nil
    }
  }

  static func ratio(_ before: Int, _ after: Int) -> Double { Double(after) / Double(before) }

  public var description: String { ReportText(self).text }

  // Times

  /// Milliseconds: of this thread where kernels have no other, so that a busy machine does not lengthen them; else on the wall.
  private static func now() -> Double {
    var time = timespec()
    clock_gettime(Threads.count == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    if sorted.isEmpty { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Medians of runs of the models in turn: of the whole, and of each layer by path from runs with hooks.
  private static func times(
    _ models: [Module], _ layers: [[(path: String, module: Module)]], _ inputs: [Value]
  ) throws -> (whole: [Double], layers: [[String: Double]]) {
    let modes = models.map { $0.allModules.map { ($0, $0.training) } }
    defer { for (module, mode) in modes.joined() { module.training = mode } }
    for model in models { try model.eval() }
    return try GradMode.with(false) {
      let whole = try medians(of: models.map { model in { _ = try model.call(inputs) } })
      let perLayer = try zip(models, layers).map { model, layers in
        let stopwatch = Stopwatch(layers)
        defer { stopwatch.remove() }
        _ = try medians(of: [{ _ = try model.call(inputs); stopwatch.lap() }])
        return stopwatch.laps.mapValues { median($0) }
      }
      return (whole, perLayer)
    }
  }

  /// The medians of bodies that are run in turn for some tenths of a second.
  private static func medians(of bodies: [() throws -> Void]) throws -> [Double] {
    for body in bodies { try body() }
    var runs = bodies.map { _ in [Double]() }
    let start = now()
    repeat {
      for (i, body) in bodies.enumerated() {
        let begin = now()
        try body()
        runs[i].append(now() - begin)
      }
    } while runs[0].count < 5 || (runs[0].count < 200 && now() - start < 200)
    return runs.map { median($0) }
  }

  /// Measures how long layers take in one run of a model, with their own hooks.
  private final class Stopwatch {
    private var begins: [String: Double] = [:]
    private var sums: [String: Double] = [:]
    private(set) var laps: [String: [Double]] = [:]
    private var hooks: [(module: Module, id: Int)] = []

    init(_ layers: [(path: String, module: Module)]) {
      for (path, module) in layers {
        let before = ForwardPreHook { [unowned self] _, _ in
          begins[path] = now()
          return nil
        }
        hooks.append((module, module.registerForwardPreHook(before, first: true)))
        let after = module.registerForwardHook { [unowned self] _, _, _ in
          if let begin = begins.removeValue(forKey: path) { sums[path, default: 0] += now() - begin }
          return nil
        }
        hooks.append((module, after))
      }
    }

    func lap() {
      for (path, sum) in sums { laps[path, default: []].append(sum) }
      sums = [:]
    }

    func remove() { for (module, id) in hooks { module.removeHook(id) } }
  }
}
