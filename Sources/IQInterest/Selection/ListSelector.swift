// Several lists from one prompt, and the best of them.

internal import IQModel
public import IQPolicy

/// Spends more computation on a person: writes several lists and chooses one, or merges them.
///
/// ```swift
/// let reward = try await InterestRewards.standard(articles: today, embedder: embedder)
/// let selector = try ListSelector(
///     generator: generator,
///     method: .best(reward),
///     options: SelectionOptions(candidates: 16, round: 4, minimumGain: 0.02)
/// )
/// let selected = try await selector.list(for: InterestSample(id: person.id, signals: person.signals))
/// ```
///
/// The prompt is read once; the lists go on from forks of its cache. List i draws from random stream `firstStream + i`, so the best
/// of 4 is chosen among the first 4 of the best of 8, and the same seed gives the same list whatever else the engine does.
public struct ListSelector: Sendable {
    /// How several lists become one.
    public enum Method: Sendable {
        /// The list with the largest total; of equal ones the first. Lists that no reward applies to come last. Rewards must
        /// judge a list by itself: a round's lists are judged without those of the other rounds.
        case best(CompositeReward<InterestSample, InterestOutput>)
        /// The queries that the lists agree on.
        case selfConsistent(SelfConsistency)
    }

    public let generator: InterestQueryGenerator
    public let method: Method
    public let options: SelectionOptions
    private let task: InterestTask

    /// - Throws: ``SelectionError/greedySampling(lists:)`` for several lists at temperature 0,
    ///   ``SelectionError/invalidOption(name:value:permitted:)`` for a least gain without a reward to gain, and
    ///   `GenerationError.groupTooLarge` for a round that the engine does not decode together.
    public init(generator: InterestQueryGenerator, method: Method, options: SelectionOptions) throws {
        if options.candidates > 1, generator.options.sampling.temperature == 0 {
            throw SelectionError.greedySampling(lists: options.candidates)
        }
        if case .selfConsistent = method, let gain = options.minimumGain {
            throw SelectionError.invalidOption(
                name: "minimumGain",
                value: "\(gain)",
                permitted: "none for merged lists, which have no reward to gain"
            )
        }
        if let round = options.round, round > generator.engine.maximumBatch {
            throw GenerationError.groupTooLarge(round, maximumBatch: generator.engine.maximumBatch)
        }
        self.generator = generator
        self.method = method
        self.options = options
        task = try InterestTask(tokenizer: generator.engine.tokenizer, options: generator.options)
    }

    /// Lists that are written together before they are judged.
    public var round: Int { options.round ?? min(options.candidates, generator.engine.maximumBatch) }

    /// Writes a person's lists and chooses.
    ///
    /// - Parameters:
    ///   - sample: the person; signals in any order.
    ///   - firstStream: the random stream of the first list. People of one run take streams ``SelectionOptions/maximumCandidates``
    ///     apart, or more.
    /// - Throws: ``InterestQueryError`` if there is nothing to write from, `GenerationError`, what the reward throws, and
    ///   `CancellationError` if the task was cancelled.
    public func list(for sample: InterestSample, firstStream: UInt64 = 0) async throws -> SelectedList {
        let sample = sample.inOrder
        let prompt = try generator.prompt(for: sample.signals, language: sample.language)
        let tokens = try generator.tokens(of: prompt, language: sample.language)
        var candidates: [ListCandidate] = []
        var sequences: [GeneratedSequence] = []
        // Whoever stops asking stops the engine: lists of later rounds are not begun.
        for try await event in generator.engine.generate(
            .tokens(tokens.tokens),
            group: options.candidates,
            together: round,
            firstStream: firstStream,
            beginning: tokens.beginning,
            options: try generator.generationOptions()
        ) {
            guard case .sequenceFinished(let sequence) = event else { continue }
            if sequence.reason == .cancelled { throw CancellationError() }
            sequences.append(sequence)
            guard sequences.count == nextRound(after: candidates.count) else { continue }
            switch try await verdict(on: sequences, after: candidates, for: sample, prompt: prompt) {
            case .more(let judged): candidates = judged
            case .chosen(let selected): return selected
            }
            sequences = []
        }
        // The last round is always chosen from, unless it did not come.
        throw CancellationError()
    }

    /// How many lists are written next.
    func nextRound(after candidates: Int) -> Int { min(round, options.candidates - candidates) }

    /// What comes of a round.
    enum Verdict: Sendable {
        /// More lists are wanted; these are there.
        case more([ListCandidate])
        case chosen(SelectedList)
    }

    /// Judges a round of lists, and chooses if they are enough.
    ///
    /// - Parameters:
    ///   - sequences: of the round, in any order.
    ///   - candidates: of the rounds before.
    ///   - sample: with signals from the oldest to the newest.
    func verdict(
        on sequences: [GeneratedSequence],
        after candidates: [ListCandidate],
        for sample: InterestSample,
        prompt: InterestPrompt
    ) async throws -> Verdict {
        let sequences = sequences.sorted { $0.sequence < $1.sequence }
        let candidates = try await candidates + judged(sequences, for: sample)
        var lastGain: Double?
        if candidates.count < options.candidates {
            lastGain = try options.gainIfEnough(candidates.compactMap(\.score), round: sequences.count)
            if lastGain == nil { return .more(candidates) }
        }
        let (list, origin) = try await choice(among: candidates)
        return .chosen(
            SelectedList(
                list: list,
                origin: origin,
                candidates: candidates,
                lastGain: lastGain,
                promptTokens: prompt.tokens,
                generatedTokens: candidates.reduce(0) { $0 + $1.generatedTokens },
                signalsShown: prompt.signals.count,
                signalsGiven: sample.signals.count
            )
        )
    }

    /// The candidates that sequences are, with their rewards.
    private func judged(_ sequences: [GeneratedSequence], for sample: InterestSample) async throws -> [ListCandidate] {
        let completions = sequences.map { sequence in
            Completion(
                text: sequence.text,
                reason: sequence.reason,
                tokenCount: sequence.tokens.count,
                output: task.output(of: sequence.text, reason: sequence.reason, for: sample)
            )
        }
        var report: RewardReport?
        if case .best(let reward) = method { report = try await reward.report(of: completions, for: sample) }
        return completions.enumerated().map { index, completion in
            var rewards: [String: Double] = [:]
            if let report {
                for (name, value) in zip(report.names, report.values[index]) { rewards[name] = value }
            }
            return ListCandidate(
                list: completion.output.list,
                text: completion.text,
                reason: completion.reason,
                generatedTokens: completion.tokenCount,
                score: report?.totals[index],
                rewards: rewards
            )
        }
    }

    private func choice(among candidates: [ListCandidate]) async throws -> (QueryList, SelectedList.Origin) {
        switch method {
        case .best:
            var best = 0
            for index in candidates.indices.dropFirst() {
                if candidates[index].score ?? -.infinity > candidates[best].score ?? -.infinity { best = index }
            }
            return (candidates[best].list, .candidate(best))
        case .selfConsistent(let consistency):
            let merged = try await consistency.merge(candidates.map(\.list), count: generator.options.queryCount)
            return (QueryList(queries: merged.queries, dropped: []), .merged(support: merged.support))
        }
    }
}

extension InterestSample {
    /// The same with the signals from the oldest to the newest, as prompts and rewards expect them.
    var inOrder: InterestSample {
        InterestSample(
            id: id,
            signals: signals.enumerated()
                .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
                .map(\.element),
            language: language,
            pool: pool,
            laterClicks: laterClicks
        )
    }
}
