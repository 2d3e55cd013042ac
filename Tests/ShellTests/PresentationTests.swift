import LuaVM
import Shell
import Testing

/// A display that shows pictures, and keeps what it was given.
private final class PictureDisplay: Display {
  let isUnicode = false
  let width = 50
  let pictureTypes = ["image/png"]
  var texts: [String] = []
  var presentations: [(presentation: Presentation, number: Int?)] = []
  var reports: [ErrorReport] = []

  func write(_ text: String) { texts.append(text) }
  func show(_ text: String, number: Int?) { texts.append(text) }
  func show(_ presentation: Presentation, number: Int?) { presentations.append((presentation, number)) }
  func report(_ report: ErrorReport) { reports.append(report) }
  func confirm(_ question: String) -> Bool { false }
}

/// A value with a picture, which tells in its text what it was asked for.
private let picture = """
  pic = setmetatable({}, {__mime = function(value, want)
    local names = {}
    for name, wanted in pairs(want) do names[#names + 1] = name .. "=" .. tostring(wanted) end
    table.sort(names)
    return {["text/plain"] = table.concat(names, " "), ["image/png"] = "\\x89PNG\\0", ["image/gif"] = "GIF"}
  end})
  """

@Suite struct Presentations {
  @Test func valuesShowPicturesOfThemselves() throws {
    let display = PictureDisplay()
    let session = try Session(lua: LuaState(), display: display)
    session.run(cell: picture)
    session.run(cell: "pic")
    let shown = try #require(display.presentations.first)
    #expect(shown.number == 2)
    #expect(shown.presentation.text == "colors=false image/png=true unicode=false width=50")
    #expect(shown.presentation.pictures == ["image/png": [0x89, 0x50, 0x4E, 0x47, 0]])
    session.run(cell: "debug.getregistry()['qrepl.show'](pic)")
    #expect(display.presentations.count == 2 && display.presentations[1].number == nil)
    session.run(cell: "pic;")
    session.run(cell: "pic, 1")
    #expect(display.presentations.count == 2)
    #expect(display.texts.last?.hasSuffix("\t1") == true)
  }

  @Test func withoutPicturesThereIsText() throws {
    let bench = try Bench()
    bench.run(picture)
    #expect(bench.run("pic") == "colors=false unicode=true width=80")
    #expect(bench.run("debug.getregistry()['qrepl.screen']()") == "80\ttrue\tfalse")
  }

  @Test(arguments: [
    ("function() error('no picture', 0) end", "no picture"), ("function() return 5 end", "__mime must return a table of contents by MIME type"),
  ])
  func failuresAreTheCells(mime: String, message: String) throws {
    let bench = try Bench()
    bench.run("bad = setmetatable({}, {__mime = \(mime)})")
    #expect(bench.run("bad")?.hasPrefix(message) == true)
    #expect(bench.run("1 + 1") == "2")
  }
}

@Suite struct PictureMagicSettings {
  /// A session whose plot library tells what it was called with.
  private func bench() throws -> Bench {
    let bench = try Bench()
    bench.run(
      """
      package.preload["plot.magics"] = function()
        local function tell(name) return function(settings, ...)
          local parts = {}
          for key, value in pairs(settings) do parts[#parts + 1] = key .. "=" .. tostring(value) end
          table.sort(parts)
          local text = name .. ": " .. table.concat(parts, " ") .. " | " .. table.concat({...}, " ")
          return setmetatable({}, {__mime = function() return {["text/plain"] = text} end}), settings.png and "wrote " .. settings.png
        end end
        return {plot = tell "plot", hist = tell "hist", spy = tell "spy"}
      end
      """)
    return bench
  }

  @Test func settingsAndValuesReachTheLibrary() throws {
    let bench = try bench()
    bench.run("local a = 3")
    #expect(bench.run("%plot -w 40 -h5 --ascii a, 1 + 1") == nil)
    #expect(bench.display.shown[0] == "plot: ascii=true h=5 source=a, 1 + 1 w=40 | 3 2")
    bench.run("%hist -b 20 a")
    #expect(bench.display.shown[0] == "hist: b=20 source=a | 3")
    #expect(bench.output("%spy --png out.png a") == "wrote out.png\n")
  }

  @Test(arguments: [
    ("%plot", "UsageError: %plot needs something to draw: %plot y, … | f, from, to"),
    ("%plot -w x 1", "UsageError: option -w must be a whole number from 1, not 'x'"),
    ("%spy -b 3 1", "UsageError: option -b not recognized (allowed: -w COLUMNS, -h LINES, --ascii, --png F)"),
    ("%summary", "UsageError: %summary needs a model: %summary model"), ("%qdiff", "UsageError: %qdiff needs a model: %qdiff before, after"),
  ])
  func usage(cell: String, message: String) throws {
    #expect(try bench().run(cell) == message)
  }

  @Test func tablesOfModels() throws {
    let bench = try Bench()
    bench.run(
      """
      package.preload["torch.model_tables"] = function()
        return {summary = function(m) return setmetatable({bytes = m}, {__tostring = function() return "table " .. m end}) end,
          json = function(t) return "{" .. t.bytes .. "}\\n" end}
      end
      """)
    #expect(bench.run("%summary 12") == nil)
    #expect(bench.display.shown[0] == "table 12")
    #expect(bench.output("%summary --json 12") == "{12}\n")
    #expect(bench.run("local t = %summary -o 12\nt.bytes") == "12")
  }
}
