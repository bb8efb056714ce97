// What the rewards of a task say of a group, without the application's own types.

internal import IQModel

/// Scores of the completions of one sample.
struct GroupScores: Sendable {
    struct Failure: Sendable {
        let reward: String
        let message: String
    }

    /// For each completion the score of every reward.
    var scores: [[RewardScore?]]
    /// For each completion its parts, in UTF-8 bytes of its text.
    var spans: [[Range<Int>]]
    /// By reward.
    var seconds: [Double]
    var cached: [Int]
    var failures: [Failure]
}

/// Judges completions of a sample, which is given by its place.
typealias GroupScorer = @Sendable (_ sample: Int, _ completions: [GeneratedSequence]) async throws -> GroupScores

/// A task with its samples and rewards.
struct TaskScorer<Sample: Sendable, Output: Sendable>: Sendable {
    let task: any PolicyTask<Sample, Output>
    let samples: [Sample]
    let reward: CompositeReward<Sample, Output>

    func scores(_ place: Int, _ sequences: [GeneratedSequence]) async throws -> GroupScores {
        let sample = samples[place]
        let completions = sequences.map { sequence in
            Completion(
                text: sequence.text,
                reason: sequence.reason,
                tokenCount: sequence.tokens.count,
                output: task.output(of: sequence.text, reason: sequence.reason, for: sample)
            )
        }
        let report = try await reward.report(of: completions, for: sample)
        return GroupScores(
            scores: completions.indices.map { completion in report.scores.map { $0[completion] } },
            spans: completions.map(\.spans),
            seconds: report.seconds,
            cached: report.cached,
            failures: report.failures.map { GroupScores.Failure(reward: $0.reward, message: $0.message) }
        )
    }
}

/// Rewards being found, of groups by their places in a step.
struct PendingScores: Sendable {
    var tasks: [(place: Int, task: Task<GroupScores, any Error>)] = []

    /// Begins with a group, beside whatever else this process does.
    mutating func start(place: Int, _ work: @escaping @Sendable () async throws -> GroupScores) {
        tasks.append((place, Task.detached(priority: .userInitiated, operation: work)))
    }

    func cancel() { for task in tasks { task.task.cancel() } }

    /// All scores.
    ///
    /// - Parameter endsWithCaller: whether the caller's cancellation ends the tasks.
    func values(endsWithCaller: Bool) async throws -> [(place: Int, scores: GroupScores)] {
        do {
            return try await withTaskCancellationHandler {
                var values: [(Int, GroupScores)] = []
                for (place, task) in tasks { values.append((place, try await task.value)) }
                return values
            } onCancel: {
                if endsWithCaller { cancel() }
            }
        } catch {
            cancel()
            throw error
        }
    }
}
