// The entry point: parses arguments, runs a subcommand, and turns what went wrong into one line and an exit code.

internal import ArgumentParser

@main
struct InterestQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interest-query",
        abstract: "Write news search queries from what people read, search and visit, with a model on this machine.",
        discussion: """
            Results go to the standard output, progress and problems to the standard error. Exit codes: 0 done, 64 wrong \
            usage, 65 wrong data, 66 missing input, 70 failure within, 73 output that cannot be written, 130 interrupted, \
            141 the reader of the output went away.
            """,
        subcommands: [
            GenerateCommand.self, CleanCommand.self, TrainCommand.self, EvaluateCommand.self, StudyCommand.self,
            IndexCommand.self,
            CompleteCommand.self,
            TokenizeCommand.self, ModelCommand.self, ReportCommand.self, BenchCommand.self, CollectiveCheckCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            try await Interruption.cancelling {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            }
        } catch {
            guard let failure = CommandFailure(error) else { exit(withError: error) }
            if let message = failure.message { StandardError.write("interest-query: \(message)\n") }
            exit(withError: ExitCode(failure.code))
        }
    }
}
