// `interest-query model cut`: a smaller student with some of a teacher's layers.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct ModelCutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut",
        abstract: "Write a smaller model that keeps some of a model's layers.",
        discussion: """
            The beginning of a student for distillation: train it before use. The output is a .gguf file or a Hugging Face \
            folder, as with `model convert`.
            """
    )

    /// How `--layers` chooses.
    enum Placement: String, ExpressibleByArgument, CaseIterable {
        case spaced, first
    }

    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Option(help: "How many layers to keep.")
    var layers: Int?

    @Option(help: "Which: evenly spaced ones with the first and the last, or the first ones.")
    var placement = Placement.spaced

    @Option(help: "The layers to keep, counted from 0: such as 0,3,6,9.")
    var layerNumbers: String?

    @Option(help: "Units to keep in each feed-forward, those with the largest weights; all by default.")
    var feedForwardWidth: Int?

    @Option(name: [.short, .long], help: "The .gguf file or the folder to write.")
    var output: String

    @Option(help: "Number format of the matrices.")
    var format: NumberFormat?

    @Flag(help: "Write over a file or into a folder that is there.")
    var force = false

    private func plan() throws -> StudentPlan {
        switch (layers, layerNumbers) {
        case (let count?, nil):
            return StudentPlan(
                layers: placement == .first ? .first(count) : .spaced(count),
                feedForwardWidth: feedForwardWidth
            )
        case (nil, let text?):
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let numbers = parts.compactMap { Int($0) }
            guard numbers.count == parts.count else {
                throw ValidationError("--layer-numbers \(text): give numbers with commas between them, such as 0,3,6,9")
            }
            return StudentPlan(layers: .chosen(numbers), feedForwardWidth: feedForwardWidth)
        default: throw ValidationError("give either --layers or --layer-numbers")
        }
    }

    func run() async throws {
        let plan = try plan()
        let destination = URL(fileURLWithPath: output)
        if !force, FileManager.default.fileExists(atPath: destination.path) {
            throw CommandFailure(
                message: "\(output) is there already; --force writes over it",
                code: CommandFailure.cannotCreate
            )
        }
        try cutStudent(
            from: URL(fileURLWithPath: model),
            plan: plan,
            to: destination,
            as: output.lowercased().hasSuffix(".gguf") ? .gguf(format) : .huggingFaceFolder(format)
        )
        let information = ModelInformation(
            try loadModel(at: destination, precision: .stored, context: try ComputeContext())
        )
        StandardError.write(
            "\(output): \(information.parameters) parameters, \(information.weightBytes) bytes of weights\n"
        )
    }
}
