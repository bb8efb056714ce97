// Workload W8: lists for many people, and the prompts that they begin with.

internal import IQInterest
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension BenchCommand {
    /// People served a second: each has a prompt of tokens, and gets a list of a fixed number of the most probable tokens. As soon as a
    /// list is complete the next person takes its place, as in `generate`.
    func measureServing() async throws {
        let people = try tokenLists()
        guard !people.isEmpty else {
            throw CommandFailure(message: "\(prompts ?? "") holds no prompts", code: CommandFailure.data)
        }
        // What all people's prompts begin with is the instruction.
        let beginning = people.dropFirst().reduce(max(0, people[0].count - 1)) { count, other in
            min(max(0, other.count - 1), zip(people[0], other).prefix(count).prefix { $0 == $1 }.count)
        }
        let engine = try await InferenceEngine(
            modelAt: URL(fileURLWithPath: model),
            options: try EngineOptions(
                compute: try ComputeOptions(threads: threads, level: level),
                quantizedProduct: product,
                cacheFormat: cache,
                maximumBatch: together
            )
        )
        for _ in 0..<warmUp { _ = try await serve(people.prefix(together), beginning: beginning, with: engine) }
        for _ in 0..<rounds {
            var rates: [Double] = []
            var written: [TokenID] = []
            for _ in 0..<steps {
                let start = ContinuousClock.now
                written = try await serve(people[...], beginning: beginning, with: engine)
                rates.append(Double(people.count) / ((ContinuousClock.now - start) / .seconds(1)))
            }
            let round = BenchmarkRound(
                workload: workload.rawValue,
                format: engine.information.mainFormat,
                unit: "users/s",
                values: rates,
                tokens: Array(written.prefix(16)),
                peakResidentBytes: peakResidentBytes()
            )
            try StandardOutput.write(Self.line(round))
        }
    }

    /// Writes a list for each prompt; returns the first one's tokens.
    private func serve(_ people: ArraySlice<[TokenID]>, beginning: Int, with engine: InferenceEngine) async throws
        -> [TokenID]
    {
        let generation = try await ContinuousGeneration(
            engine: engine,
            options: try GenerationOptions(maximumTokens: newTokens, sampling: .greedy, stopsAtEndOfText: false)
        )
        var waiting = people.makeIterator()
        var appended = 0
        var finished = 0
        var first: [TokenID] = []
        while finished < people.count {
            try Task.checkCancellation()
            // One that waits for each that is written, so that no place is ever empty.
            while appended - finished < 2 * together, let prompt = waiting.next() {
                _ = try await generation.append(prompt, beginning: beginning, stream: UInt64(appended))
                appended += 1
            }
            for event in try await generation.step() {
                guard case .sequenceFinished(let sequence) = event else { continue }
                finished += 1
                if sequence.sequence == 0 { first = sequence.tokens }
            }
        }
        return first
    }

    /// Prints the prompt of each person of a file, as a list of tokens.
    func printPrompts() async throws {
        let options = try InterestQueryOptions(
            prompt: try PromptOptions(style: style, tokenBudget: promptTokens, maximumSignals: maxSignals)
        )
        let generator = try await InterestQueryGenerator(modelAt: URL(fileURLWithPath: model), options: options)
        let encoder = JSONEncoder()
        for try await person in PersonFile(path: signals ?? "") {
            let prompt = try generator.prompt(for: person.signals, language: person.language)
            let tokens = try generator.engine.tokens(of: .chat(prompt.messages))
            try StandardOutput.write(String(decoding: try encoder.encode(tokens), as: UTF8.self) + "\n")
        }
    }
}
