// Options of how lists are asked for, the same wherever a model writes them.

internal import ArgumentParser
internal import InterestQueryKit

struct QueryListArguments: ParsableArguments {
    @Option(help: "How the model is asked: by examples (small models) or by instruction.")
    var style = PromptStyle.examples

    @Option(help: "The most queries of a list.")
    var count = 5

    @Option(help: "The fewest queries of a list; 3, or the most if that is less, if not given. The grammar sees to it.")
    var minimumCount: Int?

    @Option(help: "The longest list, in tokens.")
    var maxTokens = 128

    @Option(help: "The longest prompt, in tokens.")
    var promptTokens = 640

    @Option(help: "The most signals that a prompt shows.")
    var maxSignals = 16

    @Flag(help: "Let the model write freely instead of holding it to the format.")
    var noGrammar = false

    func validate() throws {
        let least = minimumCount ?? min(3, count)
        if least < 1 || least > count {
            throw ValidationError(
                "--minimum-count is \(least) and --count \(count); give 1 or more, and no more than --count"
            )
        }
    }

    func options(
        format: QueryListFormat,
        sampling: SamplingOptions = InterestQueryOptions.standardSampling,
        seed: UInt64
    ) throws -> InterestQueryOptions {
        try InterestQueryOptions(
            format: format,
            queryCount: (minimumCount ?? min(3, count))...count,
            usesGrammar: !noGrammar,
            sampling: sampling,
            maximumTokens: maxTokens,
            seed: seed,
            prompt: try PromptOptions(style: style, tokenBudget: promptTokens, maximumSignals: maxSignals)
        )
    }
}
