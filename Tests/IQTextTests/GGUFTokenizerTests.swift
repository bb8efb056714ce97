// Tokenizers from GGUF metadata, on vocabularies small enough to follow by hand.

import IQText
import Testing
import _IQTestSupport

@Suite("Tokenizers from GGUF metadata")
struct GGUFTokenizerTests {
    private func bytes(_ strings: [String]) -> [[UInt8]] { strings.map { Array($0.utf8) } }

    /// The byte alphabet's first characters, then what two merges make of them.
    private var byteLevel: GGUFVocabulary {
        GGUFVocabulary(
            model: "gpt2",
            pre: "smollm",
            tokens: bytes(["<|end|>", "a", "b", "Ġ", "ab", "Ġab", "1", "Ã", "©"]),
            types: [3, 1, 1, 1, 1, 1, 1, 1, 1],
            merges: bytes(["a b", "Ġ ab"]),
            endOfText: 0
        )
    }

    @Test("byte-level: merges by rank, digits apart, bytes through their characters")
    func byteLevelTokens() throws {
        let tokenizer = try Tokenizer(vocabulary: byteLevel)
        #expect(tokenizer.encode("ab ab11é") == [4, 5, 6, 6, 7, 8])
        #expect(tokenizer.decode([4, 5, 6, 6, 7, 8]) == "ab ab11é")
        #expect(tokenizer.encode("a<|end|>", parsingSpecialTokens: true) == [1, 0])
        #expect(tokenizer.encode("a<|end|>b") == [1, 2])
        #expect(tokenizer.bytes(of: 5) == Array(" ab".utf8))
        #expect(tokenizer.bytes(of: 7) == [0xC3])
        #expect(tokenizer.bytes(of: 0) == Array("<|end|>".utf8))
        #expect(tokenizer.isSpecial(0) && !tokenizer.isSpecial(1))
        #expect(tokenizer.endOfGeneration == [0])
        #expect(tokenizer.token(named: "Ġab") == 5)
        #expect(tokenizer.name(of: 5) == "Ġab")
    }

    @Test("half a character is held back")
    func streaming() throws {
        let tokenizer = try Tokenizer(vocabulary: byteLevel)
        var decoder = tokenizer.makeStreamingDecoder()
        #expect(decoder.append(7) == "")
        #expect(decoder.append(8) == "é")
        #expect(decoder.append(7) == "")
        #expect(decoder.append(0) == "")
        #expect(decoder.append(1) == "\u{FFFD}a")
        #expect(decoder.append(7) == "")
        #expect(decoder.finish() == "\u{FFFD}")
    }

    /// `▁`, letters, and words by score.
    private var scored: GGUFVocabulary {
        GGUFVocabulary(
            model: "llama",
            tokens: bytes(["<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁", "a", "b", "ab", "▁a", "bc"]),
            scores: [0, 0, 0, 0, 0, -9, -9, -9, -2, -1, -3],
            types: [2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 1],
            beginningOfText: 1,
            endOfText: 2,
            unknown: 0
        )
    }

    @Test("scores: the highest first, then leftmost; other characters as bytes, else unknown")
    func scoredTokens() throws {
        let tokenizer = try Tokenizer(vocabulary: scored)
        // "▁ab": ▁a scores above ab.
        #expect(tokenizer.encode("ab") == [9, 7])
        #expect(tokenizer.encode("ab", addingSpecialTokens: true) == [1, 9, 7])
        #expect(tokenizer.encode("é") == [5, 3, 4])
        #expect(tokenizer.encode("z") == [5, 0])
        // c is no token of its own, but part of one.
        #expect(tokenizer.encode("bc") == [5, 10])
        #expect(tokenizer.encode("ac") == [9, 0])
        #expect(tokenizer.decode([9, 7, 5, 3, 4]) == "ab é")
        #expect(tokenizer.decode([3, 4, 3]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
        #expect(tokenizer.bytes(of: 3) == [0xC3])
        #expect(tokenizer.bytes(of: 9) == Array(" a".utf8))
    }

    @Test("without a space prefix the first word has no mark")
    func spacePrefix() throws {
        var vocabulary = scored
        vocabulary.addsSpacePrefix = false
        let tokenizer = try Tokenizer(vocabulary: vocabulary)
        #expect(tokenizer.encode("ab ab") == [8, 9, 7])
        #expect(tokenizer.decode([9]) == " a")
    }

    @Test("WordPiece marks the front of words")
    func wordPiece() throws {
        let tokenizer = try Tokenizer(
            vocabulary: GGUFVocabulary(
                model: "bert",
                tokens: bytes(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁new", "s", "▁,"]),
                types: [3, 3, 3, 3, 1, 1, 1],
                unknown: 1,
                separator: 3,
                classification: 2
            )
        )
        #expect(tokenizer.encode("News, zzz", addingSpecialTokens: true) == [2, 4, 5, 6, 1, 3])
        #expect(tokenizer.decode([4, 5, 6]) == "news,")
    }

    @Test("what does not fit together is refused")
    func errors() {
        func failure(_ change: (inout GGUFVocabulary) -> Void) -> TokenizerError? {
            var vocabulary = byteLevel
            change(&vocabulary)
            do throws(TokenizerError) {
                _ = try Tokenizer(vocabulary: vocabulary)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure { $0.tokens = [] } == .emptyVocabulary)
        #expect(failure { $0.model = "rwkv" } == .unsupported(component: "model", name: "rwkv"))
        #expect(failure { $0.pre = "odd" } == .unsupported(component: "pre-tokenizer", name: "odd"))
        #expect(failure { $0.pre = nil } == .unsupported(component: "pre-tokenizer", name: "(none stated)"))
        #expect(
            failure { $0.types = [1] } == .countMismatch(field: "tokenizer.ggml.token_type", count: 1, expected: 9)
        )
        #expect(
            failure { $0.endOfText = 9 }
                == .identifierOutOfRange(token: "tokenizer.ggml.eos_token_id", identifier: 9, limit: 9)
        )
        #expect(
            failure { $0.merges = bytes(["a c"]) } == .danglingMerge(rank: 0, left: "a", right: "c", missing: "c")
        )
        #expect(failure { $0.merges = bytes(["ab"]) } == .invalidMerge(rank: 0, text: "ab"))
        #expect(
            failure { $0.merges = nil }
                == .invalidValue(
                    file: "GGUF metadata",
                    path: "tokenizer.ggml.merges",
                    expected: "an array",
                    found: "missing"
                )
        )
    }

    @Test("tokens that are no valid UTF-8 do no harm")
    func invalidBytes() throws {
        var vocabulary = byteLevel
        vocabulary.tokens[0] = [0xA9]
        vocabulary.tokens[6] = [0xFF, 0xC3]
        let tokenizer = try Tokenizer(vocabulary: vocabulary)
        #expect(tokenizer.encode("é", parsingSpecialTokens: true) == [7, 8])
        #expect(tokenizer.decode([6, 1]) == "\u{FFFD}\u{FFFD}a")
    }
}
