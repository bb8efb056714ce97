// The tokenizer of the real SmolLM2 file against recorded ids, texts and chat renderings of transformers.

import IQModel
import IQText
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.enabled(if: ModelFiles.has(ModelFiles.smolLM2), "SmolLM2 is absent: run Scripts/fetch-model smollm2"))
struct SmolLM2TokenizerGoldenTests {
    private let tokenizer: Tokenizer
    private let golden: JSONValue

    init() throws {
        let file = try GGUFFile.open(path: ModelFiles.url(ModelFiles.smolLM2).path)
        tokenizer = try Tokenizer(vocabulary: try #require(try GGUFVocabulary(file.metadata)))
        golden = try JSONDocument(Array(try GoldenFiles.data("tokenizer/smollm2.json"))).root
    }

    private func ids(_ value: JSONValue?) throws -> [TokenID] {
        try #require(value?.elements).map { TokenID(try #require($0.integer)) }
    }

    @Test("every string: ids, token names, text, text without special tokens")
    func strings() throws {
        let cases = Array(try #require(golden["cases"]?.elements))
        #expect(cases.count == 60)
        for entry in cases {
            let text = try #require(entry["text"]?.string)
            let expected = try ids(entry["ids"])
            #expect(tokenizer.encode(text, parsingSpecialTokens: true) == expected, "\(text.debugDescription)")
            #expect(expected.map { tokenizer.name(of: $0) } == entry["tokens"]?.elements?.compactMap(\.string))
            #expect(tokenizer.decode(expected) == entry["decoded"]?.string)
            #expect(
                tokenizer.decode(expected, skippingSpecialTokens: true) == entry["decoded_skip_special"]?.string
            )
            var decoder = tokenizer.makeStreamingDecoder(skippingSpecialTokens: false)
            let streamed = expected.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(streamed == entry["decoded"]?.string)
        }
    }

    @Test("every rendered conversation: ids")
    func conversations() throws {
        let conversations = Array(try #require(golden["chat"]?.elements))
        #expect(conversations.count == 10)
        for entry in conversations {
            let text = try #require(entry["text"]?.string)
            #expect(tokenizer.encode(text, parsingSpecialTokens: true) == (try ids(entry["ids"])))
        }
    }

    @Test("special tokens")
    func specialTokens() throws {
        func name(_ token: TokenID?) -> String? { token.map { tokenizer.name(of: $0) } }
        #expect(name(tokenizer.beginningOfText) == golden["bos"]?.string)
        #expect(name(tokenizer.endOfText) == golden["eos"]?.string)
        #expect(name(tokenizer.padding) == golden["pad"]?.string)
        #expect(name(tokenizer.unknown) == golden["unk"]?.string)
        #expect(tokenizer.encode("a", addingSpecialTokens: true) == tokenizer.encode("a"))
        #expect(Set(tokenizer.endOfGeneration.map { tokenizer.name(of: $0) }) == ["<|im_end|>", "<|endoftext|>"])
        #expect(tokenizer.vocabularySize == 49_152)
    }
}
