// Options that say how tokens are drawn.

internal import ArgumentParser
internal import InterestQueryKit

struct SamplingArguments: ParsableArguments {
    @Option(help: "0 takes the most probable token; higher is more varied.")
    var temperature: Float?

    @Option(help: "Draw from this many most probable tokens; 0 is all.")
    var topK: Int?

    @Option(help: "Draw from the most probable tokens that sum to this.")
    var topP: Float?

    @Option(help: "Draw from tokens with at least this share of the best one's probability.")
    var minP: Float?

    @Option(help: "Divides the scores of tokens already there; 1 changes nothing.")
    var repetitionPenalty: Float?

    @Option(help: "How many of the latest tokens the penalty looks at.")
    var repetitionWindow: Int?

    @Option(help: "The same seed gives the same text.")
    var seed: UInt64 = 0

    /// The given options; what is not given is as in `standard`.
    func options(standard: SamplingOptions) throws -> SamplingOptions {
        try SamplingOptions(
            temperature: temperature ?? standard.temperature,
            topK: topK ?? standard.topK,
            topP: topP ?? standard.topP,
            minP: minP ?? standard.minP,
            repetitionPenalty: repetitionPenalty ?? standard.repetitionPenalty,
            repetitionWindow: repetitionWindow ?? standard.repetitionWindow
        )
    }
}
