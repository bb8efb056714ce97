// `interest-query model info`: architecture, size, formats and tokenizer of a model.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct ModelInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show a model's architecture, size, number formats, context, vocabulary and chat template."
    )

    @Argument(help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let context = try ComputeContext(threads: 1)
        let loaded = try loadModel(at: URL(fileURLWithPath: model), precision: .stored, context: context)
        let information = ModelInformation(loaded)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try StandardOutput.write(String(decoding: try encoder.encode(information), as: UTF8.self) + "\n")
        } else {
            try StandardOutput.write(Self.text(information))
        }
    }

    private static func text(_ information: ModelInformation) -> String {
        let formats = information.bytesByFormat.sorted { $0.value > $1.value }
            .map { "\($0.key) \(megabytes($0.value))" }
            .joined(separator: ", ")
        var rows = [
            ("name", information.name),
            ("architecture", information.architecture),
            ("files", information.fileFormat == .gguf ? "GGUF" : "Hugging Face folder"),
            ("parameters", "\(Progress.text(Double(information.parameters) / 1e6)) million"),
            ("weights in memory", "\(megabytes(information.weightBytes)) (\(formats))"),
            ("layers", "\(information.layers)"),
            ("width", "\(information.width), feed-forward \(information.feedForwardWidth)"),
            ("heads", "\(information.heads) of \(information.headDimension), key/value \(information.kvHeads)"),
            ("vocabulary", "\(information.vocabularySize) tokens"),
            ("context", "\(information.contextLength) tokens"),
        ]
        if information.cacheBytesPerToken > 0 {
            rows.append(("cache", "\(information.cacheBytesPerToken) bytes a token in f32"))
        }
        rows.append(("tokenizer", information.hasTokenizer ? "yes" : "no"))
        rows.append(("chat template", information.hasChatTemplate ? "yes" : "no"))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
        }
        .joined()
    }

    private static func megabytes(_ bytes: Int) -> String { Progress.text(Double(bytes) / 1e6) + " MB" }
}
