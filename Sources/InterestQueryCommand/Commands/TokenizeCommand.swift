// `interest-query tokenize`: the tokens of a text.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Show the tokens that a text becomes: number and string, one to a line."
    )

    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Argument(help: "The text.")
    var text: String

    @Flag(help: "Recognise the names of special tokens in the text.")
    var special = false

    func run() async throws {
        let context = try ComputeContext(threads: 1)
        let loaded = try loadModel(at: URL(fileURLWithPath: model), precision: .stored, context: context)
        guard let tokenizer = loaded.tokenizer else {
            throw ModelError.missingFile(folder: model, name: "tokenizer.json")
        }
        for token in tokenizer.encode(text, parsingSpecialTokens: special) {
            try StandardOutput.write("\(token)\t\(JSONText.quoted(tokenizer.decode([token])))\n")
        }
    }
}
