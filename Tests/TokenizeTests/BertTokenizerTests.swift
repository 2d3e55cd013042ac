import Glibc
import JSON
import Testing
import Tokenize

/// Every answer of Hugging Face's tokenizers that make_fixtures.py wrote down.
@Suite struct BertTokenizerTests {
  private static let folder = String(#filePath.dropLast("BertTokenizerTests.swift".count)) + "Fixtures/"

  private func options(_ value: JSONValue) -> BertOptions {
    var options = BertOptions()
    options.doLowerCase = value["lowercase"]?.booleanValue
    options.stripAccents = value["strip_accents"]?.booleanValue
    options.tokenizeChineseChars = value["handle_chinese_chars"]?.booleanValue
    return options
  }

  private func numbers(_ value: JSONValue?) -> [Int32]? { value?.elements?.compactMap { $0.integerValue.map { Int32($0) } } }

  @Test(arguments: ["", "vocab.txt", "tokenizer.json"]) func agreesWithTokenizers(source: String) throws {
    let file = try #require(try TextFile(path: Self.folder + "cases.jsonl"))
    var tokenizers: [String: BertTokenizer] = [:]
    var count = 0
    for line in file.bytes.split(separator: 0x0A) {
      let value = try JSONReader.read(String(decoding: line, as: UTF8.self))
      let asked = try #require(value["options"])
      let key = asked.rows.map { rows in rows.map { "\($0.key)\($0.value.booleanValue ?? false)" }.joined() } ?? ""
      let tokenizer = try tokenizers[key] ?? BertTokenizer(path: Self.folder + source, asked: options(asked))
      tokenizers[key] = tokenizer
      var request = EncodingRequest()
      if let name = value["truncation"]?.stringValue { request.truncation = try #require(EncodingRequest.Truncation(rawValue: name)) }
      request.maxLength = value["max_length"]?.integerValue
      request.wantsPlaces = value["offsets"] != nil
      tokenizer.setSides(truncatesLeft: value["direction"]?.stringValue == "left")
      let text = try #require(value["text"]?.stringValue)
      do {
        let encoding = try #require(try tokenizer.encode([(text, value["pair"]?.stringValue)], request).first)
        #expect(encoding.ids == numbers(value["ids"]), "\(line.count) \(text)")
        #expect(encoding.types == numbers(value["types"]), "\(text)")
        if let places = value["offsets"]?.elements {
          #expect(zip(encoding.starts, encoding.ends).map { [$0, $1] } == places.map { numbers($0) ?? [] }, "\(text)")
          #expect(encoding.words == numbers(value["words"]), "\(text)")
          let ids = encoding.ids.map { Int($0) }
          #expect(try tokenizer.decode(ids, skipsSpecial: true) == value["decoded"]?.stringValue)
          #expect(try tokenizer.decode(ids) == value["decoded_all"]?.stringValue)
        }
      } catch let error as TokenizeError { #expect(error.message == value["error"]?.stringValue) }
      count += 1
    }
    #expect(count > 800)
  }

  private func failure(_ name: String, _ content: [UInt8]) -> String? {
    let path = "/tmp/qrepl-tokenize-\(getpid())-\(name)"
    guard let file = fopen(path, "w") else { return nil }
    fwrite(content, 1, content.count, file)
    fclose(file)
    defer { unlink(path) }
    do {
      _ = try BertTokenizer(path: path)
      return nil
    } catch { return error.message.replacing(path, with: name) }
  }

  @Test func mistakesNameFileAndLine() {
    #expect(failure("v.txt", []) == "v.txt: the vocabulary is empty")
    #expect(failure("v.txt", Array("[PAD]\n[UNK]\n".utf8) + [0xFF, 0x0A]) == "v.txt:3: the line is not valid UTF-8")
    #expect(failure("v.txt", Array("[PAD]\n[UNK]\n[CLS]\n".utf8)) == "v.txt: the vocabulary lacks '[SEP]', the sep_token")
    #expect(failure("t.json", Array("{\n\"model\": }".utf8)) == "t.json:2: expected value (column 10)")
    #expect(failure("t.json", Array("{}".utf8)) == "t.json: the field model is missing")
    #expect(failure("t.json", Array(#"{"model": {"type": "BPE"}}"#.utf8)) == "t.json: model.type is \"BPE\"; BertTokenizer reads WordPiece vocabularies")
    #expect(failure("t.json", Array(#"{"model": {"vocab": {"a": 0, "b": 0}}}"#.utf8)) == "t.json: model.vocab: 'a' and 'b' have the same id 0")
    #expect(failure("t.json", Array(#"{"model": {"vocab": {"a": -1}}}"#.utf8)) == "t.json: model.vocab: the id of 'a' is integer `-1`, not one of 0…0")
  }
}

extension String {
  fileprivate func replacing(_ part: String, with other: String) -> String {
    var result = ""
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(part) {
        result += other
        rest = rest.dropFirst(part.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
