// `interest-query model convert`: a model written as a GGUF file or as a Hugging Face folder.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct ModelConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a model as a GGUF file or as a Hugging Face folder, in another number format if asked for.",
        discussion: """
            A name that ends in .gguf makes a file, any other one a folder. Files hold f32, f16, bf16, q8_0 or q4_0, folders f32, f16 or \
            bf16; without --format each matrix keeps the format it has where the output can hold it. Tokenizer files are \
            copied from folder to folder and kept from file to file; a folder made of a GGUF file has none.
            """
    )

    @Argument(help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Option(name: [.short, .long], help: "The .gguf file or the folder to write.")
    var out: String

    @Option(help: "Number format of the matrices.")
    var format: NumberFormat?

    @Flag(help: "Write over a file or into a folder that is there.")
    var force = false

    /// What belongs to the tokenizer in a Hugging Face folder.
    private static let tokenizerFiles = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json",
        "chat_template.jinja", "vocab.json", "merges.txt", "tokenizer.model", "added_tokens.json",
    ]

    func run() async throws {
        let source = URL(fileURLWithPath: model)
        let destination = URL(fileURLWithPath: out)
        if !force, FileManager.default.fileExists(atPath: destination.path) {
            throw CommandFailure(
                message: "\(out) is there already; --force writes over it",
                code: CommandFailure.cannotCreate
            )
        }
        let context = try ComputeContext()
        let loaded = try loadModel(at: source, precision: .stored, context: context)
        guard case .decoder(let configuration, let weights) = loaded.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
        }
        if out.lowercased().hasSuffix(".gguf") {
            try saveGGUF(
                configuration,
                weights,
                vocabulary: loaded.vocabulary,
                name: ModelInformation(loaded).name,
                to: destination,
                format: format,
                context: context
            )
            if loaded.vocabulary == nil {
                StandardError.write(
                    "interest-query: note: \(out) has no tokenizer, as a folder's cannot be put into GGUF\n"
                )
            }
        } else {
            try saveFolder(
                configuration,
                weights,
                specialTokens: SpecialTokenIDs(
                    beginningOfText: loaded.tokenizer?.beginningOfText.map { Int($0) },
                    endOfText: loaded.tokenizer?.endOfText.map { Int($0) },
                    padding: loaded.tokenizer?.padding.map { Int($0) }
                ),
                to: destination,
                format: format,
                context: context
            )
            try copyTokenizer(of: loaded, to: destination)
        }
        let written = try loadModel(at: destination, precision: .stored, context: context)
        let information = ModelInformation(written)
        StandardError.write(
            "\(out): \(information.parameters) parameters, \(information.weightBytes) bytes of weights, "
                + "\(information.bytesByFormat.keys.sorted().joined(separator: ", "))\n"
        )
    }

    private func copyTokenizer(of loaded: LoadedModel, to folder: URL) throws {
        guard loaded.fileFormat == .huggingFaceFolder else {
            StandardError.write("interest-query: note: \(out) has no tokenizer files, as those of GGUF are no files\n")
            return
        }
        let manager = FileManager.default
        for name in Self.tokenizerFiles {
            let from = URL(fileURLWithPath: loaded.path).appendingPathComponent(name)
            let to = folder.appendingPathComponent(name)
            guard manager.fileExists(atPath: from.path), from.standardizedFileURL != to.standardizedFileURL else {
                continue
            }
            do {
                try (try Data(contentsOf: from)).write(to: to, options: .atomic)
            } catch {
                throw CommandFailure(
                    message: "\(to.path) cannot be written: \(error)",
                    code: CommandFailure.cannotCreate
                )
            }
        }
    }
}
