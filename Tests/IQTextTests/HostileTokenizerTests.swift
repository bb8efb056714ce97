// Files and texts that are broken or made to hurt: typed errors or right results, never a crash or a hang.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import IQText
import Testing
import _IQTestSupport

@Suite("Broken tokenizer files give typed errors, hostile texts right results")
struct HostileTokenizerTests {
    private func load(_ json: String) throws(TokenizerError) -> Tokenizer { try Tokenizer(json: Data(json.utf8)) }

    private func failure(_ json: String) -> TokenizerError? {
        do throws(TokenizerError) {
            _ = try load(json)
            return nil
        } catch {
            return error
        }
    }

    private func model(vocab: String, merges: String = "[]", rest: String = "") -> String {
        #"{"model":{"type":"BPE","vocab":\#(vocab),"merges":\#(merges)}\#(rest)}"#
    }

    @Test("vocabularies")
    func vocabularies() {
        #expect(failure(model(vocab: "{}")) == .emptyVocabulary)
        #expect(failure(model(vocab: #"{"a":0,"b":0}"#)) == .duplicateIdentifier(0, first: "a", second: "b"))
        #expect(
            failure(model(vocab: #"{"a":9000000000}"#))
                == .identifierOutOfRange(token: "a", identifier: 9_000_000_000, limit: 65_540)
        )
        #expect(
            failure(model(vocab: #"{"a":-1}"#)) == .identifierOutOfRange(token: "a", identifier: -1, limit: 65_540)
        )
        #expect(
            failure(model(vocab: #"{"a":"x"}"#))
                == .invalidValue(
                    file: "tokenizer.json",
                    path: "model.vocab.a",
                    expected: "an integer",
                    found: "a string"
                )
        )
        #expect(
            failure(model(vocab: "[]"))
                == .invalidValue(file: "tokenizer.json", path: "model.vocab", expected: "an object", found: "an array")
        )
    }

    /// Found by fuzzing: such a token would be looked up beyond the model's embeddings.
    @Test("tokens around the text that the vocabulary lacks")
    func postProcessorTokens() {
        let vocab = #"{"a":0,"b":1}"#
        func rest(_ id: Int) -> String {
            #","post_processor":{"type":"BertProcessing","cls":["a",0],"sep":["b",\#(id)]}"#
        }
        #expect(failure(model(vocab: vocab, rest: rest(1))) == nil)
        #expect(
            failure(model(vocab: vocab, rest: rest(2)))
                == .identifierOutOfRange(token: "of post_processor", identifier: 2, limit: 2)
        )
    }

    @Test("merges")
    func merges() {
        let vocab = #"{"a":0,"b":1,"ab":2}"#
        #expect(failure(model(vocab: vocab, merges: #"["a b"]"#)) == nil)
        #expect(
            failure(model(vocab: vocab, merges: #"["a b",["a","c"]]"#))
                == .danglingMerge(rank: 1, left: "a", right: "c", missing: "c")
        )
        #expect(
            failure(model(vocab: vocab, merges: #"["b a"]"#))
                == .danglingMerge(rank: 0, left: "b", right: "a", missing: "ba")
        )
        #expect(failure(model(vocab: vocab, merges: #"["ab"]"#)) == .invalidMerge(rank: 0, text: "ab"))
        #expect(failure(model(vocab: vocab, merges: #"[["","a"]]"#)) == .invalidMerge(rank: 0, text: ""))
        #expect(failure(model(vocab: vocab, merges: #"[["a"]]"#)) == .invalidMerge(rank: 0, text: "an array of 1"))
        #expect(failure(model(vocab: vocab, merges: "[7]")) == .invalidMerge(rank: 0, text: "a number"))
    }

    @Test("components that are not implemented are named")
    func unsupported() {
        func with(_ rest: String) -> TokenizerError? { failure(model(vocab: #"{"a":0}"#, rest: "," + rest)) }
        #expect(
            with(#""normalizer":{"type":"Precompiled"}"#) == .unsupported(component: "normalizer", name: "Precompiled")
        )
        #expect(
            with(#""pre_tokenizer":{"type":"Split","pattern":{"Regex":"x+"},"behavior":"Isolated","invert":false}"#)
                == .unsupportedPattern("x+")
        )
        #expect(with(#""decoder":{"type":"CTC"}"#) == .unsupported(component: "decoder", name: "CTC"))
        #expect(with(#""post_processor":{"type":"Odd"}"#) == .unsupported(component: "post-processor", name: "Odd"))
        #expect(
            failure(#"{"model":{"type":"Unigram","vocab":[]}}"#) == .unsupported(component: "model", name: "Unigram")
        )
        #expect(
            failure("[]")
                == .invalidValue(file: "tokenizer.json", path: "tokenizer", expected: "an object", found: "an array")
        )
        #expect(
            with(#""added_tokens":[{"id":1,"content":"x"},{"id":1,"content":"y"}]"#)
                == .duplicateIdentifier(1, first: "x", second: "y")
        )
        #expect(
            with(#""added_tokens":[{"id":4294967296,"content":"x"}]"#)
                == .identifierOutOfRange(token: "x", identifier: 4_294_967_296, limit: 65_541)
        )
    }

    @Test("a file cut off anywhere is refused")
    func truncated() throws {
        let bytes = Array(try TokenizerReference.resource("no-decoder-words.tokenizer.json"))
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for length in stride(from: 0, through: end, by: 97) {
            do throws(TokenizerError) {
                _ = try Tokenizer(json: Data(bytes[..<length]))
                Issue.record("accepted after \(length) bytes")
            } catch {
                guard case .invalidJSON = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
    }

    @Test("bytes changed at random give a tokenizer or an error")
    func mutated() throws {
        let bytes = Array(try TokenizerReference.resource("plain-words.tokenizer.json"))
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0..<3 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                changed[Int(state % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 32)
            }
            if let tokenizer = try? Tokenizer(json: Data(changed)) {
                let ids = tokenizer.encode("Some text, to see <|start|> 12.", parsingSpecialTokens: true)
                _ = tokenizer.decode(ids)
            }
        }
    }

    @Test(
        "half a megabyte of one letter, space or mark is tokenised in a time that grows with its length",
        arguments: ["gpt2", "llama3", "qwen2", "gemma", "bert"],
        ["a", " ", "\n", "\u{301}", "漢", "1", "'"]
    )
    func oneLetter(_ name: String, _ letter: String) throws {
        try encode(name, letter, byteCount: 500_000)
    }

    /// Seconds, or minutes under a sanitizer; quadratic work would take hours.
    @Test("ten megabytes of one letter", .timeLimit(.minutes(10)), arguments: ["llama3"])
    func tenMegabytes(_ name: String) throws {
        try encode(name, "a", byteCount: 10_000_000)
    }

    private func encode(_ name: String, _ letter: String, byteCount: Int) throws {
        let tokenizer = try TokenizerReference(name).tokenizer
        let text = String(repeating: letter, count: byteCount / letter.utf8.count)
        #expect(tokenizer.encode(text).count <= text.utf8.count + 1)
    }

    @Test("ids outside the vocabulary add nothing")
    func foreignIDs() throws {
        let tokenizer = try TokenizerReference("gpt2").tokenizer
        let size = TokenID(tokenizer.vocabularySize)
        #expect(tokenizer.decode([-1, size, .max, .min]) == "")
        for id in [-1, size, .max, .min] {
            #expect(tokenizer.bytes(of: id) == [])
            #expect(tokenizer.name(of: id) == "")
            #expect(!tokenizer.isSpecial(id))
        }
    }

    @Test("a missing folder is named")
    func missingFolder() {
        let folder = packageFolder.appending(path: "no such folder")
        #expect(
            throws: TokenizerError.unreadableFile(
                path: folder.appending(path: "tokenizer.json").path,
                reason: "there is no such file"
            )
        ) { try Tokenizer.load(folder: folder) }
    }
}
