import JSON
import Testing

/// Texts to values; what is no JSON gives the sentences of Rust's serde_json, which `safetensors` and `tokenizers` show.
@Suite struct JSONReaderTests {
  private func failure(_ text: String) -> String? {
    do {
      _ = try JSONReader.read(text)
      return nil
    } catch { return error.description }
  }

  @Test func scalars() throws {
    #expect(try JSONReader.read(" 12 ").integerValue == 12)
    #expect(try JSONReader.read("-9223372036854775808").integerValue == Int.min)
    #expect(try JSONReader.read("true").booleanValue == true)
    guard case .number(2.5e-3) = try JSONReader.read("0.25e-2"), case .number(18446744073709551616) = try JSONReader.read("18446744073709551616"),
      case .null = try JSONReader.read("null")
    else {
      Issue.record("numbers")
      return
    }
  }

  @Test func strings() throws {
    #expect(try JSONReader.read(#""a\u0041\n\"\\\/\ud83d\ude00é""#).stringValue == "aA\n\"\\/😀é")
    #expect(JSONText.quoted("é\n\u{1}\"\\\u{7F}") == "\"é\\n\\u0001\\\"\\\\\u{7F}\"")
    #expect(try JSONReader.read(JSONText.quoted("é\n\u{1}\"\\\u{7F}😀")).stringValue == "é\n\u{1}\"\\\u{7F}😀")
  }

  @Test func containers() throws {
    let value = try JSONReader.read(#"{"a": [1, {"b": []}], "c": {}, "a": 2}"#)
    #expect(value.rows?.map(\.key) == ["a", "c", "a"] && value["a"]?.integerValue == 2 && value["d"] == nil)
    #expect(value.rows?[0].value.elements?.count == 2)
  }

  @Test func mistakes() {
    // >>> safetensors.deserialize shows these for a header of the text.
    #expect(failure("") == "EOF while parsing a value at line 1 column 0")
    #expect(failure("nonsense") == "expected ident at line 1 column 2")
    #expect(failure(#"{"a":"#) == "EOF while parsing a value at line 1 column 5")
    #expect(failure("{} x") == "trailing characters at line 1 column 4")
    #expect(failure(#"{"\ud83d":1}"#) == "unexpected end of hex escape at line 1 column 9")
    #expect(failure("{\"a\": 1,\n \"b\": ]}") == "expected value at line 2 column 7")
    for text in ["[1,]", "{\"a\":1,}", "[1 2]", "{1:2}", "{\"a\" 1}", "01", "1.", "1e", "-", "\"\\x\"", "\"a\nb\"", "[", "{", "\"", "tru", "1e999", "\"\\ude00\""] {
      #expect(failure(text) != nil, "\(text)")
    }
    #expect(failure(String(repeating: "[", count: 100_000))?.hasPrefix("recursion limit exceeded") == true)
  }
}
