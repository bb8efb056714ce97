// Options of every command that can clean signals.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct CleaningArguments: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: "Leave this rule of cleaning out; may be given again. One of \(ruleNames.joined(separator: ", "))."
    )
    var withoutRule: [String] = []

    @Option(
        parsing: .singleValue,
        help: "Accept texts in this language, such as en; may be given again. All if not given."
    )
    var acceptLanguage: [String] = []

    @Option(help: "A cleaner that `train cleaner` made (a folder); needs --encoder.")
    var cleaner: String?

    @Option(help: "The sentence encoder of --cleaner (a Hugging Face folder).")
    var encoder: String?

    @Option(help: "A BERT or RoBERTa classifier (a Hugging Face folder) that tells noise.")
    var classifier: String?

    @Option(parsing: .singleValue, help: "A class of --classifier that means noise; may be given again.")
    var noiseLabel: [String] = []

    @Option(
        help:
            "Drop from this probability of noise on; the cleaner's own threshold, or 0.5 for --classifier, if not given."
    )
    var noiseThreshold: Double?

    static let ruleNames = CleaningOptions.standard(languages: ["en"]).ruleNames

    func validate() throws {
        for name in withoutRule where !Self.ruleNames.contains(name) {
            throw ValidationError("there is no rule '\(name)'; use \(Self.ruleNames.joined(separator: ", "))")
        }
        if let noiseThreshold, !(noiseThreshold > 0 && noiseThreshold <= 1) {
            throw ValidationError("--noise-threshold is \(noiseThreshold); give a number above 0 and up to 1")
        }
        for tag in acceptLanguage
        where !LanguageIdentifier.languages.contains(String(tag.lowercased().prefix { $0 != "-" })) {
            let known = LanguageIdentifier.languages.sorted().joined(separator: ", ")
            throw ValidationError("--accept-language '\(tag)' is not known; use one of \(known)")
        }
        if (cleaner == nil) != (encoder == nil) { throw ValidationError("give --cleaner and --encoder together") }
        if cleaner != nil, classifier != nil { throw ValidationError("give --cleaner or --classifier, not both") }
        if classifier != nil, noiseLabel.isEmpty { throw ValidationError("--classifier needs --noise-label") }
        if classifier == nil, !noiseLabel.isEmpty { throw ValidationError("--noise-label needs --classifier") }
    }

    func options() -> CleaningOptions {
        CleaningOptions.standard(languages: acceptLanguage.isEmpty ? nil : Set(acceptLanguage)).without(
            Set(withoutRule)
        )
    }

    /// The learned judge, if one is asked for.
    func scorer(threads: Int?) async throws -> (any NoiseScorer)? {
        let compute = try ComputeOptions(threads: threads)
        if let cleaner, let encoder {
            return try await NoiseHead(
                at: URL(fileURLWithPath: cleaner),
                embedder: try await TextEmbedder(modelAt: URL(fileURLWithPath: encoder), compute: compute),
                threshold: noiseThreshold
            )
        }
        guard let classifier else { return nil }
        return try ClassifierNoiseScorer(
            try await TextClassifier(modelAt: URL(fileURLWithPath: classifier), compute: compute),
            noiseLabels: Set(noiseLabel),
            threshold: noiseThreshold ?? 0.5
        )
    }

    func signalCleaner(threads: Int?) async throws -> SignalCleaner {
        SignalCleaner(options: options(), scorer: try await scorer(threads: threads))
    }
}
