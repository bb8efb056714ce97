// Options of supervised training on the command line.

internal import ArgumentParser
internal import InterestQueryKit

/// What follows the warm-up of the learning rate.
enum DecayArgument: String, ExpressibleByArgument, CaseIterable {
    case constant, linear, cosine
}

struct SupervisedArguments: ParsableArguments {
    @Option(help: "Number format that matrix products are computed in.")
    var precision = MatrixPrecision.f32

    @Option(help: "Passes over the data; 1 if neither this nor --steps is given.")
    var epochs: Int?

    @Option(help: "Steps of the optimiser.")
    var steps: Int?

    @Option(help: "Pairs of a step; 16 if neither this nor --tokens-per-step is given.")
    var pairsPerStep: Int?

    @Option(help: "The most tokens of a step.")
    var tokensPerStep: Int?

    @Option(help: "The most tokens of one pass: memory grows with it.")
    var tokensPerMicroBatch = 1024

    @Option(help: "The peak rate; 2e-5, or 2e-4 with --lora, if not given.")
    var learningRate: Double?

    @Option(help: "How the learning rate goes on after the warm-up.")
    var decay = DecayArgument.cosine

    @Option(help: "Steps over which the learning rate rises.")
    var warmUp = 10

    @Option(help: "The fraction of the learning rate that is left at the end.")
    var finalFraction = 0.0

    @Option(help: "AdamW's decay of matrices.")
    var weightDecay: Float = 0.01

    @Option(help: "The largest norm of a gradient; 0 clips nothing.")
    var clip = 1.0

    @Option(help: "The same seed gives the same weights.")
    var seed: UInt64 = 0

    @Flag(help: "Compute layers again instead of keeping their activations: less memory, more time.")
    var recompute = false

    @Option(help: "Steps between evaluations of held-out pairs; one at the end of each pass if not given.")
    var evaluateEvery: Int?

    @Option(help: "Stop after this many evaluations without a new best loss, with the best weights.")
    var patience: Int?

    @Option(help: "Steps between checkpoints.")
    var checkpointEvery = 100

    @Option(help: "Checkpoints that stay, beside the best one.")
    var keep = 2

    @Flag(help: "Leave pairs out that are too long, instead of refusing them.")
    var skipLong = false

    @Flag(help: "Train low-rank adapters instead of all weights.")
    var lora = false

    @Option(help: "Rank of the adapters.")
    var loraRank = 16

    @Option(help: "Numerator of the adapters' scale; the rank is below.")
    var loraAlpha: Float = 32

    @Option(help: "Probability of dropping a number of an adapter's input.")
    var loraDropout: Float = 0

    func validate() throws {
        if epochs != nil, steps != nil { throw ValidationError("give --epochs or --steps, not both") }
        if pairsPerStep != nil, tokensPerStep != nil {
            throw ValidationError("give --pairs-per-step or --tokens-per-step, not both")
        }
    }

    func options() throws -> SupervisedOptions {
        let decay: LearningRateSchedule.Decay =
            switch decay {
            case .constant: .constant
            case .linear: .linear(finalFraction: finalFraction)
            case .cosine: .cosine(finalFraction: finalFraction)
            }
        return try SupervisedOptions(
            method: lora
                ? .adapters(try LoRAOptions(rank: loraRank, alpha: loraAlpha, dropout: loraDropout)) : .full,
            precision: precision,
            tokensPerMicroBatch: tokensPerMicroBatch,
            stepSize: pairsPerStep.map { .pairs($0) } ?? tokensPerStep.map { .tokens($0) },
            duration: epochs.map { .epochs($0) } ?? steps.map { .steps($0) },
            learningRate: learningRate,
            schedule: try LearningRateSchedule(decay, warmUpSteps: warmUp),
            adamW: try AdamWOptions(weightDecay: weightDecay),
            gradientClipping: clip == 0 ? nil : clip,
            seed: seed,
            recomputesActivations: recompute,
            evaluationInterval: evaluateEvery,
            patience: patience,
            checkpointInterval: checkpointEvery,
            keptCheckpoints: keep,
            longPairs: skipLong ? .skip : .refuse
        )
    }
}
