// A study as a directed graph of stages, each a call of this program.

internal import IQInterest
internal import IQTensor

/// One call of `interest-query`, with a folder of its own.
package struct StudyStage: Sendable, Hashable, Codable {
    /// Names the folder: lower-case letters, digits and hyphens.
    package var name: String
    /// The subcommand and its options, without the program and without ``resumeArguments``.
    package var arguments: [String]
    /// Added when a call that was broken off is made again; none where the call itself goes on from what is there.
    package var resumeArguments: [String]
    /// Stages that must be done first, because this one reads what they wrote.
    package var needs: [String]
    /// Files that are written into the folder before the call, by name: configurations that the arguments refer to.
    package var files: [String: String]
    /// The file of the folder that takes the standard output; nil puts it into the log.
    package var standardOutput: String?
    /// What is removed from the folder once the stage is done, such as a training's checkpoints.
    package var temporaries: [String]

    package init(
        name: String,
        arguments: [String],
        resumeArguments: [String] = [],
        needs: [String] = [],
        files: [String: String] = [:],
        standardOutput: String? = nil,
        temporaries: [String] = []
    ) {
        self.name = name
        self.arguments = arguments
        self.resumeArguments = resumeArguments
        self.needs = needs
        self.files = files
        self.standardOutput = standardOutput
        self.temporaries = temporaries
    }

    /// The call as a shell takes it.
    package var commandLine: String { Self.commandLine(arguments) }

    package static func commandLine(_ arguments: [String]) -> String {
        (["interest-query"] + arguments).map(quoted).joined(separator: " ")
    }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./=,:@%+".utf8.contains(byte)
            }
        }
        return isPlain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
    }
}

/// Everything that a stage's result depends on, but the program: two calls with one identity give the same files.
package struct StageIdentity: Sendable, Hashable, Codable {
    package var arguments: [String]
    package var files: [String: String]
    /// Checksums of what comes from outside the study, by path.
    package var inputs: [String: String]
    /// Digests of the stages it needs.
    package var needs: [String: String]

    /// Eight hexadecimal digits that stand for all of it; they notice changes, not forgery.
    package var digest: String {
        // Encoding strings cannot fail.
        CRC32C(((try? JSONText.encoded(self)) ?? "").utf8).hexadecimal
    }

    /// What is not as in another identity, in words; nil if nothing.
    package func change(since earlier: StageIdentity) -> String? {
        if arguments != earlier.arguments {
            let new = arguments.filter { !earlier.arguments.contains($0) }
            let old = earlier.arguments.filter { !arguments.contains($0) }
            return "its command has \(Self.text(new)) instead of \(Self.text(old))"
        }
        for name in files.keys.sorted() where files[name] != earlier.files[name] { return "\(name) is another" }
        for path in inputs.keys.sorted() where inputs[path] != earlier.inputs[path] { return "\(path) is another" }
        for name in needs.keys.sorted() where needs[name] != earlier.needs[name] {
            return "the stage \(name) is another"
        }
        return self == earlier ? nil : "less went into it"
    }

    private static func text(_ arguments: [String]) -> String {
        arguments.isEmpty ? "nothing" : arguments.joined(separator: " ")
    }
}

/// Stages in an order in which they can run.
package struct StudyGraph: Sendable {
    package let stages: [StudyStage]
    private let places: [String: Int]

    /// - Parameter stages: each behind those that it needs.
    /// - Throws: ``StudyError/duplicateStage(_:)``, ``StudyError/unknownStage(_:known:)``,
    ///   ``StudyError/invalidStageName(_:)``.
    package init(_ stages: [StudyStage]) throws(StudyError) {
        var places: [String: Int] = [:]
        for (place, stage) in stages.enumerated() {
            let isName = stage.name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
            guard isName, !stage.name.isEmpty else { throw .invalidStageName(stage.name) }
            // A stage that is needed stands before, so there is no circle.
            for need in stage.needs where places[need] == nil { throw .unknownStage(need, known: places.keys.sorted()) }
            guard places.updateValue(place, forKey: stage.name) == nil else { throw .duplicateStage(stage.name) }
        }
        self.stages = stages
        self.places = places
    }

    /// The stage of a name.
    ///
    /// - Throws: ``StudyError/unknownStage(_:known:)``.
    package func stage(_ name: String) throws(StudyError) -> StudyStage {
        guard let place = places[name] else { throw .unknownStage(name, known: stages.map(\.name)) }
        return stages[place]
    }

    /// These stages and all that they need, in order.
    package func closure(of names: some Sequence<String>) throws(StudyError) -> [StudyStage] {
        var wanted: Set<String> = []
        for name in names { wanted.insert(try stage(name).name) }
        for stage in stages.reversed() where wanted.contains(stage.name) { wanted.formUnion(stage.needs) }
        return stages.filter { wanted.contains($0.name) }
    }

    /// These stages and all that need them, in order: what is to be done again where they are.
    package func dependents(of names: some Sequence<String>) throws(StudyError) -> [StudyStage] {
        var affected: Set<String> = []
        for name in names { affected.insert(try stage(name).name) }
        for stage in stages where !affected.isDisjoint(with: stage.needs) { affected.insert(stage.name) }
        return stages.filter { affected.contains($0.name) }
    }

    /// The identity of every stage.
    ///
    /// - Parameter inputs: checksums of what comes from outside, by path; a stage depends on those whose path is among its arguments.
    package func identities(inputs: [String: String]) -> [String: StageIdentity] {
        var identities: [String: StageIdentity] = [:]
        for stage in stages {
            let used = Set(stage.arguments)
            identities[stage.name] = StageIdentity(
                arguments: stage.arguments,
                files: stage.files,
                inputs: inputs.filter { used.contains($0.key) },
                needs: Dictionary(
                    stage.needs.map { ($0, identities[$0]?.digest ?? "") },
                    uniquingKeysWith: { first, _ in first }
                )
            )
        }
        return identities
    }
}
