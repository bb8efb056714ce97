// Small tokenizers of every kind against what Hugging Face's `tokenizers` made of the same strings
// (Scripts/make-tokenizer-references.py wrote both).

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import IQText
import Testing
import _IQTestSupport

/// One of the recorded tokenizers with its expectations.
struct TokenizerReference {
    static let names = [
        "gpt2", "llama3", "qwen2", "smollm", "gemma", "llama2", "metaspace", "bert", "plain-words", "no-decoder-words",
    ]

    let tokenizer: Tokenizer
    let texts: [String]
    let expected: JSONValue

    init(_ name: String) throws {
        tokenizer = try Tokenizer(json: try Self.resource("\(name).tokenizer.json"))
        texts = try #require(try Self.json("strings.json").elements).map { try #require($0.string) }
        expected = try Self.json("\(name).expected.json")
    }

    static func resource(_ name: String) throws -> Data {
        try Data(contentsOf: packageFolder.appending(path: "Tests/IQTextTests/Resources/\(name)"))
    }

    static func json(_ name: String) throws -> JSONValue {
        try JSONDocument(Array(try resource(name))).root
    }

    var cases: [(text: String, expected: JSONValue)] {
        get throws { Array(zip(texts, Array(try #require(expected["cases"]?.elements)))) }
    }
}

extension JSONValue {
    /// The token ids of a recorded list; nil for null.
    var ids: [TokenID]? { elements.map { $0.compactMap(\.integer).map(TokenID.init) } }
}

@Suite("Tokenizers give the reference's tokens and text")
struct TokenizerReferenceTests {
    @Test("ids of every string, special tokens recognised or not", arguments: TokenizerReference.names)
    func encoding(_ name: String) throws {
        let reference = try TokenizerReference(name)
        #expect(try reference.cases.count > 200)
        for (text, expected) in try reference.cases {
            let ids = try #require(expected["ids"]?.ids)
            #expect(
                reference.tokenizer.encode(text, parsingSpecialTokens: true) == ids,
                "\(name): \(text.debugDescription)"
            )
            #expect(
                reference.tokenizer.encode(text) == expected["plain"]?.ids ?? ids,
                "\(name), names of special tokens as text: \(text.debugDescription)"
            )
            if let special = expected["special"]?.ids {
                let all = reference.tokenizer.encode(text, addingSpecialTokens: true, parsingSpecialTokens: true)
                #expect(all == special, "\(name), with what surrounds a text: \(text.debugDescription)")
            }
        }
    }

    @Test("text of the tokens of every string", arguments: TokenizerReference.names)
    func decoding(_ name: String) throws {
        let reference = try TokenizerReference(name)
        for (text, expected) in try reference.cases {
            let ids = try #require(expected["ids"]?.ids)
            #expect(reference.tokenizer.decode(ids) == expected["decoded"]?.string, "\(name): \(text.debugDescription)")
            if let skipped = expected["skipped"]?.string {
                #expect(
                    reference.tokenizer.decode(ids, skippingSpecialTokens: true) == skipped,
                    "\(name): \(text.debugDescription)"
                )
            }
        }
    }

    @Test("text of random tokens, which spell no valid text", arguments: TokenizerReference.names)
    func decodingNoise(_ name: String) throws {
        let reference = try TokenizerReference(name)
        for run in try #require(reference.expected["decoding"]?.elements) {
            let ids = try #require(run["ids"]?.ids)
            #expect(reference.tokenizer.decode(ids) == run["text"]?.string, "\(name): \(ids)")
        }
    }

    @Test("streaming gives the same text in pieces that are whole characters", arguments: TokenizerReference.names)
    func streaming(_ name: String) throws {
        let reference = try TokenizerReference(name)
        var runs = try reference.cases.map { $0.expected["ids"]?.ids ?? [] }
        runs += try #require(reference.expected["decoding"]?.elements).map { $0["ids"]?.ids ?? [] }
        for ids in runs {
            for skips in [false, true] {
                var decoder = reference.tokenizer.makeStreamingDecoder(skippingSpecialTokens: skips)
                var pieces = ids.map { decoder.append($0) }
                pieces.append(decoder.finish())
                let whole = reference.tokenizer.decode(ids, skippingSpecialTokens: skips)
                #expect(pieces.joined().unicodeScalars.elementsEqual(whole.unicodeScalars), "\(name): \(ids)")
            }
        }
    }

    @Test("normalisation forms", arguments: ["NFC", "NFD", "NFKC", "NFKD"])
    func normalization(_ name: String) throws {
        let form = try #require(UnicodeForm(rawValue: name))
        let texts = try #require(try TokenizerReference.json("strings.json").elements)
        let expected = try #require(try TokenizerReference.json("normalization.json")[name]?.elements)
        for (text, wanted) in zip(texts, expected) {
            let bytes = try #require(text.utf8)
            #expect(form.normalize(bytes) == wanted.utf8, "\(name): \(text.string ?? "")")
        }
    }
}
