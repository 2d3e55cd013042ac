import Glibc
import Shell

/// A display that tells of every value shown, with its pictures, and of how much had been written by then.
final class EventDisplay: Display {
  /// Documents are UTF-8.
  let isUnicode = true
  /// 80 columns.
  let width = 80
  /// What documents can hold.
  let pictureTypes = ["image/png", "image/svg+xml"]
  private let tell: (CellEvent) -> Void

  /// A display that hands its events to `tell`.
  init(tell: @escaping (CellEvent) -> Void) { self.tell = tell }

  /// Writes to standard output.
  func write(_ text: String) { StandardStream.output.write(text) }

  /// Tells of a text.
  func show(_ text: String, number: Int?) { show(Presentation(text: text), number: number) }

  /// Tells of a text and its pictures.
  func show(_ presentation: Presentation, number: Int?) {
    let (printed, warned) = Capture.lengths()
    tell(.show(CellShow(isValue: number != nil, printed: printed, warned: warned, presentation: presentation)))
  }

  /// Writes to standard error.
  func report(_ report: ErrorReport) { StandardStream.error.write(report.text + "\n") }

  /// Nobody can answer: false.
  func confirm(_ question: String) -> Bool { false }
}
