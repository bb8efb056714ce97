// What an evaluation is made of: articles, what training may see, and the people it is measured on, kept apart.

/// Articles and impressions for an evaluation, with the people of training and of measurement checked to be different ones.
public struct EvaluationData: Sendable {
    /// In the order of the data; of equal scores the earlier article ranks first.
    public let articles: [NewsArticle]
    /// What popularity and other statistics may be learnt from; nobody of `evaluated` is in it.
    public let training: [Impression]
    /// What is measured.
    public let evaluated: [Impression]

    /// What to do if a person is in both sets.
    public enum SharedPeople: Sendable, Hashable {
        /// Throw ``EvaluationError/leak(person:impressions:)``.
        case refuse
        /// Leave their impressions out of the training set.
        case dropFromTraining
    }

    /// - Parameters:
    ///   - articles: no two with one id.
    ///   - training: impressions of other people than `evaluated`.
    ///   - evaluated: at least one with a click.
    ///   - sharedPeople: what to do if a person is in both.
    /// - Throws: ``EvaluationError``.
    public init(
        articles: [NewsArticle],
        training: [Impression],
        evaluated: [Impression],
        sharedPeople: SharedPeople = .refuse
    ) throws(EvaluationError) {
        var ids: Set<NewsArticle.ID> = []
        for article in articles where !ids.insert(article.id).inserted { throw .duplicateArticle(article.id) }
        guard evaluated.contains(where: { !$0.clicks.isEmpty }) else { throw .noClicks }
        for impression in evaluated {
            for candidate in impression.slate where !ids.contains(candidate.article) {
                throw .unknownArticle(candidate.article, person: impression.person)
            }
        }
        let people = Set(evaluated.map(\.person))
        switch sharedPeople {
        case .refuse:
            try Self.checkNoLeak(of: people, in: training)
            self.training = training
        case .dropFromTraining: self.training = training.filter { !people.contains($0.person) }
        }
        self.articles = articles
        self.evaluated = evaluated
    }

    /// Reads a folder in MIND's layout: `news.tsv`, `train/behaviors.tsv` and `dev/behaviors.tsv`.
    ///
    /// - Parameters:
    ///   - folder: the folder's path.
    ///   - split: the subfolder that is measured.
    ///   - sharedPeople: what to do if a person is in both; MIND as Microsoft distributes it has such people.
    /// - Throws: ``SignalFileError``, ``EvaluationError``.
    public static func mind(
        folder: String,
        split: String = "dev",
        sharedPeople: SharedPeople = .refuse
    ) throws -> EvaluationData {
        try EvaluationData(
            articles: try MINDNewsFile(path: folder + "/news.tsv").readAll(),
            training: try MINDBehaviorsFile(path: folder + "/train/behaviors.tsv").readAll(),
            evaluated: try MINDBehaviorsFile(path: "\(folder)/\(split)/behaviors.tsv").readAll(),
            sharedPeople: sharedPeople
        )
    }

    static func checkNoLeak(of people: Set<String>, in impressions: [Impression]) throws(EvaluationError) {
        let leaked = impressions.filter { people.contains($0.person) }
        guard let first = leaked.first else { return }
        throw .leak(person: first.person.prefix(bytes: 64), impressions: leaked.count)
    }
}

/// What makes an evaluation wrong.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Impressions of evaluated people are among those that statistics are learnt from.
    case leak(person: String, impressions: Int)
    case duplicateArticle(String)
    /// A slate shows an article that there is no text for.
    case unknownArticle(String, person: String)
    /// Nobody clicked anything, so there is nothing to measure.
    case noClicks
    /// A file of query lists has none for a person.
    case noQueries(person: String, path: String)
    /// A line of a file of query lists is none.
    case invalidQueryLine(path: String, line: Int, reason: String)
    /// A ranker gave another number of scores than there are candidates.
    case wrongScoreCount(ranker: String, found: Int, expected: Int)

    public var description: String {
        switch self {
        case .leak(let person, let impressions):
            "\(impressions) training impressions are of evaluated people, such as '\(person)': their clicks would leak into "
                + "popularity; split by person, or drop these people from the training set"
        case .duplicateArticle(let id): "the article '\(id)' is there twice; give each article once"
        case .unknownArticle(let id, let person):
            "a slate of '\(person)' shows the article '\(id)', which is not among the articles; add it"
        case .noClicks: "no impression has a click, so there is nothing to measure"
        case .noQueries(let person, let path): "\(path) has no queries for '\(person)'; add a line for this person"
        case .invalidQueryLine(let path, let line, let reason): "\(path), line \(line): \(reason)"
        case .wrongScoreCount(let ranker, let found, let expected):
            "\(ranker) gave \(found) scores for \(expected) articles; give one for each"
        }
    }
}
