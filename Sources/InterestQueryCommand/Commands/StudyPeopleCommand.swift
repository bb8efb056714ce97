// `interest-query study people`: people of a data set as `generate` reads them.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct StudyPeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Write people of a folder in MIND's layout, and the articles of their day, for `generate`.",
        discussion: """
            What people read before becomes their signals; what they clicked is not written. Of train, the people who are held out come \
            first, then those who are learnt from, as the configuration of `train grpo` deals them; of dev, the people whom \
            `evaluate` asks about. Without a history nobody is written. Ids are those of `train pairs --lists` and `study curve`.
            """
    )

    enum Split: String, ExpressibleByArgument, CaseIterable { case train, dev }

    @Option(help: "The JSON file of `train grpo` that deals the people.")
    var config: String

    @Option(name: [.short, .long], help: "A folder in MIND's layout.")
    var data: String

    @Option(help: "The set of people.")
    var split: Split

    @Option(help: "Of dev, the first so many people only.")
    var people: Int?

    @Option(name: [.short, .long], help: "The file of people to write, JSON Lines.")
    var out: String

    @Option(help: "The file of articles to write, JSON Lines: all that were shown to anybody.")
    var articles: String

    func validate() throws {
        if let people, people < 1 { throw ValidationError("--people is \(people); give 1 or more") }
        if people != nil, split == .train { throw ValidationError("--people is for --split dev") }
    }

    func run() throws {
        let configuration: GRPOConfiguration = try ConfigurationFile.read(config)
        let dealt = try TrainingPeople(configuration.deal, data: data)
        let written: [Person] =
            switch split {
            case .train:
                try (dealt.heldOut + dealt.samples).map { try Person(id: $0.id, signals: $0.signals) }
            case .dev:
                try Evaluator(dealt.data, tasks: [.retrieval], people: people).askedPeople
                    .filter { !$0.history.isEmpty }
                    .map { try Person(id: $0.caseID, signals: try $0.signals()) }
            }
        try write(written, to: out)
        try write(dealt.shown, to: articles)
    }

    private func write(_ values: [some Encodable], to path: String) throws {
        let file = try OutputFile(path: path)
        for value in values { try file.write(line: try JSONText.encoded(value)) }
        try file.finish()
    }
}
