import IQText
import Testing

@Suite("JSON is read strictly")
struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONDocument(Array(text.utf8)).root }

    private func failure(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONDocument(bytes)
            return nil
        } catch {
            return error
        }
    }

    private func failure(_ text: String) -> JSONError? { failure(Array(text.utf8)) }

    @Test("values keep their order, and escapes are resolved")
    func values() throws {
        let root = try parse(#" {"b": [1, -2, 3.5e2, true, null], "a\u0041\n": "x\ud83d\ude00\/", "o": {}, "e": []} "#)
        #expect(root.members?.map { $0.key.string } == ["b", "aA\n", "o", "e"])
        #expect(root["b"]?.elements?.map(\.integer) == [1, -2, nil, nil, nil])
        #expect(root["b"]?.elements?.map(\.double) == [1, -2, 350, nil, nil])
        #expect(root["b"]?.elements?.map(\.bool) == [nil, nil, nil, true, nil])
        #expect(root["aA\n"]?.string == "x😀/")
        #expect(root["o"]?.isObject == true && root["o"]?.count == 0)
        #expect(root["e"]?.isArray == true && root["e"]?.count == 0)
        #expect(root["missing"] == nil)
    }

    @Test("integers that no Int holds are no integers")
    func integers() throws {
        #expect(try parse("9223372036854775807").integer == .max)
        #expect(try parse("-9223372036854775808").integer == .min)
        #expect(try parse("9223372036854775808").integer == nil)
        #expect(try parse("1.0").integer == nil)
    }

    @Test(
        "what is not JSON is refused at its byte",
        arguments: [
            ("", .unexpectedEnd, 0), ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte(0x5D), 3),
            ("{\"a\"}", .unexpectedByte(0x7D), 4), ("{\"a\":1,}", .unexpectedByte(0x7D), 7),
            ("[1] x", .trailingBytes, 4), ("01", .invalidNumber, 0), ("1.", .invalidNumber, 0),
            ("-", .invalidNumber, 0),
            ("\"\u{1}\"", .controlCharacter(1), 1), ("\"\\x\"", .invalidEscape, 1), ("\"\\u12\"", .invalidEscape, 1),
            ("\"\\ud800\"", .loneSurrogate, 1), ("\"\\udc00\"", .loneSurrogate, 1),
            ("\"\\ud800\\u0041\"", .loneSurrogate, 1), ("tru", .unexpectedEnd, 3), ("nul1", .unexpectedByte(0x31), 3),
            ("'a'", .unexpectedByte(0x27), 0), ("\"abc", .unexpectedEnd, 4), ("NaN", .unexpectedByte(0x4E), 0),
            ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a"), 8),
        ] as [(String, JSONError.Reason, Int)]
    )
    func errors(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        #expect(failure(text) == JSONError(reason, byteOffset: offset))
    }

    @Test("invalid UTF-8 in strings is refused: overlong, surrogate, too large, cut off")
    func invalidUTF8() {
        for bytes: [UInt8] in [
            [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
        ] {
            #expect(failure([0x22] + bytes + [0x22]) == JSONError(.invalidUTF8, byteOffset: 1))
        }
    }

    @Test("nesting ends at its limit, not with the stack")
    func depth() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(failure(deep) == JSONError(.tooDeep(limit: 128), byteOffset: 128))
        let allowed = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(failure(allowed) == nil)
    }

    @Test("every prefix of a text is refused")
    func truncation() {
        let text = Array(#"{"model":{"vocab":{"a":0,"\u00e9":1},"merges":["a b",["c","d"]]},"x":-1.5e-3}"#.utf8)
        #expect(failure(text) == nil)
        for length in 0..<text.count { #expect(failure(Array(text[..<length])) != nil) }
    }
}
