// Who is learnt from, and who judges.

internal import InterestQueryKit

/// How the people of a training set are dealt out.
struct PeopleDeal: Sendable {
    /// To learn from; nil for all.
    var people: Int?
    /// Who judge instead.
    var heldOut: Int
    /// Apart from the training's seed, so that runs of several seeds are judged by the same people.
    var seed: UInt64

    func check() throws(TrainingError) {
        for (name, value) in [("people", people ?? 1), ("heldOutPeople", heldOut + 1)] where value < 1 {
            throw .invalidOption(name: name, value: "\(value)", permitted: "a number that is not negative")
        }
    }
}

/// The training people of a folder in MIND's layout, dealt out alike by the warm-up and the training that follows
/// it, so that those who judge are strangers to both.
struct TrainingPeople {
    /// Everything in the folder, with nobody in both sets.
    let data: EvaluationData
    /// To learn from.
    let samples: [InterestSample]
    /// To judge by.
    let heldOut: [InterestSample]
    /// What was shown to anybody: what queries find.
    let shown: [NewsArticle]
    private let impressions: [String: Impression]

    /// - Throws: ``EvaluationError/leak(person:impressions:)`` for a person in both sets, whose clicks would leak into the training.
    init(_ deal: PeopleDeal, data folder: String) throws {
        let data = try EvaluationData.mind(folder: folder)
        self.data = data
        let everybody = data.training + data.evaluated
        var samples = try InterestSample.samples(of: data.training, articles: data.articles, shown: everybody)
        // The order of the file may mean something; a shuffled one does not.
        var random = RandomStream(seed: deal.seed, stream: Self.stream)
        samples = random.permutation(of: samples.count).map { samples[$0] }
        let held = min(deal.heldOut, max(0, samples.count - 1))
        let wanted = min(deal.people ?? samples.count, samples.count - held)
        self.samples = Array(samples[held..<held + wanted])
        heldOut = Array(samples[..<held])
        let ids = Set(everybody.flatMap { $0.slate.map(\.article) })
        shown = data.articles.filter { ids.contains($0.id) }
        impressions = Dictionary(
            data.training.enumerated().map { (InterestSample.id(of: $1, index: $0), $1) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The impression that a sample was made of.
    func impression(of sample: InterestSample) -> Impression? { impressions[sample.id] }

    /// A random stream that no part of a training uses.
    private static let stream: UInt64 = 3 << 61
}
