// `interest-query complete`: a model's continuation of a text, as it is; for trying a model out and for comparisons.

internal import ArgumentParser
internal import InterestQueryKit

struct CompleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "Continue a text.",
        discussion: """
            The most probable continuation by default, so that it can be compared with other engines on the same weights. The \
            prompt is tokenised as it is, with the beginning-of-text token where the model wants one; with --chat it is put \
            through the model's chat template as the user's message.
            """
    )

    @OptionGroup var engine: EngineArguments
    @OptionGroup var sampling: SamplingArguments

    @Option(name: [.short, .long], help: "The text to continue.")
    var prompt: String

    @Flag(help: "Take the prompt as a user's message.")
    var chat = false

    @Option(help: "A system message in front, with --chat.")
    var system: String?

    @Option(help: "The most new tokens.")
    var maxTokens = 48

    @Flag(help: "Print nothing but the text, without a line break behind it.")
    var raw = false

    @Flag(help: "Print one JSON object: text, tokens, log-probabilities, counts.")
    var json = false

    @Flag(help: "Go on behind an end-of-text token.")
    var ignoreEnd = false

    @Flag(help: "Take names of special tokens in the prompt, such as <|im_start|>, as these tokens.")
    var specialTokens = false

    func validate() throws {
        if specialTokens, chat { throw ValidationError("give --special-tokens or --chat, not both") }
        if system != nil, !chat { throw ValidationError("--system needs --chat") }
        if raw, json { throw ValidationError("give --raw or --json, not both") }
    }

    func run() async throws {
        let options = try GenerationOptions(
            maximumTokens: maxTokens,
            sampling: try sampling.options(standard: .greedy),
            seed: sampling.seed,
            stopsAtEndOfText: !ignoreEnd
        )
        let model = try await InferenceEngine(modelAt: engine.modelURL, options: try engine.engineOptions(batch: 1))
        let messages = (system.map { [.system($0)] } ?? []) + [ChatMessage.user(prompt)]
        let question: GenerationPrompt =
            if chat {
                .chat(messages)
            } else if specialTokens {
                .tokens(model.tokenizer.encode(prompt, addingSpecialTokens: true, parsingSpecialTokens: true))
            } else {
                .text(prompt)
            }
        var shown = 0
        var sequence: GeneratedSequence?
        var summary: GenerationSummary?
        for try await event in model.generate(question, options: options) {
            switch event {
            case .prefilled: break
            case .token(let token):
                shown += token.text.utf8.count
                if !json { try StandardOutput.write(token.text) }
            case .sequenceFinished(let finished): sequence = finished
            case .finished(let last): summary = last
            }
        }
        if let sequence {
            if json {
                try StandardOutput.write(Self.json(sequence, promptTokens: try model.tokens(of: question).count))
            } else {
                try StandardOutput.write(String(decoding: sequence.text.utf8.dropFirst(shown), as: UTF8.self))
                if !raw { try StandardOutput.write("\n") }
            }
        }
        if let summary, !raw, !json {
            StandardError.write(
                "read \(summary.promptTokens) tokens in \(Progress.text(summary.prefillSeconds)) s, wrote "
                    + "\(summary.generatedTokens) at \(Progress.rate(summary.generatedTokens, summary.decodeSeconds)) tokens/s\n"
            )
        }
        if sequence?.reason == .cancelled { throw CommandFailure.interrupted }
    }

    private static func json(_ sequence: GeneratedSequence, promptTokens: Int) -> String {
        let probabilities = sequence.rawLogProbabilities.map { JSONText.number(Double($0)) }.joined(separator: ", ")
        let members = [
            "\"text\": \(JSONText.quoted(sequence.text))",
            "\"tokens\": \(sequence.tokens)",
            "\"logProbabilities\": [\(probabilities)]",
            "\"promptTokens\": \(promptTokens)",
            "\"stopReason\": \(JSONText.quoted(sequence.reason.rawValue))",
        ]
        return "{\(members.joined(separator: ", "))}\n"
    }
}
