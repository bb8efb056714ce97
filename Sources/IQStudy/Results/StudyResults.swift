// The results of a study as one value: `results.json`.

package import IQInterest
package import IQTraining

/// Everything that a study found, with how it came about.
package struct StudyResults: Sendable, Codable {
    /// UTC, ISO 8601.
    package var written: String
    package var software: SoftwareDescription
    package var machine: MachineDescription
    package var configuration: JSONTree
    /// Files from outside: models and data.
    package var inputs: [FileFingerprint]
    package var stages: [StageRow]
    /// How the intervals were made.
    package var bootstrap: BootstrapRow
    package var systems: [SystemRow]
    package var differences: [DifferenceRow]
    package var sampling: SamplingRow?
    package var credit: [SeedSummary]
    package var distillation: [KeptRow]
    package var claims: [ClaimRow]
    package var examples: [ExampleRow]

    package struct StageRow: Sendable, Codable, Hashable {
        package var name: String
        package var command: String
        /// `done`, `begun` or `not run`.
        package var state: String
        package var seconds: Double?
        package var calls: Int?

        /// - Throws: ``StudyError/file(path:reason:)`` for a damaged marker.
        package init(_ stage: StudyStage, in folder: StageFolder) throws(StudyError) {
            name = stage.name
            command = stage.commandLine
            switch try folder.state() {
            case .new: state = "not run"
            case .begun(let begun): (state, seconds, calls) = ("begun", begun.seconds, begun.calls)
            case .done(let done): (state, seconds, calls, command) = ("done", done.seconds, done.calls, done.command)
            }
        }
    }

    package struct BootstrapRow: Sendable, Codable, Hashable {
        package var resamples: Int
        package var level: Double
        package var seed: UInt64
    }

    /// A system with all its measures.
    package struct SystemRow: Sendable, Codable, Hashable {
        package var label: String
        package var stage: String
        package var isMeasured: Bool
        package var people: Int
        package var measures: [String: ConfidenceInterval]
        /// Lists a second of wall time; nil for a system that writes none.
        package var usersPerSecond: Double?
        package var lists: Int?
        package var distinctLists: Int?
        /// The share of people who have the list that most have.
        package var mostFrequentShare: Double?
        package var paper: PaperRow?
    }

    /// A mean difference, paired by person.
    package struct DifferenceRow: Sendable, Codable, Hashable {
        package var label: String
        package var reference: String
        package var measure: String
        package var difference: ConfidenceInterval
    }

    /// What N is worth.
    package struct SamplingRow: Sendable, Codable, Hashable {
        package var label: String
        package var people: Int
        package var counts: [Int]
        /// Of the list with the largest reward among so many, by measure.
        package var best: [String: [ConfidenceInterval?]]
        package var mergedCounts: [Int]
        /// Of the list that so many agree on.
        package var merged: [String: [ConfidenceInterval?]]
        /// Of the best of each count less the mean of one.
        package var gains: [String: [ConfidenceInterval?]]
    }

    /// A kind of policy over seeds.
    package struct SeedSummary: Sendable, Codable, Hashable {
        package var label: String
        package var seeds: [UInt64]
        package var means: [String: Double]
        package var lowest: [String: Double]
        package var highest: [String: Double]
    }

    /// How much of the teacher's gain a student keeps.
    package struct KeptRow: Sendable, Codable, Hashable {
        package var student: String
        package var measure: String
        package var share: ConfidenceInterval?
    }

    /// Something that the paper claims.
    package struct ClaimRow: Sendable, Codable, Hashable {
        package enum Verdict: String, Sendable, Codable { case notSeen = "not seen", unclear, seen, notRun = "not run" }
        package var claim: String
        package var verdict: Verdict
        package var evidence: String
    }

    /// The lists of one person.
    package struct ExampleRow: Sendable, Codable, Hashable {
        package var person: String
        package var lists: [LabelledList]

        package struct LabelledList: Sendable, Codable, Hashable {
            package var label: String
            package var queries: [String]
        }
    }

    package func system(_ label: String) -> SystemRow? { systems.first { $0.label == label } }

    package func difference(_ measure: StudyMeasure, of label: String, to reference: String) -> ConfidenceInterval? {
        differences.first { $0.label == label && $0.reference == reference && $0.measure == measure.name }?.difference
    }
}
