// `interest-query study`: the paper's tables by one command.

internal import ArgumentParser
internal import InterestQueryKit

struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Train, distil, sample and measure, and write the paper's tables.",
        discussion: """
            A study is a graph of stages, each a call of this program in a process and a folder of its own. What is done is passed \
            over, what was broken off goes on: the same command after Ctrl-C, a kill or a crash ends with the same results. \
            Studies in one folder share their stages. results.json, results.md and diagrams are written from what is there.
            """,
        subcommands: [
            StudyAllCommand.self, StudySamplingCommand.self, StudyCapacityCommand.self, StudyDistillationCommand.self,
            StudyRewardsCommand.self, StudyCreditCommand.self, StudyPlanCommand.self, StudyResultsCommand.self,
            StudyConfigurationCommand.self, StudyPeopleCommand.self, StudyCurveCommand.self,
        ]
    )
}

/// A study that runs.
protocol RunningStudy: AsyncParsableCommand {
    static var study: Study { get }
    var arguments: StudyArguments { get }
    var running: StudyRunArguments { get }
}

extension RunningStudy {
    mutating func run() async throws {
        let workspace = try arguments.workspace()
        let stages = try workspace.stages(of: Self.study, only: running.only)
        if running.dryRun { return try StandardOutput.write(try workspace.list(stages)) }
        try await workspace.run(stages, running)
        try workspace.writeResults()
        try StandardOutput.write(workspace.folder + "/results.md\n")
    }
}

struct StudyAllCommand: RunningStudy {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "Every study, and the baselines.")
    static let study = Study.all
    @OptionGroup var arguments: StudyArguments
    @OptionGroup var running: StudyRunArguments
}

struct StudySamplingCommand: RunningStudy {
    static let configuration = CommandConfiguration(
        commandName: "sampling",
        abstract: "What the best of N lists is worth, from one sampling of the teacher."
    )
    static let study = Study.sampling
    @OptionGroup var arguments: StudyArguments
    @OptionGroup var running: StudyRunArguments
}

struct StudyCapacityCommand: RunningStudy {
    static let configuration = CommandConfiguration(
        commandName: "capacity",
        abstract: "Models with fewer layers, given the same training."
    )
    static let study = Study.capacity
    @OptionGroup var arguments: StudyArguments
    @OptionGroup var running: StudyRunArguments
}

struct StudyDistillationCommand: RunningStudy {
    static let configuration = CommandConfiguration(
        commandName: "distillation",
        abstract: "Students undistilled, taught by the teacher's lists, and taught on their own."
    )
    static let study = Study.distillation
    @OptionGroup var arguments: StudyArguments
    @OptionGroup var running: StudyRunArguments
}

struct StudyRewardsCommand: RunningStudy {
    static let configuration = CommandConfiguration(
        commandName: "rewards",
        abstract: "Policies trained without one reward each."
    )
    static let study = Study.rewards
    @OptionGroup var arguments: StudyArguments
    @OptionGroup var running: StudyRunArguments
}

struct StudyCreditCommand: RunningStudy {
    static let configuration = CommandConfiguration(
        commandName: "credit",
        abstract: "Policies with and without credit for each query, over several seeds."
    )
    static let study = Study.credit
    @OptionGroup var arguments: StudyArguments
    @OptionGroup var running: StudyRunArguments
}

struct StudyPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print all stages, what became of them, and their commands."
    )
    @OptionGroup var arguments: StudyArguments

    func run() throws {
        let workspace = try arguments.workspace()
        try StandardOutput.write(try workspace.list(try workspace.stages(of: .all)))
    }
}

struct StudyResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "Write the results again from the stages that are done."
    )
    @OptionGroup var arguments: StudyArguments

    func run() throws {
        let workspace = try arguments.workspace()
        try workspace.writeResults()
        try StandardOutput.write(workspace.folder + "/results.md\n")
    }
}

struct StudyConfigurationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configuration",
        abstract: "Print a preset as a file for --config."
    )
    @Option(help: "The preset.")
    var preset = StudyArguments.Preset.small

    func run() throws {
        switch preset {
        case .small: try StandardOutput.write(StudyConfiguration.small)
        }
    }
}
