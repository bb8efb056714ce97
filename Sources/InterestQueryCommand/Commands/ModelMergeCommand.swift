// `interest-query model merge`: a model with a low-rank adapter's changes in its weights.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct ModelMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Write a model with a low-rank adapter merged into its weights.",
        discussion: """
            The adapter is a folder with adapter_config.json and adapter_model.safetensors, as training here or PEFT writes it. The \
            output is a .gguf file or a Hugging Face folder, as with `model convert`; the model and the adapter stay as they are.
            """
    )

    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Option(name: [.short, .long], help: "The adapter's folder.")
    var adapter: String

    @Option(name: [.short, .long], help: "The .gguf file or the folder to write.")
    var output: String

    @Option(help: "Number format of the matrices.")
    var format: NumberFormat?

    @Flag(help: "Write over a file or into a folder that is there.")
    var force = false

    func run() async throws {
        let destination = URL(fileURLWithPath: output)
        if !force, FileManager.default.fileExists(atPath: destination.path) {
            throw CommandFailure(
                message: "\(output) is there already; --force writes over it",
                code: CommandFailure.cannotCreate
            )
        }
        try mergeAdapter(
            at: URL(fileURLWithPath: adapter),
            into: URL(fileURLWithPath: model),
            to: destination,
            as: output.lowercased().hasSuffix(".gguf") ? .gguf(format) : .huggingFaceFolder(format)
        )
        let written = try loadModel(at: destination, precision: .stored, context: try ComputeContext())
        let information = ModelInformation(written)
        StandardError.write(
            "\(output): \(information.parameters) parameters, \(information.weightBytes) bytes of weights, "
                + "\(information.bytesByFormat.keys.sorted().joined(separator: ", "))\n"
        )
    }
}
