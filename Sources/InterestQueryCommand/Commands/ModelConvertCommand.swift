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
            bf16; without --format each matrix keeps the format it has where the output can hold it. The tokenizer goes with the \
            model: copied from folder to folder and from file to file, written anew between the two.
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
        if out.lowercased().hasSuffix(".gguf") {
            guard case .decoder = loaded.weights else {
                throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
            }
            try loaded.saveGGUF(to: destination, format: format, context: context)
        } else {
            try loaded.saveFolder(to: destination, format: format, context: context)
        }
        let written = try loadModel(at: destination, precision: .stored, context: context)
        let information = ModelInformation(written)
        StandardError.write(
            "\(out): \(information.parameters) parameters, \(information.weightBytes) bytes of weights, "
                + "\(information.bytesByFormat.keys.sorted().joined(separator: ", "))\n"
        )
    }
}
