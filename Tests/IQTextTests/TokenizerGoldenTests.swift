// The real WordPiece vocabulary of all-MiniLM-L6-v2 against recorded ids.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import IQText
import Testing
import _IQTestSupport

@Suite("Golden: MiniLM's tokenizer")
struct MiniLMTokenizerGoldenTests {
    @Test(
        "ids of the recorded texts, with [CLS] and [SEP]",
        .enabled(if: ModelFiles.has(ModelFiles.miniLM), "needs \(ModelFiles.miniLM) in the models folder")
    )
    func identifiers() throws {
        let tokenizer = try Tokenizer.load(folder: ModelFiles.url(ModelFiles.miniLM))
        let golden = try JSONDocument(Array(try GoldenFiles.data("minilm.json"))).root
        let items = Array(try #require(golden["items"]?.elements))
        #expect(items.count == 20)
        for item in items {
            let text = try #require(item["text"]?.string)
            #expect(tokenizer.encode(text, addingSpecialTokens: true) == item["ids"]?.ids, "\(text)")
        }
        #expect(tokenizer.unknown == tokenizer.token(named: "[UNK]"))
        #expect(tokenizer.padding == 0)
    }
}
